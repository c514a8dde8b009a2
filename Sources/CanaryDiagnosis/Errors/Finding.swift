// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// An error that a matcher found.
struct Finding: Hashable, Sendable {
    /// Why the stage failed, according to this line.
    let reason: ReasonCode
    /// The line, with continuation lines where it has some.
    let text: String
    /// The locations it names as printed, the most relevant first; the first one in a known folder is used.
    let locations: [FileLocation]
    /// What the fingerprint covers; nil means the text.
    let cause: String?

    init(_ reason: ReasonCode, _ text: String, at locations: [FileLocation] = [], cause: String? = nil) {
        self.reason = reason
        self.text = text
        self.locations = locations
        self.cause = cause
    }

    init(_ reason: ReasonCode, _ text: String, at location: FileLocation?) {
        self.init(reason, text, at: location.map { [$0] } ?? [])
    }
}

/// A location in a file as tools print it: `file:12:3`, `file:12` or `file(12)`; a file alone has no line.
struct FileLocation: Hashable, Sendable {
    let file: String
    let line: Int?
}

extension FileLocation {
    init?(_ text: some StringProtocol) {
        let text = Substring(text)
        if text.hasSuffix(")"), let bracket = text.lastIndex(of: "(") {
            let numbers = text[text.index(after: bracket)...].dropLast().split(separator: ",")
            guard let line = numbers.first.flatMap({ Int($0) }), bracket > text.startIndex else { return nil }
            self.init(file: String(text[..<bracket]), line: line)
        } else {
            guard let last = Self.number(afterLastColonOf: text) else { return nil }
            let location = Self.number(afterLastColonOf: last.rest) ?? last
            guard !location.rest.isEmpty else { return nil }
            self.init(file: String(location.rest), line: location.number)
        }
        // Words before a colon are not a path: `a.cpp:1:2: warning: see b.h:7`.
        guard !file.contains(": ") else { return nil }
    }

    private static func number(afterLastColonOf text: Substring) -> (rest: Substring, number: Int)? {
        guard let colon = text.lastIndex(of: ":"), let number = Int(text[text.index(after: colon)...]), number >= 0
        else { return nil }
        return (text[..<colon], number)
    }
}
