// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText
import Foundation
import Testing

@Suite("CronSchedule") struct CronScheduleTests {
    private func date(_ text: String) throws -> Date { try Date(text + "Z", strategy: .iso8601) }

    private func next(_ line: String, after text: String) throws -> String? {
        try CronSchedule(line).next(after: try date(text)).map { String($0.formatted(.iso8601).dropLast(1)) }
    }

    @Test(arguments: [
        ("0 3 * * *", "2026-08-22T02:59:59", "2026-08-22T03:00:00"),
        ("0 3 * * *", "2026-08-22T03:00:00", "2026-08-23T03:00:00"),
        ("* * * * *", "2026-08-22T12:00:30", "2026-08-22T12:01:00"),
        ("* * * * *", "2026-08-22T12:00:59", "2026-08-22T12:01:00"),
        ("59 23 31 12 *", "2026-12-31T23:59:00", "2027-12-31T23:59:00"),
        ("0 0 1 1 *", "2026-12-31T23:59:59", "2027-01-01T00:00:00"),
        ("*/20 * * * *", "2026-12-31T23:41:00", "2027-01-01T00:00:00"),
        ("5/20 * * * *", "2026-01-01T00:05:00", "2026-01-01T00:25:00"),
        ("10-30/10 8 * * *", "2026-01-01T08:20:00", "2026-01-01T08:30:00"),
        ("0,30 6,18 * * *", "2026-01-01T06:30:00", "2026-01-01T18:00:00"),
        ("0 3 * * 0", "2026-08-22T00:00:00", "2026-08-23T03:00:00"),
        ("0 3 * * 7", "2026-08-22T00:00:00", "2026-08-23T03:00:00"),
        ("0 3 * * sun", "2026-08-22T00:00:00", "2026-08-23T03:00:00"),
        ("0 3 * * MON-Wed", "2026-08-22T00:00:00", "2026-08-24T03:00:00"),
        ("0 3 * * 5-7", "2026-08-20T00:00:00", "2026-08-21T03:00:00"),
        ("0 3 1 feb,Aug *", "2026-08-22T00:00:00", "2027-02-01T03:00:00"),
        ("0 0 29 2 *", "2026-01-01T00:00:00", "2028-02-29T00:00:00"),
        ("0 0 29 2 *", "2096-03-01T00:00:00", "2104-02-29T00:00:00"),
        ("0 0 31 */2 *", "2026-02-01T00:00:00", "2026-03-31T00:00:00"),
    ])
    func `the next instant is strictly later`(line: String, after: String, expected: String) throws {
        #expect(try next(line, after: after) == expected)
    }

    @Test(arguments: [
        // Both days are restricted: either may match.
        ("0 0 13 * 5", "2026-08-22T00:00:00", "2026-08-28T00:00:00"),
        ("0 0 23 * 5", "2026-08-22T00:00:00", "2026-08-23T00:00:00"),
        ("0 0 30 2 1", "2026-02-10T00:00:00", "2026-02-16T00:00:00"),
        // A field that begins with a star is not a restriction in this sense: both must match.
        ("0 0 */2 * 1", "2026-08-22T00:00:00", "2026-08-31T00:00:00"),
        ("0 0 1 * */7", "2026-08-22T00:00:00", "2026-11-01T00:00:00"),
    ])
    func `two restricted days are joined by or, as in Vixie's cron`(line: String, after: String, expected: String)
        throws
    {
        #expect(try next(line, after: after) == expected)
    }

    @Test func `a leap day on a Sunday may be forty years away`() throws {
        #expect(try next("0 0 29 2 */7", after: "2004-02-29T00:00:00") == "2032-02-29T00:00:00")
        #expect(try next("0 0 29 2 */7", after: "2088-02-29T00:00:00") == "2128-02-29T00:00:00")
    }

    @Test func `an instant before 1970 is rounded like any other`() throws {
        #expect(try next("* * * * *", after: "1969-12-31T23:59:30") == "1970-01-01T00:00:00")
    }

    @Test(arguments: ["0 0 30 2 *", "0 0 31 2,4,6,9,11 *", "* * 31 feb *"])
    func `a line that never occurs is invalid`(line: String) {
        #expect(throws: CronSchedule.Problem.neverOccurs) { try CronSchedule(line) }
    }

    @Test func `a line has five fields`() {
        #expect(throws: CronSchedule.Problem.fieldCount(4)) { try CronSchedule("0 3 * *") }
        #expect(throws: CronSchedule.Problem.fieldCount(0)) { try CronSchedule("  ") }
        #expect(throws: CronSchedule.Problem.fieldCount(1)) { try CronSchedule("@daily") }
    }

    @Test(arguments: [
        ("60 * * * *", "minute", "60"), ("-1 * * * *", "minute", "-1"), ("* 24 * * *", "hour", "24"),
        ("* * 0 * *", "day of month", "0"), ("* * 32 * *", "day of month", "32"), ("* * * 13 *", "month", "13"),
        ("* * * 0 *", "month", "0"), ("* * * * 8", "day of week", "8"), ("* * * * monday", "day of week", "monday"),
        ("*/0 * * * *", "minute", "*/0"), ("1,,2 * * * *", "minute", "1,,2"), ("1- * * * *", "minute", "1-"),
        ("5-1 * * * *", "minute", "5-1"), ("1/2/3 * * * *", "minute", "1/2/3"), ("/2 * * * *", "minute", "/2"),
        ("jan * * * *", "minute", "jan"), ("* * * * fri-sun", "day of week", "fri-sun"),
        ("٣ * * * *", "minute", "٣"), ("*/99999999999999999999 * * * *", "minute", "*/99999999999999999999"),
    ])
    func `a bad field is named`(line: String, name: String, text: String) {
        #expect(throws: CronSchedule.Problem.field(name: name, text: text)) { try CronSchedule(line) }
    }

    @Test func `a step as large as a number can be selects the first value`() throws {
        #expect(try next("1/\(Int.max) * * * *", after: "2026-01-01T00:00:00") == "2026-01-01T00:01:00")
    }

    @Test func `the line is kept with single spaces`() throws {
        #expect(try CronSchedule(" 0\t3  * * * ").description == "0 3 * * *")
    }

    @Test func `every returned minute matches the line, and no matching minute is left out`() throws {
        let line = try CronSchedule("*/7 */5 1-10/3 * 2")
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
        let start = try date("2027-12-25T00:00:00")
        var expected: [Date] = []
        for minute in 1...(30 * 1440) {
            let date = start.addingTimeInterval(Double(minute) * 60)
            let parts = calendar.dateComponents([.minute, .hour, .day, .weekday], from: date)
            let isDay = [1, 4, 7, 10].contains(parts.day ?? 0) || parts.weekday == 3
            if (parts.minute ?? 1) % 7 == 0, (parts.hour ?? 1) % 5 == 0, isDay { expected.append(date) }
        }
        var found: [Date] = []
        var last = start
        for _ in expected {
            last = try #require(line.next(after: last))
            found.append(last)
        }
        #expect(found == expected)
    }
}
