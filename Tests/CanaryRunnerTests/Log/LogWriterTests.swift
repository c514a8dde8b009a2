// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryTestSupport
import CanaryText
import Foundation
import Testing

@testable import CanaryRunner

@Suite("LogWriter")
struct LogWriterTests {
    /// What is kept of `raw`, written in pieces of `piece` bytes.
    private func kept(_ raw: [UInt8], limit: Int, piece: Int) throws -> [UInt8] {
        let folder = "/tmp/canary-log-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let writer = try LogWriter(path: folder + "/log", limit: ByteSize(bytes: limit))
        for start in stride(from: 0, to: raw.count, by: piece) {
            raw[start..<min(start + piece, raw.count)].withUnsafeBytes { writer.append($0) }
        }
        #expect(writer.totalBytes == raw.count)
        #expect(writer.finish() == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["log"])
        return Array(FileManager.default.contents(atPath: folder + "/log") ?? Data())
    }

    private func raw(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(33 + $0 % 90) } }

    @Test(arguments: [0, 1, 49, 50, 51, 99, 100], [1, 7, 50, 1000])
    func `what fits is kept whole`(_ count: Int, _ piece: Int) throws {
        #expect(try kept(raw(count), limit: 100, piece: piece) == raw(count))
    }

    @Test(arguments: [101, 149, 150, 151, 200, 1234, 10000], [1, 7, 50, 33, 100_000])
    func `of more output, head and tail are kept and the gap is marked`(_ count: Int, _ piece: Int) throws {
        let raw = raw(count)
        let expected = raw.prefix(50) + Array("\n[canary: \(count - 100) bytes left out]\n".utf8) + raw.suffix(50)
        #expect(try kept(raw, limit: 100, piece: piece) == Array(expected))
    }

    @Test(arguments: [0, 1, 2, 3]) func `small limits hold too`(_ limit: Int) throws {
        let raw = raw(10)
        let note = Array("\n[canary: \(10 - limit) bytes left out]\n".utf8)
        let expected = raw.prefix(limit / 2) + note + raw.suffix(limit - limit / 2)
        #expect(try kept(raw, limit: limit, piece: 4) == Array(expected))
    }

    @Test(arguments: [80, 100, 101, 160, 5000])
    func `an offset of what was printed leads to the same byte in what was kept`(_ count: Int) throws {
        let raw = (0..<count).map { UInt8($0 % 251) }
        let bytes = try kept(raw, limit: 100, piece: 9)
        let log = TruncatedLog(totalBytes: count, limit: ByteSize(bytes: 100))
        #expect(log.leftOut == max(0, count - 100))
        for offset in raw.indices {
            let isKept = count <= 100 || offset < 50 || offset >= count - 50
            #expect(bytes[log.offset(ofRaw: offset)] == raw[isKept ? offset : count - 50])
        }
    }

    @Test func `the head can be read while the log is written`() throws {
        let path = "/tmp/canary-log-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let writer = try LogWriter(path: path, limit: .mebibytes(1))
        Array("now\n".utf8).withUnsafeBytes { writer.append($0) }
        #expect(FileManager.default.contents(atPath: path) == Data("now\n".utf8))
        #expect(writer.finish() == nil)
    }

    @Test func `a log that cannot be opened says why`() throws {
        let failure = #expect(throws: RunnerFailure.self) {
            _ = try LogWriter(path: "/nowhere/log", limit: .mebibytes(1))
        }
        #expect(failure?.detail == "cannot open the log `/nowhere/log`: no such file or directory")
    }

    @Test func `a full disk is reported at the end and all bytes are counted`() async throws {
        let temporary = TemporaryFolder()
        try await withDisk(of: "16k", at: temporary("small")) {
            let writer = try LogWriter(path: temporary("small/log"), limit: .mebibytes(1))
            for _ in 0..<5 { Array(repeating: UInt8(ascii: "x"), count: 10_000).withUnsafeBytes { writer.append($0) } }
            #expect(writer.totalBytes == 50_000)
            #expect(writer.finish()?.reason == .environmentDiskFull)
        }
    }

    @Test func `what a link leads to is not written to, nor is another name of the same file`() throws {
        let temporary = TemporaryFolder()
        temporary.write("kept", "kept")
        symlink(temporary("kept"), temporary("log"))
        #expect(link(temporary("kept"), temporary("log.tail")) == 0)
        let writer = try LogWriter(path: temporary("log"), limit: ByteSize(bytes: 10))
        Array("a longer text".utf8).withUnsafeBytes { writer.append($0) }
        #expect(writer.finish() == nil && text(temporary("kept")) == "kept")
        #expect(text(temporary("log")) == "a lon\n[canary: 3 bytes left out]\n text")
    }
}
