// SPDX-License-Identifier: Apache-2.0

/// Why the engine could not do what it was asked for.
package struct EngineError: Error, Hashable, CustomStringConvertible {
    /// The kinds of errors.
    package enum Code: String, Hashable, Codable, Sendable {
        /// The request names something that does not exist.
        case badRequest
        /// Another process holds the state folder.
        case stateInUse
        /// The state folder cannot be used.
        case stateFolder
        /// The requested runtime does not work.
        case runtime
        /// A command or a series of errors says that going on makes no sense.
        case stopped
        /// We were asked to stop.
        case interrupted
    }

    /// The kind.
    package let code: Code
    /// What happened, lower case, without a final stop.
    package let text: String
    /// What to do about it.
    package let hint: String?

    /// Makes an error.
    package init(_ code: Code, _ text: String, hint: String? = nil) {
        self.code = code
        self.text = text
        self.hint = hint
    }

    /// The stop signal was raised.
    package static let interrupted = EngineError(.interrupted, "interrupted")

    /// Throws when the stop signal was raised or the task cancelled.
    static func throwIfStopped(_ stop: StopSignal) throws {
        guard !stop.isRaised, !Task.isCancelled else { throw interrupted }
    }

    package var description: String { hint.map { "\(text)\nhint: \($0)" } ?? text }
}
