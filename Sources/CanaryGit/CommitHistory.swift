// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation

/// The history of a git repository.
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
    func commits(
        from base: String, to end: String, readingPaths: Bool = true, counts: ((String) -> Bool)? = nil
    ) async throws(GitFailure) -> [Commit] {
        let answer = try await run(CommitLog.arguments(from: base, to: end, readingPaths: readingPaths))
        return CommitLog(answer, project: project, counts: counts).commits
    }

    /// See `Mirror.revisions`.
    func revisions(naming words: [String], from base: String, to end: String) async -> Set<String> {
        // Any of the words, as a POSIX pattern with special characters escaped.
        let pattern = words.map { $0.replacing(/[^A-Za-z0-9_]/) { "\\\($0.output)" } }.joined(separator: "|")
        let answer = try? await run([
            "log", "-z", "--first-parent", "--diff-merges=first-parent", "--format=%H", "--no-patch",
            "--no-textconv", "--no-ext-diff", "--extended-regexp", "-G\(pattern)", "\(base)..\(end)", "--",
        ])
        return Set((answer ?? []).split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
    }

    /// The merge base of two commits; nil if they have none.
    func mergeBase(_ first: String, _ second: String) async -> String? {
        let answer = try? await run(["merge-base", first, second])
        return answer.map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) }
    }

    private func run(_ arguments: [String]) async throws(GitFailure) -> [UInt8] {
        try await git.run([option] + arguments, within: git.limits.transfer, otherwise: .fetchRevisionMissing)
    }
}

/// The output of `git log -z`: fields that end with a NUL, and paths; an empty field starts a commit.
struct CommitLog {
    /// The commits, in the order of the log.
    private(set) var commits: [Commit] = []

    /// The arguments of git for the commits that `end` has along its first parents and `base` has not.
    static func arguments(from base: String, to end: String, readingPaths: Bool) -> [String] {
        ["log", "-z", "--first-parent", "--reverse"]
            + (readingPaths ? ["--name-only", "--diff-merges=first-parent"] : [])
            + ["--format=%x00%H%x00%P%x00%ct%x00%an%x00%s", "\(base)..\(end)", "--"]
    }

    /// Reads a log; see `CommitHistory.commits`.
    init(_ bytes: [UInt8], project: String, counts: ((String) -> Bool)? = nil) {
        let fields = bytes.split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        var index = 0
        while index + 5 < fields.count {
            let record = fields[index + 1...index + 5].map { $0 }
            index += 6
            var (isTouched, isRelevant) = (counts == nil, false)
            while index < fields.count, !fields[index].isEmpty {
                let path = fields[index].trimmingCharacters(in: .newlines)
                let isCounted = counts?(path) ?? true
                isTouched = isTouched || isCounted
                isRelevant = isRelevant || isCounted && SearchedPath.isRelevant(path)
                index += 1
            }
            guard isTouched else { continue }
            commits.append(
                Commit(
                    project: project, revision: record[0],
                    parents: record[1].split(separator: " ").map(String.init), subject: GitWords.cleaned(record[4]),
                    author: GitWords.cleaned(record[3]),
                    committedAt: Date(timeIntervalSince1970: Double(record[2]) ?? 0), isRelevant: isRelevant))
        }
    }
}
