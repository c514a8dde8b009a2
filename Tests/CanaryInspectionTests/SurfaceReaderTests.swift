// SPDX-License-Identifier: Apache-2.0

import CanaryDiagnosis
import CanaryModel
import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryFiles
@testable import CanaryInspection

@Suite("SurfaceReader") final class SurfaceReaderTests {
    let temporary = TemporaryFolder()

    private func surface(_ words: [PathWord] = []) throws -> Surface {
        let tree = try TreeHash.hash(of: temporary("tree"), replacing: words)
        return try SurfaceReader.surface(of: tree, in: temporary("tree"), replacing: words)
    }

    private func names(_ kind: Surface.Kind, _ surface: Surface) -> [String] {
        (surface.parts[kind]?.forms.keys.sorted() ?? [])
    }

    @Test func `files below include are headers, named as they are included`() throws {
        temporary.write("tree/include/a/a.h", "#define A 1\n")
        temporary.write("tree/include/vector", "#define B\n")
        temporary.write("tree/include/data.json", "#define C\n")
        temporary.write("tree/share/doc/example.h", "#define D\n")
        symlink("a.h", temporary("tree/include/a/link.h"))
        temporary.write("tree/include/binary.h", "#define E\n\0")
        mkfifo(temporary("tree/include/pipe.h"), 0o644)
        let surface = try surface()
        #expect(names(.header, surface) == ["a/a.h", "a/link.h", "binary.h", "vector"])
        #expect(names(.file, surface) == ["include/data.json", "share/doc/example.h"])
        #expect(surface.parts[.macro]?.forms == ["A": "a/a.h: 1", "B": "vector"])
        #expect(surface.parts[.macro]?.isComplete == true)
    }

    @Test func `every definition of a macro counts, and a path of the attempt does not`() throws {
        temporary.write("tree/include/a.h", "#if X\n#define A 1\n#else\n#define A 2\n#endif\n")
        temporary.write("tree/include/b.h", "#define A 1\n#define A 1\n#define P \"\(temporary("tree"))/share\"\n")
        let long = String(repeating: "x ", count: 500)
        temporary.write("tree/include/c.h", "#define L \(long) 1\n#define M \(long) 2\n")
        let forms = try surface([PathWord(path: temporary("tree"), word: "@prefix@")]).parts[.macro]?.forms ?? [:]
        #expect(forms["A"] == "a.h: 1\na.h: 2\nb.h: 1" && forms["P"] == "b.h: \"@prefix@/share\"")
        let (first, second) = (try #require(forms["L"]), try #require(forms["M"]))
        #expect(first != second && first.utf8.count < 300 && first.hasPrefix("c.h: x x x"))
    }

    @Test func `a header too large to read leaves the macros incomplete`() throws {
        temporary.write("tree/include/a.h", "#define A\n")
        temporary.write("tree/include/b.h", String(repeating: "//\n", count: 2 << 20))
        let surface = try surface()
        #expect(surface.contains(.macro, "A") == true && surface.contains(.macro, "B") == nil)
    }

    @Test func `CMake's packages have versions, its targets types`() throws {
        temporary.write("tree/lib/cmake/Imath/ImathConfig.cmake", "include(ImathTargets.cmake)\n")
        temporary.write(
            "tree/lib/cmake/Imath/ImathConfigVersion.cmake",
            "# set(PACKAGE_VERSION \"9\")\nset(PACKAGE_VERSION \"3.1.12\")\nset(PACKAGE_VERSION_COMPATIBLE TRUE)\n")
        temporary.write("tree/lib/cmake/fmt/fmt-config.cmake", "")
        temporary.write(
            "tree/lib/cmake/Imath/ImathTargets.cmake",
            """
            add_library(Imath::Imath SHARED IMPORTED)
              ADD_LIBRARY( "Imath::Config"  # with options
                INTERFACE IMPORTED GLOBAL)
            add_executable(Imath::tool IMPORTED)
            add_library(Imath ALIAS Imath::Imath)
            add_library(${name} SHARED IMPORTED)
            add_library(built a.cpp)
            # add_library(Imath::old SHARED IMPORTED)
            add_library
            add_library(Imath::cut SHARED IMPORTED
            """)
        let surface = try surface()
        #expect(surface.parts[.package]?.forms == ["Imath": "3.1.12", "fmt": ""])
        #expect(
            surface.parts[.target]?.forms == [
                "Imath::Imath": "SHARED", "Imath::Config": "INTERFACE", "Imath::tool": "executable",
                "Imath": "ALIAS Imath::Imath", "Imath::cut": "SHARED",
            ])
    }

