// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryInspection

@Suite("BuildTrace") final class BuildTraceTests {
    private let temporary = TemporaryFolder()

    private let offers = UpstreamOffers([
        UpstreamOffer(
            of: "up", in: "/p/up", headers: ["up.h", "up/core.h"], libraries: ["libup.so.3", "libup.so"],
            archives: ["libupcore-3_1.a"])
    ])

    private func trace() throws -> BuildTrace {
        try BuildTrace(of: temporary("build"), seen: "/canary/.build", offers: offers)
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        try Folder.make((temporary(path) as NSString).deletingLastPathComponent)
        try Data(bytes).write(to: URL(fileURLWithPath: temporary(path)))
    }

    // MARK: Headers

    /// A record of ninja's with these paths.
    private func record(_ paths: [String], version: UInt32 = 4) -> [UInt8] {
        func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        var bytes = Array("# ninjadeps\n".utf8) + word(version)
        for (index, path) in paths.enumerated() {
            let padded = Array(path.utf8) + Array(repeating: 0, count: (4 - path.utf8.count % 4) % 4)
            bytes += word(UInt32(padded.count + 4)) + padded + word(~UInt32(index))
            bytes += word(0x8000_0000 | 16) + word(UInt32(index)) + word(1) + word(2) + word(0)
        }
        return bytes
    }

    @Test(arguments: [UInt32(3), 4]) func `headers in ninja's record are read`(_ version: UInt32) throws {
        let paths = ["a.o", "../source/own.h", "/p/up/include/up.h", "../other/up/core.h", "/usr/include/stdio.h"]
        try write(record(paths, version: version), to: "build/.ninja_deps")
        let trace = try trace()
        #expect(trace.hasHeaders && trace.read == ["/p/up/include/up.h", "/canary/other/up/core.h"])
    }

    @Test func `a damaged record gives what comes before the damage`() throws {
        let whole = record(["/p/up/include/up.h", "/p/up/include/up/core.h"])
        for end in 0..<whole.count {
            try write(Array(whole[..<end]), to: "build/.ninja_deps")
            #expect(try trace().read.isSubset(of: ["/p/up/include/up.h", "/p/up/include/up/core.h"]))
        }
        try write(Array(whole[..<16]) + [0xFF, 0xFF, 0xFF, 0x7F] + whole[16...], to: "build/.ninja_deps")
        #expect(try trace().read.isEmpty)
    }

    @Test func `headers in rules for make are read, with their escapes`() throws {
        let rule = """
            CMakeFiles/a.dir/a.c.o: ../a.c \\
              /p/up/include/up.h /with\\ blank/up.h /with$$dollar/up.h \\
             /usr/include/stdio.h

            /phony/up.h:

            """
        temporary.write("build/CMakeFiles/a.dir/a.c.o.d", rule)
        #expect(try trace().read == ["/p/up/include/up.h", "/with blank/up.h", "/with$dollar/up.h"])
        temporary.write("build/CMakeFiles/a.dir/a.c.o.d", "module up; import /p/up/include/up.h\n")
        #expect(try trace().hasHeaders == false, "a source in the language D")
    }

    // MARK: Libraries

    @Test func `what links and was linked is read from files for ninja`() throws {
        let text = """
            rule C_SHARED_LIBRARY_LINKER__a
              command = ld $LINK_LIBRARIES
            build lib/a$ b.so: C_SHARED_LIBRARY_LINKER__a a.o | /p/up/lib/libup.so.3 $
                /p/up/lib/libupcore-3_1.a
              LINK_FLAGS = -Wl,--as-needed
              LINK_PATH = -L/opt/lib   -Lown
              LINK_LIBRARIES = /p/up/lib/libup.so.3  -lup  "/with blank/libup.a" $
                -Wl,--whole-archive,sub/libupcore.a,--no-whole-archive -lm /usr/lib/libz.so
              OBJECT_DIR = x
            build not-linked.so: C_SHARED_LIBRARY_LINKER__b b.o
              LINK_LIBRARIES = /never/libup.so
            build a.o: C_COMPILER__a a.c
              LINK_LIBRARIES = /no/libup.so
              INCLUDES = -I/opt/include -isystem own/include

            """
        temporary.write("build/build.ninja", text)
        temporary.write("build/lib/a b.so", "")
        let trace = try trace()
        let searched = LinkCommand.Library.searched(["libup.so", "libup.a"], in: ["/opt/lib", "/canary/.build/own"])
        #expect(
            trace.linked == [
                .file("/p/up/lib/libup.so.3"), .file("/with blank/libup.a"),
                .file("/canary/.build/sub/libupcore.a"), searched,
            ])
        #expect(
            trace.searches.first?.prefix(3) == ["/opt/lib/libup.so", "/opt/lib/libup.a", "/canary/.build/own/libup.so"])
        #expect(trace.includeFolders == ["/opt/include", "/canary/.build/own/include"])
        #expect(trace.run.isEmpty)
    }

    @Test func `commands of make are read where they are run`() throws {
        temporary.write(
            "build/sub/CMakeFiles/a.dir/link.txt",
            "/usr/bin/cc -shared -o liba.so a.o -L /opt/lib -l:libup.so.3 ../libupcore.a -l up\n")
        #expect(try !trace().hasLibraries, "it was not linked")
        temporary.write("build/sub/liba.so", "")
        temporary.write("build/sub/CMakeFiles/a.dir/build.make", "a.c:\n\t/p/up/bin/generate > a.c\n")
        let trace = try trace()
        #expect(
            trace.linked == [
                .searched(["libup.so.3"], in: ["/opt/lib"]), .file("/canary/.build/libupcore.a"),
                .searched(["libup.so", "libup.a"], in: ["/opt/lib"]),
            ])
        #expect(trace.run == ["up"])
    }

    @Test(
        arguments: [
            ("libImath-3_1.so.29", "libImath"), ("libImath.so", "libImath"), ("libImath-3_1.a", "libImath"),
            ("libup.a", "libup"), ("plugin.so", "plugin"), (".a", nil), ("up.h", nil), ("liba.so.txt", nil),
        ] as [(String, String?)])
    func `a library's stem is its name without version and kind`(_ name: String, _ stem: String?) {
        #expect(LibraryName.stem(of: name) == stem)
    }

    // MARK: Where

    @Test func `caches are read in builds of builds, but none of CMake's experiments`() throws {
        for (index, folder) in ["", "a/src/a-build/", "CMakeFiles/3.25/", "b/CMakeFiles/CMakeScratch/x/"].enumerated() {
            temporary.write("build/\(folder)CMakeCache.txt", "A:PATH=/\(index)\n")
        }
        try FileManager.default.createSymbolicLink(
            atPath: temporary("build/linked"), withDestinationPath: temporary("build/a"))
        #expect(try trace().caches.map { String(decoding: $0, as: UTF8.self) } == ["A:PATH=/0\n", "A:PATH=/1\n"])
    }

    @Test func `files made to cost time are read in proportion to their size`() throws {
        let names = ["a.d", "build.ninja", "link.txt", "flags.make", ".ninja_deps"]
        for text in ["a: ", "build x: LINK ", "$", "\\", "'", "-L ", "$\n"] {
            for name in names {
                let start = name == ".ninja_deps" ? record([]) : Array("a:\n".utf8)
                try write(start + Array(String(repeating: text, count: 500_000).utf8), to: "build/\(name)")
            }
            let time = try ContinuousClock().measure { _ = try trace() }
            #expect(time < .seconds(30), "\(text)")
        }
    }
}
