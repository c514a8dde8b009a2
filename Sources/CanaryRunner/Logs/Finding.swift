// SPDX-License-Identifier: Apache-2.0

import CanaryModel

/// What a recogniser makes of a line.
struct Finding: Hashable {
    /// Why the stage failed, by this line.
    let reason: ReasonCode
    /// The line, perhaps with more that belongs to it.
    let text: String
    /// The file it names, as printed.
    let file: String?
    /// The line in that file.
    let line: Int?

    init(_ reason: ReasonCode, _ text: String, at place: Place? = nil) {
        self.reason = reason
        self.text = text
        file = place?.file
        line = place?.line
    }
}

/// A place in a file, as compilers print it: `file:12:3`, `file:12` or `file(12)`.
struct Place: Hashable {
    let file: String
    let line: Int

    init(file: String, line: Int) {
        self.file = file
        self.line = line
    }

    init?(_ text: Substring) {
        if text.hasSuffix(")"), let bracket = text.lastIndex(of: "(") {
            let numbers = text[text.index(after: bracket)...].dropLast().split(separator: ",")
            guard let line = numbers.first.flatMap({ Int($0) }), bracket > text.startIndex else { return nil }
            self.init(file: String(text[..<bracket]), line: line)
            return
        }
        guard let last = Self.number(behindLastColonOf: text) else { return nil }
        let place = Self.number(behindLastColonOf: last.rest) ?? last
        guard !place.rest.isEmpty else { return nil }
        self.init(file: String(place.rest), line: place.number)
    }

    private static func number(behindLastColonOf text: Substring) -> (rest: Substring, number: Int)? {
        guard let colon = text.lastIndex(of: ":"), let number = Int(text[text.index(after: colon)...]), number >= 0
        else { return nil }
        return (text[..<colon], number)
    }
}