    @Test func `a shared library exports what others can link with`() throws {
        let source = temporary.write(
            "l.cpp",
            """
            #include <string>
            #include <vector>
            namespace ns { struct S { virtual ~S(); std::string name() const; }; S::~S() {}
            std::string S::name() const { return std::string("x") + "y"; } }
            extern "C" int plain(int x) { std::vector<int> v(x); return v.at(0); }
            int counter; static int own() { return 3; }
            __attribute__((visibility("hidden"))) int hidden() { return own(); }
            """)
        try Folder.make(temporary("tree/lib"))
        shell(["g++", "-shared", "-fPIC", "-o", temporary("tree/lib/libl.so.1.2"), source])
        symlink("libl.so.1.2", temporary("tree/lib/libl.so"))
        temporary.write("tree/lib/libtext.so", "INPUT(libl.so)\n")
        let surface = try surface()
        let listed = shell(["nm", "-D", "--defined-only", temporary("tree/lib/libl.so.1.2")])
        let exported = listed.split(separator: "\n").compactMap { $0.split(separator: " ").last.map(String.init) }
        #expect(names(.symbol, surface) == exported.filter { !$0.contains(/St|Sa|__gnu_cxx/) }.sorted())
        #expect(surface.contains(.symbol, "plain") == true && surface.contains(.symbol, "ns::S::name() const") == true)
        #expect(surface.contains(.symbol, "counter") == true && surface.contains(.symbol, "hidden") == false)
        #expect(names(.file, surface) == ["lib/libl.so", "lib/libl.so.1.2", "lib/libtext.so"])
    }

    @Test func `a damaged library gives what can be read`() throws {
        let source = temporary.write("l.c", "int one(void) { return 1; }\nint two(void) { return 2; }\n")
        try Folder.make(temporary("tree/lib"))
        let library = temporary("tree/lib/libl.so")
        shell(["gcc", "-shared", "-fPIC", "-o", library, source])
        let bytes = [UInt8](try #require(FileManager.default.contents(atPath: library)))
        var generator = Seeded(state: 7)
        for round in 0..<400 {
            var damaged = bytes
            for _ in 0..<4 {
                // The file's own header, and the headers of its sections at its end.
                let (head, tail) = (
                    Int.random(in: 4..<64, using: &generator), Int.random(in: 1...2000, using: &generator)
                )
                damaged[round % 2 == 0 ? head : bytes.count - tail] = .random(in: 0...255, using: &generator)
            }
            if round % 5 == 0 { damaged.removeLast(Int.random(in: 0..<bytes.count, using: &generator)) }
            var longest = 0
            damaged.withUnsafeBytes {
                ElfSymbols.forEach(in: $0, atMost: 1024) {
                    longest = max(longest, $0.count); return true
                }
            }
            #expect(longest <= damaged.count)
        }
    }

    @Test func `the tree is not touched`() throws {
        temporary.write("tree/include/a.h", "#define A\n")
        let before = try TreeHash.hash(of: temporary("tree"), replacing: [])
        _ = try surface()
        #expect(try TreeHash.hash(of: temporary("tree"), replacing: []) == before)
        #expect(before.contents.map(\.path) == ["include/a.h"] && before.contents.allSatisfy(\.isRegular))
    }
}
