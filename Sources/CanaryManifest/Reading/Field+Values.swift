// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText
import Foundation

extension Field {
    /// The source text of a scalar, whatever YAML would make of it; may be empty and may hold line breaks.
    func text() -> String? {
        anyText(hint: node.isNull ? "write `\"\"` for an empty text" : nil)
    }

    private func anyText(hint: String?) -> String? {
        guard case .scalar(let scalar) = node.content, !node.isNull else {
            mismatch(expected: "text", hint: hint)
            return nil
        }
        guard !scalar.text.unicodeScalars.contains(where: { isForbidden($0, inLine: false) }) else {
            mismatch(expected: "text without control characters")
            return nil
        }
        return scalar.text
    }

    /// Text that is not blank.
    func paragraph() -> String? {
        guard let text = anyText(hint: nil) else { return nil }
        guard !text.allSatisfy(\.isWhitespace) else {
            mismatch(expected: "text that is not empty")
            return nil
        }
        return text
    }

    /// One line of text that is not blank.
    func line() -> String? {
        guard let text = paragraph() else { return nil }
        guard !text.unicodeScalars.contains(where: { isForbidden($0, inLine: true) }) else {
            mismatch(expected: "one line of text")
            return nil
        }
        return text
    }

    /// A line that `accepts`; else reports `expected`.
    func line(_ expected: String, hint: String? = nil, where accepts: (String) -> Bool) -> String? {
        guard let line = line() else { return nil }
        guard accepts(line) else {
            mismatch(expected: expected, hint: hint)
            return nil
        }
        return line
    }

    /// A boolean of YAML 1.1.
    func flag() -> Bool? {
        if case .scalar(let scalar) = node.content, scalar.isPlain {
            switch scalar.text {
            case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": return true
            case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": return false
            default: break
            }
        }
        mismatch(expected: "`true` or `false`", hint: quotesHint)
        return nil
    }

    /// A whole number in `range`.
    func integer(in range: ClosedRange<Int>) -> Int? {
        if case .scalar(let scalar) = node.content, scalar.isPlain,
            scalar.text.wholeMatch(of: /-?(0|[1-9][0-9]*)/) != nil, let value = Int(scalar.text), range.contains(value)
        {
            return value
        }
        mismatch(expected: "a whole number from \(range.lowerBound) to \(range.upperBound)", hint: quotesHint)
        return nil
    }

    /// A decimal number that is not negative.
    func number() -> Double? {
        if case .scalar(let scalar) = node.content, scalar.isPlain,
            scalar.text.wholeMatch(of: /[0-9]+(\.[0-9]+)?/) != nil, let value = Double(scalar.text), value.isFinite
        {
            return value
        }
        mismatch(expected: "a number of at least 0", hint: quotesHint)
        return nil
    }

    private var quotesHint: String? {
        guard case .scalar(let scalar) = node.content, !scalar.isPlain else { return nil }
        return "write it without quotes"
    }

    /// A duration; `positive` refuses `0s`.
    func span(positive: Bool = false) -> TimeSpan? {
        guard let line = line() else { return nil }
        guard let span = TimeSpan(line) else {
            mismatch(expected: "a duration such as `90s`, `30m`, `2h` or `7d`")
            return nil
        }
        guard !positive || span.seconds > 0 else {
            mismatch(expected: "a duration of at least `1s`")
            return nil
        }
        return span
    }

    /// A size of at least one byte.
    func size() -> ByteSize? {
        guard let line = line() else { return nil }
        guard let size = ByteSize(line), size.bytes > 0 else {
            mismatch(expected: "a size above zero such as `512KiB`, `64MiB` or `8GiB`")
            return nil
        }
        return size
    }

    /// A cron line.
    func schedule() -> CronSchedule? {
        guard let line = line() else { return nil }
        do throws(CronSchedule.Problem) {
            return try CronSchedule(line)
        } catch {
            switch error {
            case .fieldCount(let count):
                let expected = "minute, hour, day of month, month, day of week"
                report("cron line `\(line)` has \(count) fields, expected 5: \(expected)")
            case .field(let name, let text):
                report("cron line `\(line)` has a bad \(name) field \(quoted(text))")
            case .neverOccurs:
                report("cron line `\(line)` never comes")
            }
            return nil
        }
    }

    private func report(_ message: String) {
        source.error("\(quoted(key)): \(message)", at: node.position)
    }

    /// A date, taken as midnight UTC, or an instant of RFC 3339.
    func date() -> Date? {
        guard let line = line() else { return nil }
        guard let date = ManifestDate.read(line) else {
            mismatch(expected: "a date such as `2027-01-31` or `2027-01-31T12:00:00Z`")
            return nil
        }
        return date
    }

    /// One of the raw values of `Choice`.
    func choice<Choice>(_ type: Choice.Type) -> Choice?
    where Choice: RawRepresentable<String> & CaseIterable {
        choice(among: type.allCases.map { ($0.rawValue, $0) })
    }

    /// The value whose name is written.
    func choice<Value>(among choices: [(name: String, value: Value)]) -> Value? {
        guard let line = line() else { return nil }
        if let found = choices.first(where: { $0.name == line }) { return found.value }
        let names = choices.map(\.name)
        let near = NearestName.of(line, among: names).map { "did you mean \(quoted($0))?" }
        mismatch(expected: "one of \(quotedList(names))", hint: near)
        return nil
    }

    /// A name out of `names`, called a `kind`.
    func reference(to kind: String, in names: some Collection<String>) -> String? {
        guard let line = line() else { return nil }
        if names.contains(line) { return line }
        let near = suggestion(for: line, in: names)
        let hint = near.isEmpty && !names.isEmpty ? "known: \(quotedList(names.sorted()))" : nil
        source.error("unknown \(kind) \(quoted(line))\(near)", at: node.position, hint: hint)
        return nil
    }
}

private func isForbidden(_ scalar: Unicode.Scalar, inLine: Bool) -> Bool {
    if scalar == "\n" || scalar == "\t" { return inLine }
    return scalar.value < 0x20 || scalar.value == 0x7F
}
