// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryInspection

@Suite("ElfFile") struct ElfFileTests {
    private func read(_ bytes: [UInt8]) -> ElfFile? { bytes.withUnsafeBytes { ElfFile($0) } }

    private func read(_ path: String) throws -> ElfFile {
        try #require(InspectedFile.withMapping(of: path) { ElfFile($0) })
    }

    @Test func `a library and a program are read as the linker wrote them`() throws {
        let temporary = TemporaryFolder()
        let source = temporary.write("l.c", "int f(void) { return 1; }\n")
        let main = temporary.write("m.c", "int f(void); int main(void) { return f(); }\n")
        shell(["gcc", "-shared", "-Wl,-soname,libf.so.3", "-o", temporary("libf.so"), source])
        let paths = "-Wl,-rpath,$ORIGIN/../lib:/opt/x"
        shell(["gcc", "-o", temporary("new"), main, temporary("libf.so"), paths, "-Wl,--enable-new-dtags"])
        shell(["gcc", "-o", temporary("old"), main, temporary("libf.so"), paths, "-Wl,--disable-new-dtags"])
        shell(["gcc", "-shared", "-o", temporary("libbare.so"), source])
        shell(["gcc", "-o", temporary("path"), main, temporary("libbare.so")])
        shell(["gcc", "-c", "-o", temporary("l.o"), source])

        let library = try read(temporary("libf.so"))
        #expect(library.soname == "libf.so.3" && library.searchPath.isEmpty)
        for name in ["new", "old"] {
            let program = try read(temporary(name))
            #expect(program.needed.prefix(2) == ["libf.so.3", "libc.so.6"] && program.soname == nil)
            #expect(program.searchPath == ["$ORIGIN/../lib", "/opt/x"])
        }
        #expect(try read(temporary("path")).needed.first == temporary("libbare.so"))
        #expect(try read(temporary("l.o")).needed.isEmpty)
    }

    /// An ELF file with one loaded segment, which holds a dynamic section and its texts.
    private func made(wide: Bool, little: Bool, _ entries: [(tag: Int, text: String)]) -> [UInt8] {
        func number(_ value: Int, _ size: Int) -> [UInt8] {
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            return little ? bytes : bytes.reversed()
        }
        let word = wide ? 8 : 4
        let (header, segment) = wide ? (64, 56) : (52, 32)
        let (base, dynamic) = (0x1000, header + 2 * segment)
        let texts = dynamic + (entries.count + 2) * 2 * word
        var section: [UInt8] = []
        var strings: [UInt8] = [0]
        for entry in entries {
            section += number(entry.tag, word) + number(strings.count, word)
            strings += Array(entry.text.utf8) + [0]
        }
        section += number(5, word) + number(base + texts, word) + number(0, 2 * word)
        func entry(_ type: Int, _ offset: Int, _ size: Int) -> [UInt8] {
            let temporary = number(offset, word) + number(base + offset, word) + number(0, word) + number(size, word)
            return wide
                ? number(type, 4) + number(0, 4) + temporary + number(0, 2 * word)
                : number(type, 4) + temporary + number(0, 3 * word)
        }
        let all = texts + strings.count
        var file = [0x7F, 0x45, 0x4C, 0x46, wide ? 2 : 1, little ? 1 : 2, 1] + [UInt8](repeating: 0, count: 9)
        file += number(3, 2) + number(0, 6) + number(0, word) + number(header, word) + number(0, word + 4)
        file += number(header, 2) + number(segment, 2) + number(2, 2) + number(0, 6)
        return file + entry(1, 0, all) + entry(2, dynamic, section.count) + section + strings
    }

    @Test(arguments: [true, false], [true, false])
    func `each class and byte order is read`(_ wide: Bool, _ little: Bool) throws {
        let file = try #require(
            read(
                made(wide: wide, little: little, [(1, "liba.so.1"), (14, "libb.so"), (15, "/old"), (1, "/c/libc.so")])))
        #expect(file.needed == ["liba.so.1", "/c/libc.so"] && file.soname == "libb.so")
        #expect(file.searchPath == ["/old"])
        #expect(
            read(made(wide: wide, little: little, [(15, "/old"), (29, ":/new::/er")]))?.searchPath == ["/new", "/er"])
    }

    @Test func `what is no ELF file is none`() {
        for bytes in ["", "\u{7F}ELF", "#!/bin/sh\n", String(repeating: "x", count: 4096)] {
            #expect(read(Array(bytes.utf8)) == nil)
        }
    }

    @Test func `a file that is cut off or damaged is read as far as it goes`() {
        for wide in [true, false] {
            let whole = made(wide: wide, little: true, [(1, "liba.so.1"), (29, "/a:/b")])
            for count in whole.indices {
                let needed = read(Array(whole[..<count]))?.needed ?? []
                #expect(needed.isEmpty || needed == ["liba.so.1"])
            }
            for position in whole.indices {
                for value: UInt8 in [0, 1, 0x7F, 0x80, 0xFF] {
                    var damaged = whole
                    damaged[position] = value
                    #expect((read(damaged)?.needed.count ?? 0) <= 3)
                }
            }
        }
    }
}
