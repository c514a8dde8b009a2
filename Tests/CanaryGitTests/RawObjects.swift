// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation

@testable import CanaryGit

/// Objects that git itself would not make.
extension TestRepository {
    /// An entry of a tree.
    typealias RawEntry = (mode: String, name: String, object: String)

    /// Writes a file's content.
    func rawFile(_ text: String) -> String { git("hash-object", "-w", "--stdin", input: Data(text.utf8)) }

    /// Writes a tree of exactly these entries.
    func rawTree(_ entries: RawEntry...) -> String { rawTree(entries) }

    /// Writes a tree of exactly these entries.
    func rawTree(_ entries: [RawEntry]) -> String {
        var content = Data()
        for entry in entries {
            content += Data("\(entry.mode) \(entry.name)\0".utf8) + Self.bytes(entry.object)
        }
        return git("hash-object", "-t", "tree", "--literally", "-w", "--stdin", input: content)
    }

    /// Writes a commit of `tree` and puts it at the end of the branch.
    @discardableResult
    func rawCommit(_ tree: String, by person: String = "A <a@canary.invalid> 1700000000 +0000", also line: String = "")
        -> String
    {
        let text = "tree \(tree)\n\(line)author \(person)\ncommitter \(person)\n\nraw\n"
        let commit = git("hash-object", "-t", "commit", "--literally", "-w", "--stdin", input: Data(text.utf8))
        git("update-ref", "refs/heads/main", commit)
        return commit
    }

    private static func bytes(_ hexadecimal: String) -> Data {
        let digits = Array(hexadecimal)
        return Data(
            stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...($0 + 1)]), radix: 16) })
    }
}

extension Mirror {
    /// Puts `commit` of `origin` into the mirror without any check, as older versions did.
    func plant(_ commit: String, of origin: TestRepository) throws {
        try repository.create(format: "sha1")
        shell([
            "git", "--git-dir=\(folder)", "-c", "fetch.fsckObjects=false", "fetch", "--quiet", "--", origin.path,
            "+\(commit):\(MirrorFolder.pin(of: commit))",
        ])
    }
}
