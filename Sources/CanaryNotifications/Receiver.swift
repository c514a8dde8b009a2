// SPDX-License-Identifier: Apache-2.0

package import CanaryJudge
package import Foundation

/// One try to deliver one batch, with its result.
package struct DeliveryAttempt: Hashable, Sendable {
    /// What a receiver made of a batch.
    package enum Result: Hashable, Sendable {
        /// The receiver has it; `remote` is the receiver's own name for what it made of it.
        case delivered(remote: String?)
        /// The receiver cannot take it now, and can ask not to be tried again before an instant.
        case unavailable(_ error: String, notBefore: Date? = nil)
        /// The receiver rejects it, and another try is unlikely to change that.
        case refused(_ error: String)
    }

    /// The receiver.
    package let receiver: String
    /// What the batch says, in one line.
    package let title: String
    /// Why it failed; nil if it was delivered.
    package let error: String?
    /// Whether it was the last try.
    package let isGivenUp: Bool
}

/// A destination of notices.
///
/// The same batch can arrive twice, under the same key. Errors are one line and never contain a secret.
package protocol Receiver: Sendable {
    /// The name in the stack, which the outbox records.
    var name: String { get }
    /// Whether each notice needs a batch of its own.
    var takesSingleNotices: Bool { get }

    /// Delivers `batch`, within a bounded time.
    ///
    /// - Parameters:
    ///   - date: the time of the try, from which Retry-After is counted.
    ///   - remote: the receiver's own name for the newest batch of the same thread; nil if there is none.
    func deliver(_ batch: NoticeBatch, at date: Date, remote: String?) async -> DeliveryAttempt.Result
}
