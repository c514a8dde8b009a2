// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// What a recogniser makes of a line.
struct Finding: Hashable, Sendable {
    /// Why the stage failed, by this line.
    let reason: ReasonCode
    /// The line, perhaps with more that belongs to it.
    let text: String
    /// The places it names, as printed, the most telling first; the first one in a known folder counts.
    let places: [FileLocation]
    /// What failures of this cause share, when the text says more than that.
    let cause: String?

    init(_ reason: ReasonCode, _ text: String, at places: [FileLocation] = [], cause: String? = nil) {
        self.reason = reason
        self.text = text
        self.places = places
        self.cause = cause
    }

    init(_ reason: ReasonCode, _ text: String, at place: FileLocation?) {
        self.init(reason, text, at: place.map { [$0] } ?? [])
    }
}

/// A place in a file, as tools print it: `file:12:3`, `file:12` or `file(12)`; a file alone has no line.
struct FileLocation: Hashable, Sendable {
    let file: String
    let line: Int?

    init(file: String, line: Int?) {
        self.file = file
        self.line = line
    }

    init?(_ text: some StringProtocol) {
        let text = Substring(text)
        if text.hasSuffix(")"), let bracket = text.lastIndex(of: "(") {
            let numbers = text[text.index(after: bracket)...].dropLast().split(separator: ",")
            guard let line = numbers.first.flatMap({ Int($0) }), bracket > text.startIndex else { return nil }
            self.init(file: String(text[..<bracket]), line: line)
        } else {
            guard let last = Self.number(behindLastColonOf: text) else { return nil }
            let place = Self.number(behindLastColonOf: last.rest) ?? last
            guard !place.rest.isEmpty else { return nil }
            self.init(file: String(place.rest), line: place.number)
        }
        // Words before a colon are no path: `a.cpp:1:2: warning: see b.h:7`.
        guard !file.contains(": ") else { return nil }
    }

    private static func number(behindLastColonOf text: Substring) -> (rest: Substring, number: Int)? {
        guard let colon = text.lastIndex(of: ":"), let number = Int(text[text.index(after: colon)...]), number >= 0
        else { return nil }
        return (text[..<colon], number)
    }
}
