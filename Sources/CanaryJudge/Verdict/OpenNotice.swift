// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// A page that was sent and is not closed: one culprit, or one thing that moved while the culprit is open.
package struct OpenNotice: Hashable, Codable, Sendable {
    /// How a job is in it.
    package enum Membership: String, Codable, Sendable {
        /// It suffers from the same.
        case red
        /// Its upstream's own job is in it, and its own notice waits for that.
        case held
        case recovered
    }

    /// Its number; unique for ever.
    package let number: Int
    /// The job it is told under.
    package let lead: JobID
    /// When it was sent.
    package let openedAt: Date
    /// When the first of its jobs began to fail.
    package internal(set) var since: Date
    /// What the culprit must be part of; nil where nothing is known of it.
    package internal(set) var movement: ChangeSet?
    /// The commit that is proven to be the cause.
    package internal(set) var culprit: Commit?
    /// The jobs in it.
    package internal(set) var jobs: [JobID: Membership]

    /// Whether `job` is told of in it and need not be told of elsewhere.
    package func holds(_ job: JobID) -> Bool { jobs[job] == .red || jobs[job] == .held }

    /// Whether nothing of what it told of is left.
    var isOver: Bool { !jobs.values.contains(.red) }

    /// Puts `job` in when it suffers from the same as the others, as far as is known.
    mutating func admit(_ job: JobID, _ episode: OpenEpisode) -> Bool {
        if let culprit, let other = episode.culprit {
            guard culprit == other else { return false }
        } else if let known = culprit ?? episode.culprit {
            guard let shared = shared(job, episode), shared.movers.contains(where: { $0.project == known.project })
            else {
                return false
            }
            culprit = known
            movement = shared
        } else {
            guard let shared = shared(job, episode) else { return false }
            movement = shared
        }
        jobs[job] = .red
        since = min(since, episode.openedAt)
        return true
    }

    private func shared(_ job: JobID, _ episode: OpenEpisode) -> ChangeSet? {
        guard let movement, let other = episode.movement(of: job) else { return nil }
        return movement.shared(with: other)
    }

    /// The page as it reads now.
    var page: Message? { message(.page, of: jobs.keys) }

    /// The message that opens it, or closes it; nil when it speaks of no job.
    func message(_ kind: Message.Kind, of jobs: some Sequence<JobID>) -> Message? {
        let jobs = jobs.sorted()
        guard let first = jobs.first else { return nil }
        return Message(
            kind: kind, job: jobs.contains(lead) ? lead : first, jobs: jobs, upstream: upstream(of: jobs),
            culprit: culprit, notice: number, since: since)
    }

    /// The upstream that `jobs` suffer from; nil while that is open, and where they are its own.
    private func upstream(of jobs: [JobID]) -> String? {
        let holder = self.jobs.values.contains(.held) ? lead.project : nil
        let name = culprit?.project ?? movement?.upstream ?? holder
        return jobs.contains { $0.project != name } ? name : nil
    }
}
