// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryTestSupport
import Testing

@testable import CanaryInspection

@Suite("CMakeCache") struct CMakeCacheTests {
    private func cache(_ text: String) -> CMakeCache { CMakeCache([Array(text.utf8)]) }

    private func entry(_ line: String) -> CMakeCache.Entry? {
        let name = line.hasPrefix("\"") ? "a:b" : "NAME"
        return cache("# This is the CMakeCache file.\n\n//Help: X:STRING=1\n\(line)\n").entries(name).first
    }

    @Test func `a line is a name, a type and a value`() {
        #expect(entry("NAME:PATH=/opt/x") == .init(name: "NAME", type: "PATH", value: "/opt/x"))
        #expect(entry("  NAME:STRING=a=b:c \t\r")?.value == "a=b:c")
        #expect(entry("NAME:STRING='  x  '")?.value == "  x  ")
        #expect(entry("NAME:STRING=")?.value == "")
        #expect(entry("NAME:INTERNAL='")?.value == "'")
        #expect(entry("\"a:b\":STRING=1") == .init(name: "a:b", type: "STRING", value: "1"))
    }

    @Test(arguments: ["NAME", "NAME:PATH", "NAME=1", "#NAME:PATH=/x", "//NAME:PATH=/x", ":PATH=/x", "\"NAME:PATH=/x"])
    func `what is no entry is skipped`(_ line: String) {
        #expect(entry(line) == nil)
        #expect(cache("\(line)\nOTHER:PATH=/y").entries("OTHER").map(\.value) == ["/y"])
    }

    @Test func `noise is skipped, and what is readable in it is read`() {
        let noise = (0...255).map { UInt8($0) }
        let bytes = noise + Array("\nfmt_DIR:PATH=/f\n".utf8) + [0xFF, 0xFE, 10] + noise.reversed()
        #expect(CMakeCache([bytes]).entries("fmt_DIR").map(\.paths) == [["/f"]])
        #expect(CMakeCache([]).entries("fmt_DIR").isEmpty)
    }

    @Test func `names are matched by case, or not`() {
        let cache = cache("fmt_DIR:PATH=/a\nFMT_DIR:PATH=/b\n")
        #expect(cache.entries("fmt_DIR").map(\.value) == ["/a"])
        #expect(cache.entries("Fmt_DIR").isEmpty)
        #expect(cache.entries(likely: "Fmt_DIR").map(\.value) == ["/a", "/b"])
    }

    @Test func `of several files all entries count`() {
        let cache = CMakeCache([Array("A_DIR:PATH=/a".utf8), Array("A_DIR:PATH=/b".utf8)])
        #expect(cache.entries("A_DIR").map(\.value) == ["/a", "/b"])
    }

    @Test func `the absolute paths of a value are what it shows`() {
        func paths(_ value: String) -> [String] {
            CMakeCache.Entry(name: "X", type: "PATH", value: value).paths
        }
        #expect(paths("/a/include;/b/lib/libb.so;m;-lz") == ["/a/include", "/b/lib/libb.so"])
        #expect(paths("-I/a;-L/b;optimized;/c;;debug;/d") == ["/a", "/b", "/c", "/d"])
        for nothing in ["", "X_DIR-NOTFOUND", "NOTFOUND", "X-NOTFOUND;Y-NOTFOUND", "ON", "lib/x.so", "Foo::Foo"] {
            #expect(paths(nothing).isEmpty)
        }
    }

    @Test func `what CMake writes is read as it was meant`() throws {
        let temporary = TemporaryFolder()
        temporary.write(
            "source/CMakeLists.txt",
            """
            cmake_minimum_required(VERSION 3.20)
            project(outer NONE)
            set("with:colon" "1" CACHE STRING "//help: A:STRING=2")
            set(BLANKS "  x  " CACHE STRING "two\\nlines: B:STRING=3")
            find_path(NOWHERE_INCLUDE_DIR nowhere.h)
            find_package(nowhere QUIET)
            """)
        cmake(
            [
                "-S", temporary("source"), "-B", temporary("build"), "-G", "Ninja", "-DGIVEN_DIR=/given",
                "-DLIST:STRING=/a;/b",
            ])
        let cache = CMakeCache([
            try #require(InspectedFile.contents(of: temporary("build/CMakeCache.txt"), atMost: 1 << 20))
        ])
        func only(_ name: String) throws -> CMakeCache.Entry {
            let entries = cache.entries(name)
            try #require(entries.count == 1)
            return entries[0]
        }
        #expect(try only("with:colon").value == "1")
        #expect(try only("BLANKS").value == "  x  ")
        #expect(try only("LIST").paths == ["/a", "/b"])
        #expect(try only("GIVEN_DIR").type == "UNINITIALIZED")
        #expect(try only("nowhere_DIR").paths.isEmpty)
        #expect(try only("NOWHERE_INCLUDE_DIR").value == "NOWHERE_INCLUDE_DIR-NOTFOUND")
        #expect(
            try only("outer_SOURCE_DIR") == .init(name: "outer_SOURCE_DIR", type: "STATIC", value: temporary("source")))
        #expect(try only("CMAKE_PROJECT_NAME").value == "outer")
        #expect(cache.entries("A").isEmpty && cache.entries("B").isEmpty)
    }
}
