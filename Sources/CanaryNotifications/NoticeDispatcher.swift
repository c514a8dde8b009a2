// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
import CanaryJudge
package import Foundation

/// What one round of the dispatcher did.
package struct DispatchReport: Hashable, Sendable {
    /// The tries, by receiver and then in their order.
    package fileprivate(set) var attempts: [DeliveryAttempt] = []
    /// When the next round has something to do; nil if nothing waits.
    package fileprivate(set) var next: Date?
    /// The receivers for which notices wait, but which are not in the stack.
    package fileprivate(set) var unknown: [String] = []

    fileprivate mutating func wait(until date: Date?) {
        if let date { next = next.map { min($0, date) } ?? date }
    }
}

/// Delivers notices from the outbox to the receivers, and records the results.
///
/// A batch is recorded before it is sent, and its key and content never change. A crash between sending and recording
/// sends it again under the same key; nothing is lost.
package struct NoticeDispatcher: Sendable {
    private let outbox: Outbox
    private let receivers: [any Receiver]
    private let policy: DeliveryPolicy

    /// Creates a dispatcher to `receivers`.
    ///
    /// Only one may run for a history at a time.
    package init(outbox: Outbox, receivers: [any Receiver], policy: DeliveryPolicy = DeliveryPolicy()) {
        self.outbox = outbox
        self.receivers = receivers
        self.policy = policy
    }

    /// Makes one round at `date`: everything due is tried once, all receivers at the same time.
    package func deliver(at date: Date) async throws(HistoryError) -> DispatchReport {
        let known = Set(receivers.map(\.name))
        let awaited = try await outbox.awaitedReceivers()
        let rounds = await withTaskGroup(of: (Int, Swift.Result<DispatchReport, HistoryError>).self) { group in
            for (index, receiver) in receivers.enumerated() where awaited.contains(receiver.name) {
                group.addTask { (index, await round(of: receiver, at: date)) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var report = DispatchReport()
        for (_, round) in rounds.sorted(by: { $0.0 < $1.0 }) {
            let part = try round.get()
            report.attempts += part.attempts
            report.wait(until: part.next)
        }
        for name in awaited where !known.contains(name) {
            report.unknown.append(name)
            try await expire(name, at: date)
        }
        return report
    }

    /// Makes rounds until nothing that failed is due again within `limit`: for programs that end.
    ///
    /// - Returns: the rounds, in order.
    package func deliver(
        within limit: Duration, now: @Sendable () -> Date = { Date() }
    ) async throws(HistoryError) -> [DispatchReport] {
        let end = ContinuousClock.now + limit
        var rounds: [DispatchReport] = []
        while !Task.isCancelled {
            let round = try await deliver(at: now())
            rounds.append(round)
            guard round.attempts.contains(where: { $0.error != nil && !$0.isGivenUp }), let next = round.next else {
                break
            }
            // History stores whole milliseconds: rounded up, so that the round does not begin too early.
            let pause = Duration.seconds(max(0, next.timeIntervalSince(now())) + 0.01)
            guard ContinuousClock.now + pause < end else { break }
            try? await Task.sleep(for: pause)
        }
        return rounds
    }

    private func round(of receiver: any Receiver, at date: Date) async -> Swift.Result<DispatchReport, HistoryError> {
        do throws(HistoryError) {
            var report = DispatchReport()
            let queue = try await outbox.queue(of: receiver.name, at: date)
            report.wait(until: queue.nextDue)
            var blocked = try await retry(queue.batches, to: receiver, at: date, &report)
            guard !blocked.isWhole else { return .success(report) }
            let entries = queue.entries.filter { entry in
                entry.notice.thread.map { !blocked.threads.contains($0) } ?? true
            }
            let budget = policy.batchesPerHour - queue.batchesInLastHour
            let groups = policy.batches(of: entries, singly: receiver.takesSingleNotices, budget: budget, at: date)
            if groups.joined().count < entries.count { report.wait(until: date.addingTimeInterval(600)) }
            for group in groups where !blocked.isWhole {
                let batch = try await outbox.batch(group, at: date)
                try await send(batch, to: receiver, at: date, &report, &blocked)
            }
            return .success(report)
        } catch {
            return .failure(error)
        }
    }

    /// What failed batches hold back at one receiver.
    private struct Blocked {
        /// Whether they hold back everything.
        var isWhole = false
        /// The threads that they hold back: a recovery must not overtake its page.
        var threads: Set<String> = []
    }

    private func retry(
        _ batches: [NoticeBatch], to receiver: any Receiver, at date: Date, _ report: inout DispatchReport
    ) async throws(HistoryError) -> Blocked {
        var blocked = Blocked()
        for batch in batches {
            if batch.dueAt <= date, blocked.threads.isDisjoint(with: batch.threads) {
                try await send(batch, to: receiver, at: date, &report, &blocked)
            } else {
                hold(batch, until: max(batch.dueAt, date), attempts: batch.attempts, &report, &blocked)
            }
        }
        return blocked
    }

    private func send(
        _ batch: NoticeBatch, to receiver: any Receiver, at date: Date, _ report: inout DispatchReport,
        _ blocked: inout Blocked
    ) async throws(HistoryError) {
        let thread = batch.single?.thread
        let remote: String? =
            if let thread { try await outbox.remote(of: thread, at: receiver.name) } else { nil }
        let attempts = batch.attempts + 1
        let (error, isOver, notBefore): (String, Bool, Date?)
        switch await receiver.deliver(batch, at: date, remote: remote) {
        case .delivered(let remote):
            try await outbox.noteSent(batch, at: date, remote: remote)
            report.add(batch, error: nil, isGivenUp: false)
            return
        case .unavailable(let why, let requested):
            (error, isOver, notBefore) = (why, isExpired(batch.createdAt, at: date), requested)
        case .refused(let why): (error, isOver, notBefore) = (why, attempts >= policy.refusedTries, nil)
        }
        report.add(batch, error: error, isGivenUp: isOver)
        guard !isOver else {
            try await outbox.giveUp(batch, at: date, error: error)
            return
        }
        let next = policy.nextTry(after: attempts, at: date, notBefore: notBefore)
        try await outbox.postpone(batch, at: date, until: next, error: error)
        hold(batch, until: next, attempts: attempts, &report, &blocked)
    }

    private func hold(
        _ batch: NoticeBatch, until next: Date, attempts: Int, _ report: inout DispatchReport,
        _ blocked: inout Blocked
    ) {
        report.wait(until: next)
        blocked.threads.formUnion(batch.threads)
        if attempts < policy.blockingTries { blocked.isWhole = true }
    }

    private func isExpired(_ created: Date, at date: Date) -> Bool { date.timeIntervalSince(created) >= policy.expiry }

    /// Gives up what has waited too long for a receiver that the stack no longer has.
    private func expire(_ name: String, at date: Date) async throws(HistoryError) {
        let error = "the stack has no receiver `\(name)`"
        let queue = try await outbox.queue(of: name, at: date)
        for batch in queue.batches where isExpired(batch.createdAt, at: date) {
            try await outbox.giveUp(batch, at: date, error: error)
        }
        let old = queue.entries.filter { isExpired($0.at, at: date) }
        guard !old.isEmpty else { return }
        try await outbox.giveUp(outbox.batch(old, at: date), at: date, error: error)
    }
}

extension NoticeBatch {
    fileprivate var threads: Set<String> { Set(notices.compactMap(\.thread)) }
}

extension DispatchReport {
    fileprivate mutating func add(_ batch: NoticeBatch, error: String?, isGivenUp: Bool) {
        attempts.append(
            DeliveryAttempt(receiver: batch.receiver, title: batch.title, error: error, isGivenUp: isGivenUp))
    }
}
