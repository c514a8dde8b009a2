// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// A commit between good and bad, as a search sees it.
package struct RangeCommit: Hashable, Codable, Sendable {
    /// The project, or another axis such as the image, that it moves.
    package let project: String
    /// The project's revision with this commit.
    package let revision: String
    /// The committer's time.
    package let committedAt: Date
    /// Whether it touches what others see: installed headers, build files, exported CMake.
    package let isRelevant: Bool

    /// Makes a commit.
    package init(
        project: String, revision: String, committedAt: Date, isRelevant: Bool = false
    ) {
        self.project = project
        self.revision = revision
        self.committedAt = committedAt
        self.isRelevant = isRelevant
    }
}

/// What one probe builds: every project with its newest commit among the first `prefix` of the range.
package struct ProbePoint: Hashable, Codable, Sendable {
    /// How many commits of the range are in: with 0 it is the base, with all the head.
    package let prefix: Int
    /// The number of a commit that is in as well, with those of its own project before it.
    package let ahead: Int?

    /// Makes a point.
    package init(prefix: Int, ahead: Int? = nil) {
        self.prefix = prefix
        self.ahead = ahead
    }
}

/// The commits between good and bad in landing order, those of several projects in one list.
///
/// Commits are numbered from 1; position `i` has the first `i` of them: position 0 is the base, the last one the head.
package struct SearchRange: Hashable, Codable, Sendable {
    /// The commits in landing order.
    package let commits: [RangeCommit]

    /// Takes commits that are in landing order.
    package init(_ commits: [RangeCommit]) { self.commits = commits }

    /// Merges branches, each in its own order: by time, ties by project, then by the order on the branch.
    ///
    /// A commit never lands before one that lies below it on its branch, whatever its clock said.
    package init(merging branches: [[RangeCommit]]) {
        let landed = branches.flatMap { branch in
            var latest = Date.distantPast
            return branch.indices.map { index in
                latest = max(latest, branch[index].committedAt)
                return (at: latest, index: index, commit: branch[index])
            }
        }
        let sorted = landed.sorted { ($0.at, $0.commit.project, $0.index) < ($1.at, $1.commit.project, $1.index) }
        self.init(sorted.map(\.commit))
    }

    /// The last position: how many commits there are.
    package var head: Int { commits.count }

    /// The projects that moved.
    package var projects: Set<String> { Set(commits.map(\.project)) }

    /// The numbers of the commits of `project`.
    package func commits(of project: String) -> [Int] {
        commits.indices.filter { commits[$0].project == project }.map { $0 + 1 }
    }

    /// The commit with this number, from 1 to `head`.
    package subscript(commit: Int) -> RangeCommit { commits[commit - 1] }

    /// The revisions at `point` of the projects that are not at the base there.
    package func revisions(at point: ProbePoint) -> [String: String] {
        var revisions: [String: String] = [:]
        for commit in commits.prefix(point.prefix) { revisions[commit.project] = commit.revision }
        if let ahead = point.ahead, ahead > point.prefix { revisions[self[ahead].project] = self[ahead].revision }
        return revisions
    }

    /// Whether the commit with this number is in at `point`.
    package func isIn(_ commit: Int, at point: ProbePoint) -> Bool {
        if commit <= point.prefix { return true }
        guard let ahead = point.ahead, commit <= ahead else { return false }
        return self[commit].project == self[ahead].project
    }

    /// The same inputs named by a prefix alone, where that is possible.
    func simplified(_ point: ProbePoint) -> ProbePoint {
        guard let ahead = point.ahead else { return point }
        guard ahead > point.prefix else { return ProbePoint(prefix: point.prefix) }
        let between = commits[point.prefix..<ahead]
        return between.allSatisfy { $0.project == self[ahead].project } ? ProbePoint(prefix: ahead) : point
    }

    /// Whether `point` is one of this range.
    func contains(_ point: ProbePoint) -> Bool {
        (0...head).contains(point.prefix) && point.ahead.map { $0 >= 1 && $0 <= head } ?? true
    }
}
