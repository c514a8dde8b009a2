// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// How often a job runs.
package enum Cadence {
    /// The median gap of `instants`, in seconds; nil with fewer than two.
    package static func medianGap(of instants: [Date]) -> TimeInterval? {
        let sorted = instants.sorted()
        let gaps = zip(sorted.dropFirst(), sorted).map { $0.timeIntervalSince($1) }.sorted()
        guard !gaps.isEmpty else { return nil }
        return (gaps[(gaps.count - 1) / 2] + gaps[gaps.count / 2]) / 2
    }

    /// The median gap of the ten instants of `schedule` after `date`, in seconds.
    package static func period(of schedule: CronSchedule, after date: Date) -> TimeInterval? {
        var instants: [Date] = []
        while instants.count < 10, let next = schedule.next(after: instants.last ?? date) { instants.append(next) }
        return medianGap(of: instants)
    }

    /// Whether nothing was heard of a job for two periods of `schedule` at `date`.
    ///
    /// - Parameter last: when a run last ended with something to say about it.
    package static func isSilent(since last: Date, on schedule: CronSchedule, at date: Date) -> Bool {
        guard let missed = schedule.next(after: last), let due = schedule.next(after: missed) else { return false }
        return date >= due
    }
}

extension Stack {
    /// When `job` runs: its variant's schedule, else the stack's; nil means by hand only.
    package func schedule(of job: JobID) -> CronSchedule? { variant(job.variant)?.schedule ?? operation.schedule }
}
