// SPDX-License-Identifier: Apache-2.0

import CanaryText
package import Foundation

/// A cron line in UTC: minute, hour, day of month, month, day of week.
///
/// Lists, ranges, steps and English names mean what they mean in Vixie cron: when both days are restricted, one of them
/// must match; day of week 7 is Sunday.
package struct CronSchedule: Hashable, Sendable, CustomStringConvertible {
    /// The line as written.
    package let description: String
    private let minutes: Set<Int>
    private let hours: Set<Int>
    private let days: Set<Int>
    private let months: Set<Int>
    private let weekdays: Set<Int>
    private let anyDayOfMonth: Bool
    private let anyDayOfWeek: Bool

    /// Why a line is invalid.
    package enum Problem: Error, Equatable {
        /// Not five fields.
        case fieldCount(Int)
        /// The named field cannot be read or lies outside its range.
        case field(name: String, text: String)
        /// The line is well formed, but no date matches it.
        case neverOccurs
    }

    /// Reads `line`.
    ///
    /// - Throws: `Problem`.
    package init(_ line: String) throws(Problem) {
        let fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
        guard fields.count == 5 else { throw .fieldCount(fields.count) }
        minutes = try CronField.minute.values(in: fields[0])
        hours = try CronField.hour.values(in: fields[1])
        days = try CronField.dayOfMonth.values(in: fields[2])
        months = try CronField.month.values(in: fields[3])
        weekdays = Set(try CronField.dayOfWeek.values(in: fields[4]).map { $0 % 7 })
        anyDayOfMonth = fields[2].hasPrefix("*")
        anyDayOfWeek = fields[4].hasPrefix("*")
        description = fields.joined(separator: " ")
        guard next(after: Date(timeIntervalSince1970: 946_684_800)) != nil else { throw .neverOccurs }
    }

    /// The first matching time after `date`; never nil for a valid line.
    package func next(after date: Date) -> Date? {
        let start = Int((date.timeIntervalSince1970 / 60).rounded(.down)) + 1
        let firstDay = Int((Double(start) / 1440).rounded(.down))
        // 29 February falls on a given day of the week at least every 40 years; one more year for the rest.
        for day in firstDay..<(firstDay + 41 * 366) where isDue(day: day) {
            let from = day == firstDay ? start - firstDay * 1440 : 0
            for minute in from..<1440 where hours.contains(minute / 60) && minutes.contains(minute % 60) {
                return Date(timeIntervalSince1970: Double((day * 1440 + minute) * 60))
            }
        }
        return nil
    }

    private func isDue(day: Int) -> Bool {
        let civil = CivilDate(daysSinceEpoch: day)
        guard months.contains(civil.month) else { return false }
        let dayMatches = days.contains(civil.day)
        let weekdayMatches = weekdays.contains(((day + 4) % 7 + 7) % 7)
        if anyDayOfMonth || anyDayOfWeek { return dayMatches && weekdayMatches }
        return dayMatches || weekdayMatches
    }
}

private enum CronField: String {
    case minute
    case hour
    case dayOfMonth = "day of month"
    case month
    case dayOfWeek = "day of week"

    var range: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 0...7
        }
    }

    var names: [String] {
        switch self {
        case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        case .dayOfWeek: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
        default: []
        }
    }

    func values(in text: String) throws(CronSchedule.Problem) -> Set<Int> {
        var values: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let some = self.part(String(part)) else { throw .field(name: rawValue, text: text) }
            values.formUnion(some)
        }
        return values
    }

    /// `*`, `a`, `a-b`, each with an optional `/step`; `a/step` continues to the end of the range.
    private func part(_ text: String) -> [Int]? {
        let pieces = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard pieces.count <= 2, let body = pieces.first else { return nil }
        let step = pieces.count == 2 ? Int(pieces[1]) : 1
        guard let step, step > 0, let span = span(body, stepped: pieces.count == 2) else { return nil }
        return Array(stride(from: span.lowerBound, through: span.upperBound, by: step))
    }

    private func span(_ body: String, stepped: Bool) -> ClosedRange<Int>? {
        if body == "*" { return self == .dayOfWeek ? 0...6 : range }
        let ends = body.split(separator: "-", omittingEmptySubsequences: false).map { number(String($0)) }
        guard let low = ends.first ?? nil, range.contains(low) else { return nil }
        switch ends.count {
        case 1: return low...(stepped ? range.upperBound : low)
        case 2:
            guard let high = ends[1], range.contains(high), low <= high else { return nil }
            return low...high
        default: return nil
        }
    }

    private func number(_ text: String) -> Int? {
        if let index = names.firstIndex(of: text.lowercased()) { return self == .month ? index + 1 : index }
        return text.allSatisfy({ $0.isASCII && $0.isNumber }) ? Int(text) : nil
    }
}
