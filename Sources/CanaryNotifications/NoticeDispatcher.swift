// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
import CanaryJudge
import CanaryModel
package import Foundation

/// What one round of a courier came to.
package struct DispatchReport: Hashable, Sendable {
    /// A try to send one letter.
    package struct Try: Hashable, Sendable {
        /// The receiver.
        package let receiver: String
        /// What the letter says, in one line.
        package let title: String
        /// Why it was not taken; nil when it was.
        package let trouble: String?
        /// Whether it is not tried again.
        package let isGivenUp: Bool
    }

    /// The tries, by receiver and then in the order they were made.
    package fileprivate(set) var tries: [Try] = []
    /// When the next round has something to do; nil when nothing waits.
    package fileprivate(set) var next: Date?
    /// The receivers for which notices wait, and whom the stack does not have.
    package fileprivate(set) var unknown: [String] = []

    fileprivate mutating func wait(until date: Date?) {
        if let date { next = next.map { min($0, date) } ?? date }
    }
}

/// Takes letters from the outbox to the receivers, and puts down what became of them.
///
/// A letter keeps its key and its content from the moment it is put together, which is recorded first. A crash between
/// sending and recording sends it once more under the same key; nothing is lost.
package struct NoticeDispatcher: Sendable {
    private let outbox: Outbox
    private let receivers: [any Receiver]
    private let terms: DeliveryPolicy

    /// A courier to `receivers`; one alone may be under way for a history.
    package init(outbox: Outbox, receivers: [any Receiver], terms: DeliveryPolicy = DeliveryPolicy()) {
        self.outbox = outbox
        self.receivers = receivers
        self.terms = terms
    }

    /// Makes one round at `date`: what is due is tried once, all receivers at the same time.
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
            report.tries += part.tries
            report.wait(until: part.next)
        }
        for name in awaited where !known.contains(name) {
            report.unknown.append(name)
            try await bury(name, at: date)
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
            guard round.tries.contains(where: { $0.trouble != nil && !$0.isGivenUp }), let next = round.next else {
                break
            }
            // History keeps whole milliseconds: a little late is not too early.
            let pause = Duration.seconds(max(0, next.timeIntervalSince(now())) + 0.01)
            guard ContinuousClock.now + pause < end else { break }
            try? await Task.sleep(for: pause)
        }
        return rounds
    }

    private func round(of receiver: any Receiver, at date: Date) async -> Swift.Result<DispatchReport, HistoryError> {
        do throws(HistoryError) {
            var report = DispatchReport()
            let bag = try await outbox.mailbag(of: receiver.name, at: date)
            report.wait(until: bag.nextDue)
            var busy = try await sendAgain(bag.letters, to: receiver, at: date, &report)
            guard !busy.isHeld else { return .success(report) }
            let pile = bag.pile.filter { entry in entry.notice.thread.map { !busy.threads.contains($0) } ?? true }
            let budget = terms.lettersAnHour - bag.lettersOfTheHour
            let bundles = terms.bundles(of: pile, singly: receiver.wantsSingles, budget: budget, at: date)
            if bundles.joined().count < pile.count { report.wait(until: date.addingTimeInterval(600)) }
            for bundle in bundles where !busy.isHeld {
                let letter = try await outbox.seal(bundle, for: receiver.name, at: date)
                try await send(letter, to: receiver, at: date, &report, &busy)
            }
            return .success(report)
        } catch {
            return .failure(error)
        }
    }

    /// What keeps other letters of a receiver waiting.
    private struct Busy {
        /// Whether all do.
        var isHeld = false
        /// What belongs to these does: a recovery must not overtake its page.
        var threads: Set<String> = []
    }

    private func sendAgain(
        _ letters: [OutgoingLetter], to receiver: any Receiver, at date: Date, _ report: inout DispatchReport
    ) async throws(HistoryError) -> Busy {
        var busy = Busy()
        for letter in letters {
            if letter.dueAt <= date, busy.threads.isDisjoint(with: letter.threads) {
                try await send(letter, to: receiver, at: date, &report, &busy)
            } else {
                note(letter, triedAgainAt: max(letter.dueAt, date), attempts: letter.attempts, &report, &busy)
            }
        }
        return busy
    }

    private func send(
        _ letter: OutgoingLetter, to receiver: any Receiver, at date: Date, _ report: inout DispatchReport,
        _ busy: inout Busy
    ) async throws(HistoryError) {
        let thread = letter.letter.single?.thread
        let remote: String? =
            if let thread { try await outbox.remote(of: thread, at: receiver.name) } else { nil }
        let delivery = await receiver.take(Dispatch(letter.letter, at: date, remote: remote))
        let attempts = letter.attempts + 1
        let (trouble, isOver, notBefore): (String, Bool, Date?)
        switch delivery {
        case .taken(let remote):
            try await outbox.noteSent(letter.id, at: date, remote: remote)
            report.note(receiver, letter, nil, isGivenUp: false)
            return
        case .busy(let why, let asked):
            (trouble, isOver, notBefore) = (why, isTooOld(letter.createdAt, at: date), asked)
        case .refused(let why): (trouble, isOver, notBefore) = (why, attempts >= terms.refusals, nil)
        }
        report.note(receiver, letter, trouble, isGivenUp: isOver)
        guard !isOver else {
            try await outbox.giveUp(letter.id, at: date, trouble: trouble)
            return
        }
        let next = terms.nextTry(after: attempts, at: date, notBefore: notBefore)
        try await outbox.putOff(letter.id, at: date, until: next, trouble: trouble)
        note(letter, triedAgainAt: next, attempts: attempts, &report, &busy)
    }

    private func note(
        _ letter: OutgoingLetter, triedAgainAt next: Date, attempts: Int, _ report: inout DispatchReport,
        _ busy: inout Busy
    ) {
        report.wait(until: next)
        busy.threads.formUnion(letter.threads)
        if attempts < terms.patience { busy.isHeld = true }
    }

    private func isTooOld(_ made: Date, at date: Date) -> Bool { date.timeIntervalSince(made) >= terms.horizon }

    /// Gives up what waited too long for a receiver that the stack no longer has.
    private func bury(_ name: String, at date: Date) async throws(HistoryError) {
        let why = "the stack has no receiver `\(name)`"
        let bag = try await outbox.mailbag(of: name, at: date)
        for letter in bag.letters where isTooOld(letter.createdAt, at: date) {
            try await outbox.giveUp(letter.id, at: date, trouble: why)
        }
        let old = bag.pile.filter { isTooOld($0.dueAt, at: date) }
        guard !old.isEmpty else { return }
        try await outbox.giveUp(outbox.seal(old, for: name, at: date).id, at: date, trouble: why)
    }
}

extension OutgoingLetter {
    fileprivate var threads: Set<String> { Set(letter.notices.compactMap(\.thread)) }
}

extension DispatchReport {
    fileprivate mutating func note(
        _ receiver: any Receiver, _ letter: OutgoingLetter, _ trouble: String?, isGivenUp: Bool
    ) {
        tries.append(
            Try(receiver: receiver.name, title: letter.letter.title, trouble: trouble, isGivenUp: isGivenUp))
    }
}
