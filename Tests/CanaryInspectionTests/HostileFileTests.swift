// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryInspection

/// Files that a build made to cost time or memory: each is read in proportion to its size, or to a bound.
@Suite("Hostile files") final class HostileFileTests {
    let temporary = TemporaryFolder()

    private func write(_ bytes: some Collection<UInt8>, to path: String) throws {
        try Folder.make((temporary(path) as NSString).deletingLastPathComponent)
        try Data(bytes).write(to: URL(fileURLWithPath: temporary(path)))
    }

    /// The surface of the tree `tree`, and the time that it takes.
    private func surface() throws -> (surface: Surface, time: Duration) {
        let tree = try TreeHash.hash(of: temporary("tree"), replacing: [])
        var surface = Surface([:])
        let time = try ContinuousClock().measure {
            surface = try SurfaceReader.surface(of: tree, in: temporary("tree"), replacing: [])
        }
        return (surface, time)
    }

    // MARK: - ELF

    private func little(_ value: Int, _ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// A 64-bit header with section headers of `size` bytes after it.
    private func header(sections count: Int, of size: Int) -> [UInt8] {
        [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0] + [UInt8](repeating: 0, count: 8) + little(3, 2) + little(62, 2)
            + little(1, 4) + little(0, 8) + little(0, 8) + little(64, 8) + little(0, 4) + little(64, 2) + little(56, 2)
            + little(0, 2) + little(size, 2) + little(count, 2) + little(0, 2)
    }

    private func section(_ kind: Int, at start: Int, size: Int, link: Int) -> [UInt8] {
        little(0, 4) + little(kind, 4) + little(0, 16) + little(start, 8) + little(size, 8) + little(link, 4)
            + little(0, 4) + little(8, 8) + little(24, 8)
    }

    private func symbol(named offset: Int) -> [UInt8] { little(offset, 4) + [0x12, 0] + little(1, 2) + little(0, 16) }

    @Test func `section headers of no size are none`() throws {
        let table = section(11, at: 0, size: 64, link: 0)
        try write(header(sections: 65_535, of: 0) + table + [UInt8](repeating: 0, count: 64), to: "tree/lib/liba.so")
        let (surface, time) = try surface()
        #expect(surface.parts[.symbol] == nil && time < .seconds(2))
    }

    @Test func `a file has one table of dynamic symbols`() throws {
        let count = 2000
        let names = 64 + 64 * (count + 1)
        var file = header(sections: count + 1, of: 64) + section(3, at: names, size: 8, link: 0)
        for _ in 0..<count { file += section(11, at: names + 8, size: 24 * count, link: 0) }
        file += Array("\0first\0\0".utf8)
        for _ in 0..<count { file += symbol(named: 1) }
        try write(file, to: "tree/lib/liba.so")
        let (surface, time) = try surface()
        #expect(surface.parts[.symbol]?.forms == ["first": ""] && time < .seconds(2))
    }

    @Test func `names of symbols that do not end are not searched for their end`() throws {
        let count = 100_000
        let names = 192 + 24 * count
        var file = header(sections: 2, of: 64) + section(3, at: names, size: 25 * count, link: 0)
        file += section(11, at: 192, size: 24 * count, link: 0)
        let entry = symbol(named: 0)
        for _ in 0..<count { file += entry }
        file += [UInt8](repeating: 0x61, count: 25 * count)
        try write(file, to: "tree/lib/liba.so")
        let (surface, time) = try surface()
        #expect(surface.parts[.symbol] == nil && time < .seconds(10))
    }

    @Test func `segments of no size are none, and needed names are bounded in number and length`() throws {
        var file = header(sections: 0, of: 64)
        file.replaceSubrange(54..<58, with: little(0, 2) + little(65_535, 2))
        #expect(file.withUnsafeBytes { ElfFile($0) }?.needed == [])

        let (count, length) = (4000, 16_000)
        let dynamic = 64 + 2 * 56
        let text = dynamic + 16 * (count + 2)
        let all = text + length + 1
        func segment(_ kind: Int, _ start: Int, _ size: Int) -> [UInt8] {
            little(kind, 4) + little(4, 4) + little(start, 8) + little(start, 8) + little(start, 8) + little(size, 8)
                + little(size, 8) + little(8, 8)
        }
        file = header(sections: 0, of: 64)
        file.replaceSubrange(32..<40, with: little(64, 8))
        file.replaceSubrange(54..<58, with: little(56, 2) + little(2, 2))
        file += segment(1, 0, all) + segment(2, dynamic, 16 * (count + 2)) + little(5, 8) + little(text, 8)
        for index in 0..<count { file += little(1, 8) + little(length - 1 - index * 4, 8) }
        file += little(0, 16) + [UInt8](repeating: 0x62, count: length) + [0]
        let needed = try #require(file.withUnsafeBytes { ElfFile($0) }).needed
        #expect(needed.count == 1024 && needed.allSatisfy { $0.utf8.count < 4096 } && needed.first == "b")
    }

    // MARK: - Text

    @Test func `calls of CMake that do not end are read once, not once a line`() throws {
        let call = "add_library(\n"
        let known = "add_library(a::a SHARED IMPORTED)\n"
        try write(Array((known + String(repeating: call, count: 1 << 16)).utf8), to: "tree/lib/aConfig.cmake")
        let (surface, time) = try surface()
        #expect(surface.contains(.target, "a::a") == true && surface.contains(.target, "b") == nil)
        #expect(time < .seconds(15))
    }

    @Test func `a macro that is defined again and again costs no more than its kept definitions`() throws {
        let name = String(repeating: "d/", count: 300) + "a.h"
        let lines = (0..<50_000).map { "#define A \($0)\n" }.joined()
        try write(Array(lines.utf8), to: "tree/include/\(name.suffix(180))")
        let (surface, time) = try surface()
        #expect(surface.parts[.macro]?.forms["A"]?.split(separator: "\n").count == 16)
        #expect(time < .seconds(15))
    }

    @Test(arguments: [
        "\\\n", "#", "# ", "\"", "R\"(", "/", "/*", "//\\\n", "'", "#if !defined(", "#define A(x", "/ ",
        "#define / \\\n",
    ])
    func `no piece of a header costs more the more of it there is`(_ piece: String) throws {
        let count = (512 << 10) / piece.utf8.count
        try write(Array(String(repeating: piece, count: count).utf8), to: "tree/include/a.h")
        #expect(try surface().time < .seconds(15))
    }

    /// The bytes that history stores.
    private func stored(_ part: Surface.Part) throws -> Int {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        return try encoder.encode(part.forms).count
    }

    @Test func `what history keeps of one kind is bounded, and the rest is said to be missing`() throws {
        for file in 0..<4 {
            let lines = (0..<20_000).map { "#define M_\(file)_\($0)_padding_padding_padding_padding 1\n" }
            try write(Array(lines.joined().utf8), to: "tree/include/\(file).h")
        }
        let (surface, _) = try surface()
        let part = try #require(surface.parts[.macro])
        let stored = try stored(part)
        #expect(!part.isComplete && stored <= 2 << 20 && stored > 1 << 20)
        #expect(surface.contains(.macro, "M_0_0_padding_padding_padding_padding") == true)
        #expect(surface.contains(.macro, "M_3_19999_padding_padding_padding_padding") == nil)
        #expect(surface.parts[.header]?.isComplete == true)
    }

    @Test func `control characters count as history stores them`() throws {
        for index in 0..<2000 {
            try write([], to: "tree/share/\(index)" + String(repeating: "\u{1}", count: 200))
        }
        let part = try #require(try surface().surface.parts[.file])
        #expect(!part.isComplete)
        #expect(try stored(part) <= 2 << 20)
    }
}
