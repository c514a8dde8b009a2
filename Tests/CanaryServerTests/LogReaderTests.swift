// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import Foundation
import Testing

@testable import CanaryServer

@Suite("LogReader") struct LogReaderTests {
    @Test func `a piece that was forgotten is read again up to the next one`() async throws {
        try await SiteFixture.with { fixture in
            try await fixture.open("r1")
            try await fixture.attempt("a1", in: "r1")
            // One line, whose characters do not end where pieces do, and longer than all pieces that are kept.
            let text = "x" + String(repeating: "é", count: 700_000)
            try text.write(toFile: fixture.log("a1"), atomically: false, encoding: .utf8)
            try await fixture.finish("a1")
            let reader = LogReader("a1", path: fixture.log("a1"), history: fixture.history.reader)
            var starts = [0]
            while let start = starts.last {
                let piece = try await reader.piece(from: start)
                try #require(piece.end > start)
                guard !piece.isLast else { break }
                starts.append(piece.end)
            }
            // The last one of those that were forgotten, wherever that is.
            for (start, next) in zip(starts, starts.dropFirst()).reversed() {
                #expect(try await reader.piece(from: start).end == next)
            }
        }
    }
}
