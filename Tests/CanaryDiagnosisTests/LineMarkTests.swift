// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import CanaryDiagnosis

@Suite("Marks before lines")
struct LineMarkTests {
    private func text(_ line: String) -> String {
        LogExcerpt(line + "\n").line(at: 0).text
    }

    @Test(arguments: [
        "[   12s] ", "[12s] ", "[   12.345678] ", "[12:34:56] ", "[2026-05-01T12:00:00.123Z] ",
        "[2026-05-01 12:00:00] ",
        "2026-05-01T12:00:00Z ", "2026-05-01T12:00:00.1234567Z ", "2026-05-01T12:00:00+02:00 ",
        "2026-05-01 12:00:00,123 ", "2026-05-01T12:00:00.123456Z 01O ", "2026-05-01T12:00:00.123Z 00E+",
        "2026-05-01T12:00:00.123456789+00:00 stdout F ", "12:34:56 ", "12:34:56.789 ", "May 01 12:34:56 ", "#12 3.456 ",
        "#12 ", "  >> 47    ", "     46    ", "##[error]", "#12 3.4 [   12s] ",
    ])
    func `a time, a step or an excerpt's mark is no part of the line`(mark: String) {
        #expect(text(mark + "half.cpp:3:1: error: no") == "half.cpp:3:1: error: no")
        #expect(text(mark + "  indented") == "  indented")
    }

    @Test(arguments: [
        "[12/345] Building half.o", "[ 12%] Building half.o", "[  FAILED  ] Half.Odd", "[12] half", "12: half",
        "#include <half.h>",
        "    3 | half", "   46 half", "12:34 half", "Maybe half", "May 1", "[ RUN      ] Half", "[1s]", "2026-05-01",
        "", " ",
    ])
    func `what only looks like one stays`(line: String) {
        #expect(text(line) == line)
    }
}
