// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// Dates as manifests write them.
package enum ManifestDate {
    /// Reads `YYYY-MM-DD` as midnight UTC, or an instant of RFC 3339; nil for anything else.
    package static func read(_ text: String) -> Date? {
        if let match = text.wholeMatch(of: /([0-9]{4}-[0-9]{2}-[0-9]{2})/) {
            return instant(day: match.1, hour: "0", minute: "0", second: "0")
        }
        let form =
            #/
            ([0-9]{4}-[0-9]{2}-[0-9]{2}) [Tt\x20]
            ([0-9]{2}) : ([0-9]{2}) : ([0-9]{2}) (?:\.[0-9]+)?
            (?: [Zz] | ([+\-]) ([0-9]{2}) : ([0-9]{2}) )
            /#
        guard let match = text.wholeMatch(of: form),
            let local = instant(day: match.1, hour: match.2, minute: match.3, second: match.4)
        else { return nil }
        guard let sign = match.5, let hours = match.6.flatMap({ Int($0) }), let minutes = match.7.flatMap({ Int($0) })
        else { return local }
        guard hours < 24, minutes < 60 else { return nil }
        let offset = Double(hours * 3600 + minutes * 60)
        return local.addingTimeInterval(sign == "-" ? offset : -offset)
    }

    /// The day of `date` in UTC, for messages.
    package static func day(of date: Date) -> String {
        date.formatted(.iso8601.year().month().day())
    }

    private static func instant(day: Substring, hour: Substring, minute: Substring, second: Substring) -> Date? {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = day.split(separator: "-").map { Int($0) }
        var components = DateComponents(calendar: calendar, timeZone: .gmt)
        (components.year, components.month, components.day) = (parts[0], parts[1], parts[2])
        (components.hour, components.minute, components.second) = (Int(hour), Int(minute), Int(second))
        return components.isValidDate ? calendar.date(from: components) : nil
    }
}
