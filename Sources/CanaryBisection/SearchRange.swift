// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import Foundation

/// What one probe builds: each project at its newest commit among the first `prefix` commits of the range.
package struct ProbePoint: Hashable, Codable, Sendable {
    /// How many commits of the range are included: 0 is the base, all of them is the end of the range.
    package let prefix: Int
    /// The number of one more commit that is included, together with the commits of its own project before it.
    package let ahead: Int?

    /// Makes a point.
    package init(prefix: Int, ahead: Int? = nil) {
        self.prefix = prefix
        self.ahead = ahead
    }
}

/// The commits between good and bad in landing order, those of several projects in one list.
///
/// Commits are numbered from 1. Position `i` includes the first `i` of them: 0 is the base, `count` the end.
package struct SearchRange: Hashable, Codable, Sendable {
    /// The commits in landing order.
    package let commits: [Commit]

    /// Makes a range of commits that are already in landing order.
    package init(_ commits: [Commit]) { self.commits = commits }

    /// Merges branches by commit time, then by project, then by the order on the branch.
    ///
    /// A commit never lands before its ancestors on its branch, whatever its clock said.
    package init(merging branches: [[Commit]]) {
        let landed = branches.flatMap { branch in
            var latest = Date.distantPast
            return branch.indices.map { index in
                latest = max(latest, branch[index].committedAt ?? .distantPast)
                return (at: latest, index: index, commit: branch[index])
            }
        }
        let sorted = landed.sorted { ($0.at, $0.commit.project, $0.index) < ($1.at, $1.commit.project, $1.index) }
        self.init(sorted.map(\.commit))
    }

    /// How many commits there are; also the last position.
    package var count: Int { commits.count }

    /// The projects that have commits in the range.
    package var projects: Set<String> { Set(commits.map(\.project)) }

    /// The numbers of the commits of `project`, in landing order.
    package func commits(of project: String) -> [Int] {
        commits.indices.filter { commits[$0].project == project }.map { $0 + 1 }
    }

    /// The commit with this number, from 1 to `count`.
    package subscript(number: Int) -> Commit { commits[number - 1] }

    /// The commit with this number as a suspect.
    package func suspect(_ number: Int, _ probability: Double) -> Suspect {
        Suspect(number: number, commit: self[number], probability: probability)
    }

    /// The revisions at `point` of the projects that are not at their base revision there.
    package func revisions(at point: ProbePoint) -> [String: String] {
        var revisions: [String: String] = [:]
        for commit in commits.prefix(point.prefix) { revisions[commit.project] = commit.revision }
        if let ahead = point.ahead, ahead > point.prefix { revisions[self[ahead].project] = self[ahead].revision }
        return revisions
    }

    /// Whether `point` includes the commit with this number.
    package func includes(_ number: Int, at point: ProbePoint) -> Bool {
        if number <= point.prefix { return true }
        guard let ahead = point.ahead, number <= ahead else { return false }
        return self[number].project == self[ahead].project
    }

    /// The same inputs written as a prefix alone, where that is possible.
    func simplified(_ point: ProbePoint) -> ProbePoint {
        guard let ahead = point.ahead else { return point }
        guard ahead > point.prefix else { return ProbePoint(prefix: point.prefix) }
        let between = commits[point.prefix..<ahead]
        return between.allSatisfy { $0.project == self[ahead].project } ? ProbePoint(prefix: ahead) : point
    }

    /// Whether `point` lies in this range.
    func contains(_ point: ProbePoint) -> Bool {
        (0...count).contains(point.prefix) && point.ahead.map { $0 >= 1 && $0 <= count } ?? true
    }
}
