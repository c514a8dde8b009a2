// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
package import CanaryModel
import Foundation

/// What `git log -z` printed: fields that end with a zero, and paths; an empty field begins a commit.
struct CommitLog {
    /// The commits, in the order of the log.
    private(set) var commits: [Commit] = []

    /// The arguments of git for the commits that `head` has along its first parents and `base` has not.
    static func arguments(from base: String, to head: String, readingPaths: Bool) -> [String] {
        ["log", "-z", "--first-parent", "--reverse"]
            + (readingPaths ? ["--name-only", "--diff-merges=first-parent"] : [])
            + ["--format=%x00%H%x00%P%x00%ct%x00%an%x00%s", "\(base)..\(head)", "--"]
    }

    /// Reads a log.
    ///
    /// - Parameter counts: whether a path is part of the source; a commit that touches none that is, is left out. Nil
    ///   keeps all commits.
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

extension Mirror {
    /// The commits that the held `head` has along its first parents and `base` has not, oldest first; those that change
    /// nothing of the source are left out.
    package func commits(
        from base: String, to head: String, ignoring rules: IgnoreRules, folder subfolder: String?
    ) async throws(GitFailure) -> [Commit] {
        let answer = try await git.run(
            [repository.option] + CommitLog.arguments(from: base, to: head, readingPaths: true),
            within: git.limits.transfer, otherwise: .fetchRevisionMissing)
        let start = subfolder.map { $0.hasSuffix("/") ? $0 : $0 + "/" } ?? ""
        return CommitLog(answer, project: project) { path in
            path.hasPrefix(start) && !rules.ignores(String(path.dropFirst(start.count)))
        }.commits
    }

    /// Those of the commits along the first parents of the held `head`, and not of `base`, whose diff contains one of
    /// `words`; empty too when git does not say.
    package func revisions(naming words: [String], from base: String, to head: String) async -> Set<String> {
        // Any of them: a pattern of POSIX, in which letters that mean something are escaped.
        let pattern = words.map { $0.replacing(/[^A-Za-z0-9_]/) { "\\\($0.output)" } }.joined(separator: "|")
        let answer = try? await git.run(
            [
                repository.option, "log", "-z", "--first-parent", "--diff-merges=first-parent", "--format=%H",
                "--no-patch", "--extended-regexp", "-G\(pattern)", "\(base)..\(head)", "--",
            ], within: git.limits.transfer, otherwise: .fetchRevisionMissing)
        return Set((answer ?? []).split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
    }

    /// The newest commit that two held ones have both in their history; nil when they share none.
    package func mergeBase(_ first: String, _ second: String) async -> String? {
        let answer = try? await git.run(
            [repository.option, "merge-base", first, second], within: git.limits.transfer,
            otherwise: .fetchRevisionMissing)
        return answer.map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) }
    }
}
