// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation
import Testing

@Suite("docs/reasons.md")
struct ReasonTableTests {
    /// The cells of each row of the table whose heading begins with `heading`.
    private func rows(_ heading: String = "| code |") throws -> [[String]] {
        let root = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardized
        let text = try String(contentsOf: root.appending(path: "docs/reasons.md"), encoding: .utf8)
        let table = text.split(separator: "\n").drop { !$0.hasPrefix(heading) }.prefix { $0.hasPrefix("|") }
        return table.dropFirst(2).map { row in
            row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    @Test func `the table lists every reason with its fault, sentence and evidence`() throws {
        let rows = try rows()
        #expect(rows.map(\.first) == ReasonCode.allCases.map { "`\($0.rawValue)`" })
        for (row, reason) in zip(rows, ReasonCode.allCases) {
            #expect(row.count == 4)
            #expect(row[1] == reason.fault.rawValue)
            #expect(row[2] == reason.sentence)
            #expect(!row[3].isEmpty)
        }
    }

    @Test func `the table of failures of the machine says what helps and whether a retry may`() throws {
        let rows = try rows("| reason | worth a retry |")
        let reasons = ReasonCode.allCases.filter { $0.hint != nil }
        #expect(rows.map(\.first) == reasons.map { "`\($0.rawValue)`" })
        for (row, reason) in zip(rows, reasons) {
            #expect(row.count == 3)
            #expect(row[1] == (reason.isWorthRetry ? "yes" : "no"))
            #expect(row[2] == reason.hint)
        }
    }
}
