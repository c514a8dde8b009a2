// SPDX-License-Identifier: Apache-2.0

package import CanaryJudge
package import Foundation

/// What waits for one receiver at one instant.
package struct ReceiverQueue: Sendable {
    /// The batches that wait for a try, oldest first, due or not.
    package let batches: [NoticeBatch]
    /// The entries that are due and not in a batch, oldest first.
    package let entries: [OutboxEntry]
    /// The number of batches that were put together in the last hour.
    package let batchesInLastHour: Int
    /// When the next entry that is not yet due will be; nil if there is none.
    package let nextDue: Date?
}
