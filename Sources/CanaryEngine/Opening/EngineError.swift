// SPDX-License-Identifier: Apache-2.0

/// Why the engine could not do what it was asked for.
package struct EngineError: Error, Hashable, CustomStringConvertible {
    /// What kind of trouble it is.
    package enum Code: String, Hashable, Sendable {
        /// The request names something that does not exist.
        case badRequest
        /// Somebody else drives the state folder.
        case stateInUse
        /// The state folder cannot be used.
        case stateFolder
        /// The wanted runtime cannot be had.
        case runtime
        /// What we ran for somebody said that it makes no sense to go on.
        case stopped
        /// We were asked to stop.
        case interrupted
    }

    /// What kind of trouble it is.
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

    package var description: String { hint.map { "\(text)\nhint: \($0)" } ?? text }
}
