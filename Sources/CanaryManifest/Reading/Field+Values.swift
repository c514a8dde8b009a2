// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText
import Foundation

extension Field {
    /// The source text of a scalar, whatever YAML would make of it; can be empty and can hold line breaks.
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

    /// A line in `format`.
    func line(_ format: TextFormat) -> String? {
        parsed(format.expected, hint: format.hint) { format.accepts($0) ? $0 : nil }
    }

    /// What `read` makes of a line; reports that `expected` was not found when it is nil.
    func parsed<Value>(_ expected: String, hint: String? = nil, _ read: (String) -> Value?) -> Value? {
        guard let line = line() else { return nil }
        let value = read(line)
        if value == nil { mismatch(expected: expected, hint: hint) }
        return value
    }

    /// The name of a project.
    func projectName() -> String? {
        guard let name = line(.projectName) else { return nil }
        let yamlWords: Set = ["true", "false", "yes", "no", "on", "off"]
        guard case .scalar(let scalar) = node.content, !scalar.isPlain || !yamlWords.contains(name) else {
            mismatch(expected: "a project name", hint: "YAML reads this word as a boolean: put it in quotes")
            return nil
        }
        return name
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
        let span = parsed("a duration such as `90s`, `30m`, `2h` or `7d`") { TimeSpan($0) }
        guard positive, span?.seconds == 0 else { return span }
        mismatch(expected: "a duration of at least `1s`")
        return nil
    }

    /// A size of at least one byte.
    func size() -> ByteSize? {
        parsed("a size above zero such as `512KiB`, `64MiB` or `8GiB`") { text in
            ByteSize(text).flatMap { $0.bytes > 0 ? $0 : nil }
        }
    }

    /// A cron line.
    func schedule() -> CronSchedule? {
        guard let line = line() else { return nil }
        do throws(CronSchedule.Problem) {
            return try CronSchedule(line)
        } catch {
            source.error("\(quoted(key)): \(error.message(about: line))", at: node.position)
            return nil
        }
    }

    /// A date, read as midnight UTC, or an instant of RFC 3339.
    func date() -> Date? {
        parsed("a date such as `2027-01-31` or `2027-01-31T12:00:00Z`") { Date(instantOrDay: $0) }
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
        mismatch(expected: "one of \(quotedList(names))", hint: NearestName.question(line, among: names))
        return nil
    }

    /// A name out of `names`, called a `kind`.
    func reference(to kind: String, in names: some Collection<String>) -> String? {
        guard let line = line() else { return nil }
        if names.contains(line) { return line }
        source.unknown(kind, line, among: names.sorted(), at: node.position)
        return nil
    }
}

extension CronSchedule.Problem {
    fileprivate func message(about line: String) -> String {
        switch self {
        case .fieldCount(let count):
            let expected = "minute, hour, day of month, month, day of week"
            return "cron line `\(line)` has \(count.counting("field")), expected 5: \(expected)"
        case .field(let name, let text): return "cron line `\(line)` has a bad \(name) field \(quoted(text))"
        case .neverOccurs: return "cron line `\(line)` never occurs"
        }
    }
}

private func isForbidden(_ scalar: Unicode.Scalar, inLine: Bool) -> Bool {
    if scalar == "\n" || scalar == "\t" { return inLine }
    return scalar.value < 0x20 || scalar.value == 0x7F
}
