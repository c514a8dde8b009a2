// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation
import Testing

@Suite("docs/reasons.md")
struct ReasonTableTests {
    /// The cells of each row of the first table.
    private func rows() throws -> [[String]] {
        let root = URL(fileURLWithPath: #filePath).appending(path: "../../..").standardized
        let text = try String(contentsOf: root.appending(path: "docs/reasons.md"), encoding: .utf8)
        let table = text.split(separator: "\n").drop { !$0.hasPrefix("| code |") }.prefix { $0.hasPrefix("|") }
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
}
