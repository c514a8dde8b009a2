// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import CanaryText
import Foundation

/// What the daemon has to do, and when; pure.
///
/// Nothing piles up: a task that falls due again while it waits is done once.
struct Schedule {
    /// A task of the daemon.
    enum ScheduledTask: Hashable, Sendable {
        /// A run of these variants.
        case scheduled(variants: Set<String>)
        /// A retry of what failed for infrastructure reasons.
        case again(projects: Set<String>)
        /// A run of suspected jobs with a slow cadence, on new branch heads.
        case reprobe
        /// A check for new commits.
        case poll
        /// The digest of notices.
        case digest
        /// A backup of history.
        case backup
        /// Garbage collection and repacking of mirrors.
        case tidy
    }

    /// The back-off of retries after infrastructure errors, in minutes.
    static let backOff: [Double] = [5, 30, 120]
    /// The seconds between two garbage collections.
    private static let tidyInterval = 86_400.0

    private let stack: Stack
    private var ticks: [String: Date] = [:]
    private var due: Set<String>
    private var again: (projects: Set<String>, at: Date)?
    private var tries = 0
    private var pollAt: Date
    private var digestAt: Date?
    private var reprobeAt: Date
    private var backupAt: Date?
    private var tidyAt: Date

    /// The schedule of a daemon that starts at `now`.
    ///
    /// - Parameters:
    ///   - lastRun: when the last judged run started; what fell due since then is due.
    ///   - isUnfinished: whether that run was interrupted.
    ///   - lastBackup: when history was last copied.
    init(stack: Stack, now: Date, lastRun: Date?, isUnfinished: Bool, lastBackup: Date?) {
        self.stack = stack
        // A clock that was ahead must not delay the schedule.
        let last = min(lastRun ?? now, now)
        for variant in stack.variants {
            ticks[variant.name] = Self.schedule(of: variant, in: stack)?.next(after: last)
        }
        due = isUnfinished ? Set(stack.variants.map(\.name)) : []
        pollAt = last.addingTimeInterval(stack.operation.poll.clockSeconds)
        digestAt = stack.operation.digest?.next(after: now)
        reprobeAt = last.addingTimeInterval(stack.policy.reprobe.clockSeconds)
        backupAt = stack.operation.backup.map { lastBackup?.addingTimeInterval($0.every.clockSeconds) ?? now }
        tidyAt = now.addingTimeInterval(3600)
    }

    private static func schedule(of variant: Variant, in stack: Stack) -> CronSchedule? {
        variant.schedule ?? stack.operation.schedule
    }

    /// The most urgent task due at `now`; nil if there is none.
    mutating func next(at now: Date) -> ScheduledTask? {
        for variant in stack.variants {
            guard let tick = ticks[variant.name], tick <= now else { continue }
            due.insert(variant.name)
            ticks[variant.name] = Self.schedule(of: variant, in: stack)?.next(after: now)
        }
        if !due.isEmpty {
            defer { due = [] }
            return .scheduled(variants: due)
        }
        if let waiting = again, waiting.at <= now {
            again = nil
            return .again(projects: waiting.projects)
        }
        if isDue(&digestAt, now, { stack.operation.digest?.next(after: now) }) { return .digest }
        if hasSlowCadence, reprobeAt <= now {
            reprobeAt = now.addingTimeInterval(stack.policy.reprobe.clockSeconds)
            return .reprobe
        }
        if pollAt <= now {
            pollAt = now.addingTimeInterval(stack.operation.poll.clockSeconds)
            return .poll
        }
        let every = stack.operation.backup?.every.clockSeconds ?? 0
        if isDue(&backupAt, now, { now.addingTimeInterval(every) }) { return .backup }
        guard tidyAt <= now else { return nil }
        tidyAt = now.addingTimeInterval(Self.tidyInterval)
        return .tidy
    }

    /// When the next task falls due.
    var nextInstant: Date {
        guard due.isEmpty else { return .distantPast }
        let reprobe = hasSlowCadence ? reprobeAt : nil
        let instants = [again?.at, digestAt, reprobe, pollAt, backupAt, tidyAt].compactMap { $0 } + ticks.values
        return instants.min() ?? .distantFuture
    }

    /// Takes back a task that failed: a scheduled run is due again, the others come by themselves.
    mutating func putBack(_ task: ScheduledTask) {
        if case .scheduled(let variants) = task { due.formUnion(variants) }
    }

    /// Takes the result of a run that started at `start`: projects with infrastructure errors are retried.
    mutating func note(spoiled projects: Set<String>, start: Date, now: Date) {
        pollAt = max(pollAt, start.addingTimeInterval(stack.operation.poll.clockSeconds))
        guard !projects.isEmpty else {
            tries = 0
            return
        }
        guard tries < Self.backOff.count else { return }
        again = (projects, now.addingTimeInterval(Self.backOff[tries] * 60))
        tries += 1
    }

    /// Whether runs of some variant are more than six hours apart.
    private var hasSlowCadence: Bool {
        let epoch = Date(timeIntervalSince1970: 0)
        return stack.variants.contains { variant in
            let period = Self.schedule(of: variant, in: stack).flatMap { Cadence.period(of: $0, after: epoch) }
            return (period ?? 0) > 6 * 3600
        }
    }

    private func isDue(_ instant: inout Date?, _ now: Date, _ next: () -> Date?) -> Bool {
        guard let at = instant, at <= now else { return false }
        instant = next()
        return true
    }
}

extension TimeSpan {
    /// Seconds as a clock counts them; at least one, so that nothing spins.
    fileprivate var clockSeconds: TimeInterval { Double(max(1, seconds)) }
}
