// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel
package import Foundation

/// How patient and how talkative a courier is.
package struct DeliveryPolicy: Sendable {
    /// Letters that a receiver gets in an hour; what is beyond waits and comes in one.
    package var lettersAnHour = 20
    /// Seconds after which notices count as late: several of them come in one letter.
    package var late: TimeInterval = 3600
    /// Tries after which a letter no longer keeps others waiting.
    package var patience = 5
    /// Tries after which a refused letter is given up.
    package var refusals = 3
    /// Seconds after which a letter that cannot be delivered is given up.
    package var horizon: TimeInterval = 3 * 86400
    /// Seconds before the second try; they double with each.
    package var firstPause: TimeInterval = 30
    /// Seconds between two tries at most.
    package var longestPause: TimeInterval = 3600
    /// Seconds that a receiver may ask for at most.
    package var longestRetryAfter: TimeInterval = 6 * 3600
    /// Notices in one letter at most.
    package var noticesALetter = 100

    /// The terms that hold unless others are given.
    package init() {}

    /// When a letter is tried again that was tried `attempts` times, the last one at `date`.
    func nextTry(after attempts: Int, at date: Date, notBefore: Date?) -> Date {
        let pause = min(firstPause * pow(2, Double(min(attempts, 30) - 1)), longestPause)
        let asked = notBefore.map { min(max($0.timeIntervalSince(date), 1), longestRetryAfter) }
        return date.addingTimeInterval(asked ?? pause)
    }

    /// How `pile`, oldest first, is put into at most `budget` letters: pages alone, unless they are late; what can wait
    /// in one; all that goes beyond the budget in the last one.
    func bundles(of pile: [PiledNotice], singly: Bool, budget: Int, at date: Date) -> [[PiledNotice]] {
        guard budget > 0, !pile.isEmpty else { return [] }
        guard !singly else { return pile.prefix(budget).map { [$0] } }
        let pages = pile.filter { $0.notice.urgency == .page }
        let lines = pile.filter { $0.notice.urgency == .digest }
        let isLate = pages.contains { date.timeIntervalSince($0.dueAt) > late }
        let groups = ((isLate ? [pages] : pages.map { [$0] }) + [lines]).filter { !$0.isEmpty }
        let whole =
            groups.count > budget ? groups.prefix(budget - 1) + [Array(groups[(budget - 1)...].joined())] : groups
        return whole.map { Array($0.prefix(noticesALetter)) }
    }
}
