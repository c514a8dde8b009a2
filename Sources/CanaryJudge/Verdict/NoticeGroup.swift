// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// The broken jobs that share one page because one culprit explains them, until all of them have recovered.
package struct NoticeGroup: Hashable, Codable, Sendable {
    /// What a job does in a group.
    package enum Membership: String, Codable, Sendable {
        /// It is red for the same reason as the others.
        case red
        /// The job of one of its upstreams is in the group, and its own notice waits until that recovers.
        case held
        case recovered
    }

    /// Its number; never used again.
    package let number: Int
    /// The job it is filed under.
    package let lead: JobID
    /// When its page was sent.
    package let openedAt: Date
    /// When the first of its jobs began to fail.
    package internal(set) var since: Date
    /// The changes that the culprit must be one of; nil if nothing is known about it.
    package internal(set) var changes: ChangeSet?
    /// The commit that is proven to be the cause.
    package internal(set) var culprit: Commit?
    /// The jobs in it.
    package internal(set) var jobs: [JobID: Membership]

    private enum CodingKeys: String, CodingKey {
        case number, lead, openedAt, since
        case changes = "movement"
        case culprit, jobs
    }

    /// Whether `job` is reported in it, so that it is not reported elsewhere.
    package func holds(_ job: JobID) -> Bool { jobs[job] == .red || jobs[job] == .held }

    /// Whether none of its jobs is red any longer.
    var isOver: Bool { !jobs.values.contains(.red) }

    /// Adds `job` if, as far as is known, it fails for the same reason as the others.
    ///
    /// - Returns: whether it was added.
    mutating func admit(_ job: JobID, _ episode: OpenEpisode) -> Bool {
        if let culprit, let other = episode.culprit {
            guard culprit == other else { return false }
        } else if let known = culprit ?? episode.culprit {
            guard let shared = shared(job, episode), shared.changes.contains(where: { $0.project == known.project })
            else {
                return false
            }
            culprit = known
            changes = shared
        } else {
            guard let shared = shared(job, episode) else { return false }
            changes = shared
        }
        jobs[job] = .red
        since = min(since, episode.openedAt)
        return true
    }

    private func shared(_ job: JobID, _ episode: OpenEpisode) -> ChangeSet? {
        guard let changes, let other = episode.changes(of: job) else { return nil }
        return changes.shared(with: other)
    }

    /// The page about it in its present state.
    var page: NoticeEvent? { event(.page, of: jobs.keys) }

    /// The event that opens or closes it; nil if `jobs` is empty.
    func event(_ kind: Notice.Kind, of jobs: some Sequence<JobID>) -> NoticeEvent? {
        let jobs = jobs.sorted()
        guard let first = jobs.first else { return nil }
        return NoticeEvent(
            kind: kind, job: jobs.contains(lead) ? lead : first, jobs: jobs, upstream: upstream(of: jobs),
            culprit: culprit, number: number, since: since)
    }

    /// The upstream that broke `jobs`; nil while it is not known, and if they broke by themselves.
    private func upstream(of jobs: [JobID]) -> String? {
        let holder = self.jobs.values.contains(.held) ? lead.project : nil
        let name = culprit?.project ?? changes?.upstream ?? holder
        return jobs.contains { $0.project != name } ? name : nil
    }
}
