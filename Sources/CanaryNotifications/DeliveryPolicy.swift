// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
package import Foundation

/// How often the dispatcher tries, and how many batches it sends.
package struct DeliveryPolicy: Sendable {
    /// The number of batches per receiver and hour; what exceeds it waits and is sent as one batch.
    package var batchesPerHour = 20
    /// Seconds after which pages count as late, so that several of them are sent as one batch.
    package var lateness: TimeInterval = 3600
    /// The number of tries after which a batch no longer holds back others.
    package var blockingTries = 5
    /// The number of tries after which a refused batch is given up.
    package var refusedTries = 3
    /// Seconds after which an undelivered batch is given up.
    package var expiry: TimeInterval = 3 * 86400
    /// Seconds before the second try; they double with each try.
    package var firstBackoff: TimeInterval = 30
    /// The maximum number of seconds between two tries.
    package var longestBackoff: TimeInterval = 3600
    /// The maximum number of seconds that a receiver can ask for.
    package var longestRetryAfter: TimeInterval = 6 * 3600
    /// The maximum number of notices in a batch.
    package var noticesPerBatch = 100

    /// Creates the default policy.
    package init() {}

    /// When a batch is due again after `attempts` tries, the last one at `date`.
    func nextTry(after attempts: Int, at date: Date, notBefore: Date?) -> Date {
        let backoff = min(firstBackoff * pow(2, Double(min(attempts, 30) - 1)), longestBackoff)
        let requested = notBefore.map { min(max($0.timeIntervalSince(date), 1), longestRetryAfter) }
        return date.addingTimeInterval(requested ?? backoff)
    }

    /// Divides `entries`, oldest first, into at most `budget` batches: each page alone unless one is late, the digest in
    /// one batch, and everything beyond the budget in the last one.
    func batches(of entries: [OutboxEntry], singly: Bool, budget: Int, at date: Date) -> [[OutboxEntry]] {
        guard budget > 0, !entries.isEmpty else { return [] }
        guard !singly else { return entries.prefix(budget).map { [$0] } }
        let pages = entries.filter { $0.notice.urgency == .page }
        let digest = entries.filter { $0.notice.urgency == .digest }
        let isLate = pages.contains { date.timeIntervalSince($0.at) > lateness }
        let groups = ((isLate ? [pages] : pages.map { [$0] }) + [digest]).filter { !$0.isEmpty }
        let limited =
            groups.count > budget ? groups.prefix(budget - 1) + [Array(groups[(budget - 1)...].joined())] : groups
        return limited.map { Array($0.prefix(noticesPerBatch)) }
    }
}
