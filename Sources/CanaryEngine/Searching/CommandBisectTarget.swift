// SPDX-License-Identifier: Apache-2.0

package import CanaryGit
import CanaryModel
package import CanaryRunner
import CanaryText
import Foundation

/// What `bisect command` is asked, with all names looked up.
package struct CommandBisectTarget: Sendable {
    /// The repository.
    package let repository: Repository
    /// The commit that is said to be good.
    package let good: String
    /// The commit that is said to be bad.
    package let bad: String
    /// What both grew from: `good` itself on a straight line.
    package let base: String
    /// The command; what is no file of the commits has a whole path.
    package let words: [String]

    /// Looks up the two ends.
    ///
    /// - Parameters:
    ///   - path: the repository or a folder in it.
    ///   - words: the command, not empty.
    ///   - folder: the caller's; files there that the commits do not have are found from worktrees too.
    /// - Throws: `EngineError` `badRequest`.
    package static func make(
        repository path: String, good: String, bad: String, words: [String], folder: String, git: Git
    ) async throws(EngineError) -> CommandBisectTarget {
        let repository: Repository
        do {
            repository = try await Repository.open(path, git: git)
        } catch {
            throw EngineError(
                .badRequest, "`\(path)` is not in a git repository: \(error.detail)",
                hint: "name one with `--repository`")
        }
        let ends = (
            good: try await commit(good, "--good", in: repository), bad: try await commit(bad, "--bad", in: repository)
        )
        let base = try await base(of: ends, in: repository)
        let rooted = await rootedWords(words, folder: folder, in: repository, at: [ends.bad, base])
        return CommandBisectTarget(repository: repository, good: ends.good, bad: ends.bad, base: base, words: rooted)
    }

    // MARK: - The two ends

    private static func commit(
        _ name: String, _ option: String, in repository: Repository
    ) async throws(EngineError) -> String {
        if let commit = await repository.commit(name) { return commit }
        let isID = name.wholeMatch(of: /[0-9a-fA-F]{7,64}/) != nil
        let reason =
            repository.isShallow
            ? "the repository is shallow: `git fetch --unshallow` gets the rest of its history"
            : isID
                ? "a force-push may have left it behind: `git fetch origin \(name)` gets it while the server has it"
                : "expected a commit, a branch or a tag; `git fetch --tags` gets new ones"
        throw EngineError(
            .badRequest, "`\(option) \(name)`: `\(repository.name)` has no such commit", hint: reason)
    }

    private static func base(
        of ends: (good: String, bad: String), in repository: Repository
    ) async throws(EngineError) -> String {
        guard ends.good != ends.bad else {
            throw EngineError(
                .badRequest, "good and bad are the same commit `\(ends.good.shortRevision)`",
                hint: "`--good` names an older commit that passes, `--bad` (by default `HEAD`) one that fails")
        }
        let base = await repository.mergeBase(ends.good, ends.bad)
        if repository.isShallow, base != ends.good {
            throw EngineError(
                .badRequest, "the repository is shallow: its history does not lead from bad back to good",
                hint: "`git fetch --unshallow` gets the rest")
        }
        guard let base else {
            throw EngineError(
                .badRequest, "`\(ends.good.shortRevision)` and `\(ends.bad.shortRevision)` have no common ancestor",
                hint: "both must be commits of one history")
        }
        guard base != ends.bad else {
            throw EngineError(
                .badRequest,
                "good and bad are swapped: `\(ends.bad.shortRevision)` is an ancestor of "
                    + "`\(ends.good.shortRevision)`",
                hint: "`--good` is the older one; to find what mended something, let the command exit with the opposite"
            )
        }
        return base
    }

    // MARK: - The command

    private static let interpreters: Set<String> = [
        "sh", "bash", "dash", "ksh", "zsh", "fish", "python", "python3", "perl", "ruby", "node", "env",
    ]

    /// `words` as they mean the same in a worktree: a script that only the caller's folder has gets a whole path.
    private static func rootedWords(
        _ words: [String], folder: String, in repository: Repository, at revisions: [String]
    ) async -> [String] {
        var rooted = words
        var index = 0
        if let first = words.first, !first.contains("/"), interpreters.contains(first) {
            guard let script = words.dropFirst().firstIndex(where: { !$0.hasPrefix("-") }), script == 1 else {
                return words
            }
            index = script
        }
        guard words.indices.contains(index) else { return words }
        let word = words[index]
        guard index > 0 || word.contains("/"), !word.hasPrefix("/") else { return words }
        for revision in revisions where await repository.holds(word, at: revision) { return words }
        let path = URL(fileURLWithPath: word, relativeTo: URL(fileURLWithPath: folder, isDirectory: true)).path
        if FileManager.default.fileExists(atPath: path) { rooted[index] = path }
        return rooted
    }

    /// The program, found; see `CommandProbe`.
    ///
    /// - Throws: `EngineError` `badRequest` when it cannot be executed.
    package func probe(environment: [String: String]) async throws(EngineError) -> CommandProbe {
        let word = words.first ?? ""
        let isInTree = word.contains("/") ? await isInCommits(word) : false
        if Self.interpreters.contains(word), word != "env", words.count > 1, !words[1].hasPrefix("-"),
            !words[1].hasPrefix("/"), await !isInCommits(words[1])
        {
            throw EngineError(
                .badRequest, "there is no `\(words[1])` for `\(word)`, neither here nor in the commits",
                hint: "name a script of the folder you stand in, of the commits, or by its whole path")
        }
        do {
            return try CommandProbe(words, environment: environment) { _ in isInTree }
        } catch {
            throw EngineError(.badRequest, "the command cannot be executed: \(error.detail)")
        }
    }

    /// Whether one of the two ends has `path`, which is relative.
    private func isInCommits(_ path: String) async -> Bool {
        guard !path.hasPrefix("/") else { return false }
        for revision in [bad, base] where await repository.holds(path, at: revision) { return true }
        return false
    }

    /// A digest of range, words, and content of every word that is a file of the caller's.
    package func digest(folder: String) -> String {
        var hasher = FieldHasher()
        hasher.add(list: ["canary bisect command 1", good, bad] + words)
        let root = URL(fileURLWithPath: folder, isDirectory: true)
        for word in words {
            let path = URL(fileURLWithPath: word, relativeTo: root).path
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue,
                let content = FileManager.default.contents(atPath: path)
            else { continue }
            hasher.add(word)
            content.withUnsafeBytes { hasher.add(bytes: $0) }
        }
        return hasher.finish()
    }
}
