// SPDX-License-Identifier: Apache-2.0

package import CanaryJudge
import CanaryModel
package import Foundation

/// What came of one try to send a letter.
package enum Delivery: Hashable, Sendable {
    /// The receiver has it; `remote` is what it is called there.
    case taken(remote: String?)
    /// The receiver cannot be had now, and may ask not to be tried again before an instant.
    case busy(_ trouble: String, notBefore: Date? = nil)
    /// The receiver does not want it, and is not likely to change its mind.
    case refused(_ trouble: String)
}

/// One try to send a letter.
package struct Dispatch: Sendable {
    /// What is sent.
    package let letter: Letter
    /// When: what Retry-After is counted from.
    package let at: Date
    /// What the newest letter of the same thread is called at the receiver.
    package let remote: String?

    /// A try at `date`.
    package init(_ letter: Letter, at date: Date, remote: String? = nil) {
        self.letter = letter
        at = date
        self.remote = remote
    }
}

/// Somebody who is told.
///
/// The same letter may come twice, under the same key. Troubles are one line and never hold a secret.
package protocol Receiver: Sendable {
    /// The name in the stack, which the outbox records.
    var name: String { get }
    /// Whether each notice needs a letter of its own.
    var wantsSingles: Bool { get }

    /// Hands `dispatch` over, within a bounded time.
    func take(_ dispatch: Dispatch) async -> Delivery
}
