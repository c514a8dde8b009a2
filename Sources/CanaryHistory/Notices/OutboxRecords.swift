// SPDX-License-Identifier: Apache-2.0

package import CanaryJudge
import CanaryModel
package import Foundation

/// Where a letter is in its life.
package enum LetterState: String, CaseIterable, Sendable {
    /// To be sent, or to be sent again.
    case waiting
    /// The receiver took it.
    case sent
    /// The receiver refuses it, or could not be had for too long.
    case givenUp
}

/// A letter that is to be sent.
package struct OutgoingLetter: Hashable, Sendable {
    /// Its number in history.
    package let id: Int64
    /// What is in it, under the key it was given when it was put together.
    package let letter: Letter
    /// When it was put together.
    package let createdAt: Date
    /// Not to be tried before; the past for one that is due.
    package let dueAt: Date
    /// How often it was tried.
    package let attempts: Int
}

/// A notice that no letter holds yet.
package struct PiledNotice: Hashable, Sendable {
    /// Its number in history.
    package let id: Int64
    /// The notice.
    package let notice: Notice
    /// Since when it could have been sent.
    package let dueAt: Date
}

/// What waits for one receiver at one instant.
package struct Mailbag: Sendable {
    /// The letters that wait, oldest first, due or not.
    package let letters: [OutgoingLetter]
    /// The notices that are due and in no letter, oldest first.
    package let pile: [PiledNotice]
    /// How many letters were put together in the hour before.
    package let lettersOfTheHour: Int
    /// When the next notice that is not due yet will be.
    package let nextDue: Date?
}

/// A letter that does not reach its receiver.
package struct StuckLetter: Hashable, Sendable {
    /// The receiver.
    package let receiver: String
    /// Whether it is still tried.
    package let state: LetterState
    /// How many notices are in it.
    package let notices: Int
    /// When it was put together.
    package let createdAt: Date
    /// How often it was tried.
    package let attempts: Int
    /// What the receiver said last.
    package let trouble: String
}

/// How one notice fares with one receiver: who was told, and who not and why.
package struct NoticeDelivery: Hashable, Sendable {
    /// The receiver.
    package let receiver: String
    /// The notice.
    package let notice: Notice
    /// Where its letter is; nil while it is in none.
    package let state: LetterState?
    /// When the letter was sent or given up; else when the notice is due or tried again.
    package let at: Date
    /// What the receiver said last; nil when it took it at once.
    package let trouble: String?
}
