// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation
import Simulation
import Synchronization
import Testing

@testable import CanaryPages

@Suite("The index of a log") struct LogIndexTests {
    /// The lines of `bytes`, found one byte at a time.
    private func lines(_ bytes: [UInt8]) -> [[UInt8]] {
        var (lines, line) = ([[UInt8]](), [UInt8]())
        for (index, byte) in bytes.enumerated() {
            if byte == 0x0A || byte == 0x0D {
                if byte == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A { continue }
                lines.append(line)
                line = []
            } else {
                line.append(byte)
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }

    private func log(_ random: inout SplitMix64, pieces: Int, longest: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        for _ in 0..<pieces {
            let byte = UInt8.random(in: 0x20...0x7E, using: &random)
            bytes += Array(repeating: byte, count: .random(in: 0...longest, using: &random))
            bytes += [[0x0A], [0x0D], [0x0D, 0x0A], [0x0A, 0x0A], []].pick(&random)
        }
        return bytes
    }

    @Test(arguments: [1, 2, 3, 4])
    func `counts and shows the lines that a byte by byte reading finds`(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        for (pieces, longest) in [(0, 0), (1, 3), (50, 20), (2000, 300), (4000, 60), (3000, 900), (40, 200_000)] {
            let bytes = log(&random, pieces: pieces, longest: longest)
            let expected = lines(bytes)
            let index = await LogIndex.of(LogBytes(bytes), firstError: nil)
            #expect(index.lines == expected.count, "\(seed) \(pieces) \(longest)")
            for line in index.shown {
                #expect(Array(line.text) == Array(expected[line.number - 1].prefix(8000)), "\(line.number)")
                if let rest = line.rest { #expect(line.text.count + rest == expected[line.number - 1].count) }
            }
            let numbers = index.shown.map(\.number)
            #expect(numbers == numbers.sorted() && Set(numbers).count == numbers.count)
            if expected.count <= 2600, bytes.count <= 1 << 20 { #expect(numbers == Array(1..<expected.count + 1)) }
            if let last = numbers.last { #expect(last == expected.count, "\(seed) \(pieces) \(longest)") }
        }
    }

    @Test func `finds an error wherever it lies, also across the pieces in which a log is read`() async {
        let error = "src/a.cpp:7: error: it broke"
        for offset in (65_480...65_560).map({ $0 }) + [0, 131_050, 131_072, 200_000] {
            for filler in ["x", "\n", "\r\n"] {
                let before = String(repeating: filler, count: (offset + 1) / filler.utf8.count)
                let bytes = Array((before + error + "\n" + String(repeating: "after\n", count: 30_000)).utf8)
                let index = await LogIndex.of(LogBytes(bytes), firstError: error)
                let expected = filler == "x" ? 1 : before.utf8.count { $0 == 0x0A } + 1
                #expect(index.errorLine == expected, "\(offset) \(filler.debugDescription)")
                #expect(index.shown.contains { $0.number == expected })
            }
        }
    }

    @Test func `an error that repeats itself nearly everywhere is looked for in linear time`() async {
        let error = String(repeating: "a", count: 400) + "b"
        let bytes = Array(repeating: UInt8(ascii: "a"), count: 4 << 20) + Array("b\n".utf8)
        #expect(await LogIndex.of(LogBytes(bytes), firstError: error).errorLine == 1)
    }

    @Test(arguments: ["\n", "\r", "\u{1B}[31mx\u{1B}[0m", "x"])
    func `a page of 64 MiB reads little at a time and stays small`(filler: String) async {
        let count = 64 << 20
        let repeated = Array(String(repeating: filler, count: (1 << 20) / filler.utf8.count + 2).utf8)
        let longest = Mutex(0)
        let log = LogBytes(count: count) { range in
            longest.withLock { $0 = max($0, range.count) }
            let start = range.lowerBound % filler.utf8.count
            return Array(repeated[start..<start + min(range.upperBound, count) - range.lowerBound])
        }
        let text = await LogText.of(
            log, stageStarts: [LogFacts.StageStart(offset: count / 2, stage: .build)], firstError: "not there")
        #expect(longest.withLock { $0 } <= 1 << 20)
        #expect(text.html.utf8.count < 1 << 20 && text.stages == [.build])
        #expect(text.lines == (filler == "\n" || filler == "\r" ? count : 1))
        #expect(text.html.hasPrefix("<span id=\"L1\"") && text.html.contains("id=\"L\(text.lines)\""))
    }
}
