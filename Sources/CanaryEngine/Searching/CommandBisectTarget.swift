// SPDX-License-Identifier: Apache-2.0

package import CanaryGit
import CanaryModel
package import CanaryRunner
import CanaryText
import Foundation

/// A resolved `bisect command`: the repository, its good and bad commits, and the command.
package struct CommandBisectTarget: Sendable {
    /// The repository.
    package let repository: Repository
    /// The commit given as good.
    package let good: String
    /// The commit given as bad.
    package let bad: String
    /// Their merge base; `good` itself in a linear history.
    package let base: String
    /// The command; a script that the commits do not contain has an absolute path.
    package let words: [String]

    /// Resolves good and bad.
    ///
    /// - Parameters:
    ///   - path: the repository or a directory in it.
    ///   - words: the command, not empty.
    ///   - folder: the current directory, whose scripts worktrees use when the commits do not contain them.
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
                hint: "use `--repository` to choose one")
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
                ? "a force-push may have removed it: `git fetch origin \(name)` works as long as the server has it"
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
                hint: "`--good` is an older commit that passes, `--bad` (by default `HEAD`) one that fails")
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
                hint: "`--good` is the older commit; to find a fix, invert the exit status of the command"
            )
        }
        return base
    }

    // MARK: - The command

    private static let interpreters: Set<String> = [
        "sh", "bash", "dash", "ksh", "zsh", "fish", "python", "python3", "perl", "ruby", "node", "env",
    ]

    /// `words` for use in a worktree: a script that only the current directory has gets an absolute path.
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

    /// The probe that runs the command.
    ///
    /// - Throws: `EngineError` `badRequest` when it cannot be executed.
    package func probe(environment: [String: String]) async throws(EngineError) -> CommandProbe {
        let word = words.first ?? ""
        let isInTree = word.contains("/") ? await isInCommits(word) : false
        if Self.interpreters.contains(word), word != "env", words.count > 1, !words[1].hasPrefix("-"),
            !words[1].hasPrefix("/"), await !isInCommits(words[1])
        {
            throw EngineError(
                .badRequest, "`\(words[1])` for `\(word)` exists neither in the current directory nor in the commits",
                hint: "name a script in the current directory, in the commits, or by its absolute path")
        }
        do {
            return try CommandProbe(words, environment: environment) { _ in isInTree }
        } catch {
            throw EngineError(.badRequest, "the command cannot be executed: \(error.detail)")
        }
    }

    /// Whether `bad` or the base contains the relative `path`.
    private func isInCommits(_ path: String) async -> Bool {
        guard !path.hasPrefix("/") else { return false }
        for revision in [bad, base] where await repository.holds(path, at: revision) { return true }
        return false
    }

    /// Identifies the search: a digest of the range, the command, and the files in `folder` that it names.
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
