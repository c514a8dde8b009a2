// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import Foundation

extension Mirror {
    /// What the source of a held `revision` is: the hash of its tree without ignored paths, and its commit time.
    ///
    /// Of a `subfolder` nothing else counts, and the rules match from its root. One process for a whole tree, two for a
    /// part of one, none when it was asked before. Throws `fetchRevisionMissing` when the revision is not held or has
    /// no such folder.
    package func source(
        at revision: String, ignoring rules: IgnoreRules, folder subfolder: String?
    ) async throws(GitFailure) -> Source {
        let store = SourceStore(path: "\(folder)/canary-sources")
        let part = Self.digest(of: rules, subfolder)
        if let known = store.source(of: revision, part: part) { return known }
        let commit = try await commit(revision)
        let isWhole = subfolder == nil && rules.patterns.isEmpty
        let tree = isWhole ? commit.tree : try await hash(of: revision, subfolder, without: rules)
        let source = Source(
            revision: revision, tree: tree, committedAt: Date(timeIntervalSince1970: TimeInterval(commit.time)))
        store.add(source, part: part)
        return source
    }

    private static func digest(of rules: IgnoreRules, _ subfolder: String?) -> String {
        var hasher = FieldHasher()
        hasher.add("canary source 1")
        hasher.add(subfolder.map { "/" + $0 } ?? "")
        for pattern in rules.patterns { hasher.add(pattern) }
        return hasher.finish()
    }

    private func commit(_ revision: String) async throws(GitFailure) -> (tree: String, time: Int) {
        let answer = try await git.run(
            [repository.option, "cat-file", "commit", revision], within: git.limits.transfer,
            otherwise: .fetchRevisionMissing)
        var tree: String?
        for line in answer.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            let words = line.split(separator: UInt8(ascii: " "))
            if words.isEmpty { break }
            if words[0].elementsEqual("tree".utf8) { tree = words.last.map { String(decoding: $0, as: UTF8.self) } }
            guard words[0].elementsEqual("committer".utf8), words.count > 2, let tree,
                let time = Int(String(decoding: words[words.count - 2], as: UTF8.self))
            else { continue }
            return (tree, time)
        }
        throw GitFailure(reason: .fetchRevisionMissing, detail: "`\(revision)` is not a commit git can read")
    }

    private func hash(
        of revision: String, _ subfolder: String?, without rules: IgnoreRules
    ) async throws(GitFailure) -> String {
        var hasher = FieldHasher()
        for entry in try await entries(of: revision, subfolder) where !rules.ignores(entry.path) {
            hasher.add(entry.facts)
            hasher.add(entry.path)
        }
        return hasher.finish()
    }

    /// All files of a tree, submodules among them.
    func entries(of revision: String, _ subfolder: String?) async throws(GitFailure) -> [TreeEntry] {
        let answer = try await git.run(
            [repository.option, "ls-tree", "-r", "-z", "--full-tree", try Self.tree(revision, subfolder)],
            within: git.limits.transfer, otherwise: .fetchRevisionMissing)
        return answer.split(separator: 0).compactMap(TreeEntry.init)
    }

    /// The name of a revision's tree, or of one folder in it.
    static func tree(_ revision: String, _ subfolder: String?) throws(GitFailure) -> String {
        guard let subfolder else { return revision }
        let names = subfolder.split(separator: "/").filter { $0 != "." }
        // Git reads `..` as relative to where it runs.
        guard !names.contains("..") else {
            throw GitFailure(reason: .fetchRevisionMissing, detail: "`\(subfolder)` leads out of the repository")
        }
        return "\(revision):\(names.joined(separator: "/"))"
    }
}

/// One line of `ls-tree`.
struct TreeEntry {
    /// Mode, type and object, as git writes them.
    let facts: String
    /// From the root of the tree.
    let path: String

    init?(_ line: ArraySlice<UInt8>) {
        guard let tab = line.firstIndex(of: UInt8(ascii: "\t")) else { return nil }
        facts = String(decoding: line[..<tab], as: UTF8.self)
        path = String(decoding: line[(tab + 1)...], as: UTF8.self)
    }

    /// The commit of the submodule that lies here; nil when a file does.
    var submodule: String? {
        facts.hasPrefix("160000 commit ") ? String(facts.dropFirst("160000 commit ".count)) : nil
    }
}
