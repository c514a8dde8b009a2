// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

@testable import CanaryGit

/// What git prints about a repository, and the names in it.
enum GitInput {
    static func read(_ bytes: UnsafeRawBufferPointer) {
        let output = Array(bytes)
        let log = CommitLog(output, project: "imath")
        for commit in log.commits {
            for text in [commit.subject, commit.author] { requireOneLine(text ?? "") }
        }
        if let hole = log.hole(before: log.commits.first?.revision ?? "") { require(!hole.isEmpty, "a reason") }
        _ = ChangedPaths(output)
        _ = CommandWords(output.split(separator: 10).prefix(64).map { String(decoding: $0, as: UTF8.self) })
        // As much of git's errors is kept.
        requireOneLine(GitWords.failure(in: Array(output.suffix(8 << 10)), otherwise: .fetchUnreachable).detail)
        for line in output.split(separator: 0) { _ = TreeEntry(line) }
        _ = MirrorTransfer.refs(in: output)
        _ = SubmoduleMirrors.declared(in: output)
        readIndex(bytes)
        for line in output.split(separator: 10).prefix(64) { readName(String(decoding: line, as: UTF8.self)) }
        readIgnoreRules(output)
    }

    private static func requireOneLine(_ text: String) {
        let isOneLine = !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
        require(isOneLine, "text without control characters, found \(text.debugDescription)")
    }

    private static func readName(_ name: String) {
        if GitReference.isName(name) { require(GitReference.isArgument(name), "a name that is an argument") }
        for parent in ["https://example.org/a/b.git", "/srv/git/a.git", "git@example.org:a/b.git"] {
            guard let address = SubmoduleAddress.resolve(name, against: parent) else { continue }
            requireOneLine(address)
            require(!address.hasPrefix("-"), "no option, found `\(address)`")
            let isLocal = address.hasPrefix("/") || address.hasPrefix("file://")
            require(!isLocal || parent.hasPrefix("/"), "no folder of this host, found `\(address)`")
        }
    }

    private static func readIndex(_ bytes: UnsafeRawBufferPointer) {
        guard let index = CheckoutIndex(at: Scratch.write(bytes, to: "index"), hashBytes: 20) else { return }
        _ = PathCollision(in: index.entries.map(\.path), ignoringCase: true)
        _ = LargeFiles(folder: ".", index: index, isPart: true).first { _ in true }
    }

    /// The first line is a glob, the others are paths.
    private static func readIgnoreRules(_ output: [UInt8]) {
        let lines = output.split(separator: 10, maxSplits: 64).map { String(decoding: $0, as: UTF8.self) }
        guard let pattern = lines.first, let rules = try? IgnoreRules(patterns: [pattern]) else { return }
        for path in lines.dropFirst() { _ = rules.ignores(path) }
    }
}
