// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Foundation
import Testing

@Suite("Dates") struct DateTests {
    @Test(arguments: [
        ("2026-01-01T00:00:00Z", 1_767_225_600.0), ("2026-01-01T01:30:00+01:30", 1_767_225_600),
        ("2025-12-31t23:00:00-01:00", 1_767_225_600), ("2026-01-01T00:00:00.25z", 1_767_225_600.25),
        ("2024-02-29T12:00:00Z", 1_709_208_000), ("1969-12-31T23:59:59Z", -1), ("2000-03-01T00:00:00Z", 951_868_800),
        ("2016-12-31T23:59:60Z", 1_483_228_800), ("0000-03-01T00:00:00Z", -62_162_035_200),
    ])
    func `an instant of RFC 3339 is read`(text: String, seconds: Double) {
        #expect(Date(rfc3339: text)?.timeIntervalSince1970 == seconds)
    }

    @Test(arguments: [
        "", "2026", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01 00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00Z ", "-026-01-01T00:00:00Z",
        "2026-01-01T00:00:61Z", "2026-01-01T00:00:00+24:00", "２026-01-01T00:00:00Z", "yesterday",
    ])
    func `what is not an instant is refused`(text: String) { #expect(Date(rfc3339: text) == nil) }

    @Test(arguments: [
        ("2027-01-31", 1_801_353_600), ("2027-01-31T00:00:00Z", 1_801_353_600),
        ("2027-01-31t02:00:00+02:00", 1_801_353_600),
        ("2027-01-30 22:30:00.5-01:30", 1_801_353_600.5), ("2028-02-29", 1_835_395_200),
    ])
    func `a day or an instant is read in UTC`(text: String, seconds: Double) {
        #expect(Date(instantOrDay: text) == Date(timeIntervalSince1970: seconds))
    }

    @Test(arguments: [
        "", "2027", "2027-1-31", "2027-02-29", "2027-13-01", "2027-01-31T24:00:00Z", "2027-01-31T00:00:00",
        "2027-01-31T00:00:00+99:00", "31.01.2027", "2027-01-31Z", "２０２７-01-31",
    ])
    func `what is neither a day nor an instant is refused`(text: String) {
        #expect(Date(instantOrDay: text) == nil)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z", "1970-01-01 00:00 UTC"),
            (0.25, "1970-01-01T00:00:00.250Z", "1970-01-01 00:00 UTC"),
            (-1, "1969-12-31T23:59:59Z", "1969-12-31 23:59 UTC"),
            (-0.25, "1969-12-31T23:59:59.750Z", "1969-12-31 23:59 UTC"),
            (59.9996, "1970-01-01T00:01:00Z", "1970-01-01 00:00 UTC"),
            (1_709_251_199, "2024-02-29T23:59:59Z", "2024-02-29 23:59 UTC"),
        ] as [(Double, String, String)])
    func `an instant is written with milliseconds only when it has some, or to the minute`(
        seconds: Double, rfc3339: String, minute: String
    ) {
        let date = Date(timeIntervalSince1970: seconds)
        #expect(date.rfc3339 == rfc3339 && date.minuteText == minute && date.day == minute.prefix(10))
    }

    @Test func `what is written is read again`() {
        for seconds in stride(from: -2e10, to: 4e10, by: 86_399_987.5) {
            let date = Date(timeIntervalSince1970: seconds)
            #expect(Date(rfc3339: date.rfc3339) == date)
            #expect(Date(instantOrDay: date.day).map { date.timeIntervalSince($0) }.map { 0..<86400 ~= $0 } == true)
        }
    }

    @Test func `file names get the second alone`() {
        #expect(Date(timeIntervalSince1970: 1_795_289_405.9).compactText == "20261121T193005Z")
    }

    @Test(
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Sun, 06 Nov 1994 08:49:37 UTC", nil),
            ("Sun, 31 Feb 1994 08:49:37 GMT", nil), ("Sun, 06 Abc 1994 08:49:37 GMT", nil),
            ("1994-11-06T08:49:37Z", nil),
        ] as [(String, Double?)])
    func `a date of HTTP is read`(text: String, seconds: Double?) {
        #expect(Date(http: text)?.timeIntervalSince1970 == seconds)
    }
}
