// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Testing

@testable import CanaryCommands

@Suite("The terminal")
struct TerminalTests {
    @Test func `shows a table with columns as wide as their widest cell and nothing after the last`() {
        var table = Table(header: ["job", "verdict"])
        table.add(["openexr@vfx2026/head", "passing"])
        table.add(["a", ""])
        #expect(table.text == "JOB                   VERDICT\nopenexr@vfx2026/head  passing\na")
    }

    @Test(arguments: [
        ([0, 0.5, 1], 3, " ▄█"), ([0.1, 0.1, 0.4, 0.4], 2, "▂█"), ([0, 0], 2, "  "), ([], 5, ""), ([1], 0, ""),
    ])
    func `draws a posterior, possible commits always visible`(_ values: [Double], _ width: Int, _ picture: String) {
        #expect(ProbabilityChart.draw(values, width: width) == picture)
    }

    @Test func `tells the user's mistakes from broken infrastructure by exit status`() {
        #expect(BadInput(text: "a", hint: "b").description == "a\nhint: b")
        #expect(ExitCode.badInput.rawValue == 2 && ExitCode.infrastructure.rawValue == 3)
    }
}
