// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation

/// The history of a git repository, read with plumbing and proved.
struct CommitHistory {
    let git: Git
    /// The option that makes git use the repository.
    let option: String
    /// The project of the commits.
    let project: String

    /// The commits that `end` has along its first parents and `base` has not, oldest first.
    ///
    /// - Parameters:
    ///   - readingPaths: whether to read which paths they change, which decides how relevant they are to a search.
    ///   - counts: whether a path is part of the source; commits that change none are left out. Nil keeps all commits.
    /// - Throws: `GitFailure` also when the chain of commits is not whole.
    func commits(
        from base: String, to end: String, readingPaths: Bool = true, counts: ((String) -> Bool)? = nil
    ) async throws(GitFailure) -> [Commit] {
        let log = CommitLog(try await run(CommitLog.arguments(from: base, to: end)), project: project)
        if let hole = log.hole(before: end) { throw GitFailure(reason: .fetchRevisionMissing, detail: hole) }
        guard readingPaths || counts != nil, !log.commits.isEmpty else { return log.commits }
        let changes = ChangedPaths(try await run(ChangedPaths.arguments, input: ChangedPaths.question(about: log)))
        return log.commits.compactMap { commit in
            let paths = (changes.paths[commit.revision] ?? []).filter { counts?($0) ?? true }
            guard counts == nil || !paths.isEmpty else { return nil }
            return commit.marked(isRelevant: paths.contains(where: SearchedPath.isRelevant))
        }
    }

    /// See `Mirror.revisions`.
    func revisions(naming words: [String], from base: String, to end: String) async -> Set<String> {
        // Any of the words, as a POSIX pattern with special characters escaped.
        let pattern = words.map { $0.replacing(/[^A-Za-z0-9_]/) { "\\\($0.output)" } }.joined(separator: "|")
        guard let answer = try? await run(CommitLog.arguments(from: base, to: end)) else { return [] }
        let log = CommitLog(answer, project: project)
        guard !log.commits.isEmpty else { return [] }
        let changes = try? await run(
            ChangedPaths.arguments + ["--text", "--no-textconv", "--no-ext-diff", "-G\(pattern)"],
            input: ChangedPaths.question(about: log))
        return Set(ChangedPaths(changes ?? []).paths.keys)
    }

    /// The merge base of two commits; nil if they have none.
    func mergeBase(_ first: String, _ second: String) async -> String? {
        let answer = try? await run(["merge-base", first, second])
        return answer.map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) }
    }

    /// The oldest commit that `end` has along its first parents and none of `others` has, with its parents; nil if all of
    /// them are in `others`.
    func oldest(
        of end: String, without others: [String]
    ) async throws(GitFailure) -> (commit: String, parents: [String])? {
        let answer = try await run(
            ["rev-list", "--first-parent", "--parents", end, "--not"] + others + ["--"])
        guard let line = answer.split(separator: 10).last else { return nil }
        let names = line.split(separator: 32).map { String(decoding: $0, as: UTF8.self) }
        return (names[0], Array(names.dropFirst()))
    }

    private func run(_ arguments: [String], input: [UInt8] = []) async throws(GitFailure) -> [UInt8] {
        try await git.run(
            GitEnvironment.neutral + [option] + arguments, input: input, within: git.limits.transfer,
            otherwise: .fetchRevisionMissing)
    }
}

/// The output of `git rev-list` with a format of ours: five fields for each commit, divided by NUL.
///
/// Git puts a line `commit <SHA>` before each record, which is so part of the last field of the one before.
struct CommitLog {
    /// The commits, oldest first.
    private(set) var commits: [Commit] = []
    /// Whether every record was complete, and about the commit that git announced.
    private(set) var isComplete = true

    /// The arguments of git for the commits that `end` has along its first parents and `base` has not.
    static func arguments(from base: String, to end: String) -> [String] {
        [
            "rev-list", "--first-parent", "--reverse", "--encoding=UTF-8", "--no-color",
            "--format=%x00%H%x00%P%x00%ct%x00%an%x00%s", end, "^\(base)", "--",
        ]
    }

    /// Reads what git printed about commits of `project`.
    init(_ bytes: [UInt8], project: String) {
        let fields = bytes.split(separator: 0, omittingEmptySubsequences: false)
        isComplete = bytes.isEmpty || fields.count % 5 == 1
        for start in stride(from: 0, to: fields.count - 5, by: 5) {
            let lines = fields[start].split(separator: 10, omittingEmptySubsequences: false)
            let texts = fields[start + 1...start + 5].map { String(decoding: $0, as: UTF8.self) }
            let announced = lines.dropLast().last.map { String(decoding: $0, as: UTF8.self) }
            if announced != "commit \(texts[0])" { isComplete = false }
            let subject = texts[4].prefix { $0 != "\n" }
            commits.append(
                Commit(
                    project: project, revision: texts[0], parents: texts[1].split(separator: " ").map(String.init),
                    subject: GitWords.cleaned(String(subject)), author: GitWords.cleaned(texts[3]),
                    committedAt: Date(timeIntervalSince1970: Double(texts[2]) ?? 0)))
        }
    }

    /// What is wrong with the chain of commits; nil if it is whole.
    ///
    /// It ends with `end`, and the first parent of each commit is the one before it.
    func hole(before end: String) -> String? {
        guard isComplete else { return "git's list of commits is incomplete" }
        guard let last = commits.last else { return nil }
        guard last.revision == end || !ObjectName.isWhole(end) else {
            return "git's list of commits ends at `\(last.revision)` instead of `\(end)`"
        }
        for (commit, next) in zip(commits, commits.dropFirst()) where next.parents?.first != commit.revision {
            let parent = next.parents?.first ?? ""
            return "the history has a hole: `\(parent)`, the parent of `\(next.revision)`, is missing"
        }
        return nil
    }
}

/// The output of `git diff-tree --stdin -z --raw`: the name of a commit, then for each path a line that begins with a
/// colon, and the path itself.
struct ChangedPaths {
    /// The paths that each commit changes, a rename two; commits that change nothing are not there.
    private(set) var paths: [String: [String]] = [:]

    /// The arguments of git, which reads the commits from its standard input.
    static let arguments = [
        "diff-tree", "--stdin", "--root", "-r", "-z", "--raw", "--no-renames", "--no-relative",
        "--ignore-submodules=none",
    ]

    /// The input of git: each commit with its first parent, so that a merge is compared with that alone.
    static func question(about log: CommitLog) -> [UInt8] {
        Array(log.commits.map { "\($0.revision) \($0.parents?.first ?? "")" }.joined(separator: "\n").utf8) + [10]
    }

    /// Reads what git printed.
    init(_ bytes: [UInt8]) {
        var (commit, isPath) = ("", false)
        for field in bytes.split(separator: 0, omittingEmptySubsequences: false) {
            if isPath {
                paths[commit, default: []].append(String(decoding: field, as: UTF8.self))
                isPath = false
            } else if field.first == UInt8(ascii: ":") {
                isPath = true
            } else if !field.isEmpty {
                commit = String(decoding: field, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            }
        }
    }
}

extension Commit {
    /// The same commit, said to change what downstreams see or not.
    fileprivate func marked(isRelevant: Bool) -> Commit {
        Commit(
            project: project, revision: revision, parents: parents, subject: subject, author: author,
            committedAt: committedAt, isRelevant: isRelevant)
    }
}
