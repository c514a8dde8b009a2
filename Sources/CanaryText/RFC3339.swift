// SPDX-License-Identifier: Apache-2.0

package import Foundation

extension Date {
    /// Reads an instant of RFC 3339, such as `2026-11-21T19:30:05Z` or `2026-11-21T20:30:05.250+01:00`; nil for anything
    /// else.
    package init?(rfc3339 text: String) { self.init(text, separators: "Tt") }

    private init?(_ text: String, separators: String) {
        var reader = DigitReader(text.utf8)
        guard let date = reader.date(), reader.skip(separators), let hour = reader.number(2), reader.skip(":"),
            let minute = reader.number(2), reader.skip(":"), let second = reader.number(2),
            let fraction = reader.fraction(), let offset = reader.offset(), reader.isAtEnd,
            hour < 24, minute < 60, second <= 60
        else { return nil }
        let seconds = date.daysSinceEpoch * 86400 + hour * 3600 + minute * 60 + second - offset
        self.init(timeIntervalSince1970: Double(seconds) + fraction)
    }

    /// Reads a day such as `2026-11-21` as its midnight UTC, or an instant of RFC 3339, with a space for the `T` if
    /// wanted; nil for anything else.
    package init?(instantOrDay text: String) {
        var reader = DigitReader(text.utf8)
        if let date = reader.date(), reader.isAtEnd {
            self.init(timeIntervalSince1970: Double(date.daysSinceEpoch) * 86400)
        } else {
            self.init(text, separators: "Tt ")
        }
    }

    /// Reads a date of HTTP, such as `Sun, 06 Nov 1994 08:49:37 GMT`; nil for anything else.
    package init?(http text: String) {
        let form = /[A-Z][a-z]{2}, ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9:]{8}) GMT/
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard let parts = text.wholeMatch(of: form), let month = months.firstIndex(of: String(parts.2)) else {
            return nil
        }
        self.init(rfc3339: "\(parts.3)-\(padded(month + 1))-\(parts.1)T\(parts.4)Z")
    }

    /// The instant as `2026-11-21T19:30:05Z`, with milliseconds only when there are some.
    package var rfc3339: String {
        let milliseconds = Int((timeIntervalSince1970 * 1000).rounded())
        let (date, time) = Self.split(milliseconds, per: 86_400_000)
        let seconds = time / 1000
        // The digits of the number are cut, not rounded, so that documents stay as they were published.
        let instant = Date(timeIntervalSince1970: Double(milliseconds) / 1000).timeIntervalSinceReferenceDate
        let digits = Int((instant - instant.rounded(.down)) * 1000)
        let fraction = time % 1000 == 0 ? "" : ".\(padded(digits, to: 3))"
        return "\(Self.text(ofDay: date))T\(Self.text(ofMinute: seconds / 60)):\(padded(seconds % 60))\(fraction)Z"
    }

    /// The instant for people, to the minute: `2026-11-21 19:30 UTC`.
    package var minuteText: String {
        let (date, time) = Self.split(Int(timeIntervalSince1970.rounded(.down)), per: 86400)
        return "\(Self.text(ofDay: date)) \(Self.text(ofMinute: time / 60)) UTC"
    }

    /// The day in UTC: `2026-11-21`.
    package var day: String { Self.text(ofDay: Int((timeIntervalSince1970 / 86400).rounded(.down))) }

    /// The second in UTC as a part of file names, which sort by time: `20261121T193005Z`.
    package var compactText: String {
        Date(timeIntervalSince1970: timeIntervalSince1970.rounded(.down)).rfc3339.filter { $0 != "-" && $0 != ":" }
    }

    /// `count` as whole days and the rest, which is never negative.
    private static func split(_ count: Int, per day: Int) -> (days: Int, rest: Int) {
        let rest = ((count % day) + day) % day
        return ((count - rest) / day, rest)
    }

    private static func text(ofDay days: Int) -> String {
        let date = CivilDate(daysSinceEpoch: days)
        return "\(padded(date.year, to: 4))-\(padded(date.month))-\(padded(date.day))"
    }

    private static func text(ofMinute minutes: Int) -> String { "\(padded(minutes / 60)):\(padded(minutes % 60))" }
}

private func padded(_ number: Int, to width: Int = 2) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

private struct DigitReader {
    private var rest: Substring.UTF8View

    init(_ text: String.UTF8View) { rest = text[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ one: String) -> Bool {
        guard let first = rest.first, one.utf8.contains(first) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(_ digits: Int) -> Int? {
        var value = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    mutating func date() -> CivilDate? {
        guard let year = number(4), skip("-"), let month = number(2), skip("-"), let day = number(2) else { return nil }
        return CivilDate(year: year, month: month, day: day)
    }

    /// What follows the seconds; 0 when nothing does, nil for a point without digits.
    mutating func fraction() -> Double? {
        guard skip(".") else { return 0 }
        var (value, unit) = (0.0, 0.1)
        guard let first = digit() else { return nil }
        value = Double(first) * unit
        while let digit = digit() {
            unit /= 10
            value += Double(digit) * unit
        }
        return value
    }

    /// Seconds east of Greenwich.
    mutating func offset() -> Int? {
        if skip("Zz") { return 0 }
        let isWest = rest.first == UInt8(ascii: "-")
        guard skip("+-"), let hours = number(2), skip(":"), let minutes = number(2), hours < 24, minutes < 60
        else { return nil }
        return (isWest ? -1 : 1) * (hours * 3600 + minutes * 60)
    }

    private mutating func digit() -> Int? {
        guard let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
        rest.removeFirst()
        return Int(byte - UInt8(ascii: "0"))
    }
}
