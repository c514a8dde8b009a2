// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// How often a job runs.
package enum Cadence {
    /// The median gap between `instants`, in seconds; nil for fewer than two.
    package static func medianGap(of instants: [Date]) -> TimeInterval? {
        let sorted = instants.sorted()
        let gaps = zip(sorted.dropFirst(), sorted).map { $0.timeIntervalSince($1) }.sorted()
        guard !gaps.isEmpty else { return nil }
        return (gaps[(gaps.count - 1) / 2] + gaps[gaps.count / 2]) / 2
    }

    /// The median gap between the ten instants of `schedule` after `date`, in seconds; nil if it has fewer than two.
    package static func period(of schedule: CronSchedule, after date: Date) -> TimeInterval? {
        var instants: [Date] = []
        while instants.count < 10, let next = schedule.next(after: instants.last ?? date) { instants.append(next) }
        return medianGap(of: instants)
    }

    /// Whether a job has not finished a run for two periods of `schedule` at `date`.
    ///
    /// - Parameter last: when a run last ended with evidence about it.
    package static func isSilent(since last: Date, on schedule: CronSchedule, at date: Date) -> Bool {
        guard let missed = schedule.next(after: last), let due = schedule.next(after: missed) else { return false }
        return date >= due
    }
}

extension Stack {
    /// When `job` runs: on its variant's schedule, else on the stack's; nil if only by hand.
    package func schedule(of job: JobID) -> CronSchedule? { variant(job.variant)?.schedule ?? operation.schedule }
}
