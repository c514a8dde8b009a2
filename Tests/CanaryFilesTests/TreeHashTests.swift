// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import Testing

@testable import CanaryFiles

@Suite("TreeHash") final class TreeHashTests {
    let temporary = TemporaryFolder()

    private func hash(_ name: String, _ words: [String: String] = [:]) throws -> HashedTree {
        try TreeHash.hash(of: temporary(name), replacing: words.map { PathWord(path: $0, word: $1) })
    }

    private func makeTree(_ name: String) {
        temporary.write("\(name)/include/a.h", "int a;")
        temporary.write("\(name)/bin/tool", "#!/bin/sh\n", mode: 0o755)
        temporary.write("\(name)/empty", "")
        symlink("a.h", temporary("\(name)/include/link"))
        mkdir(temporary("\(name)/share"), 0o755)
    }

    @Test func `a word that stands in a file is no path`() throws {
        temporary.write("a/lib.pc", "prefix=\(temporary("a"))\n")
        temporary.write("b/lib.pc", "prefix=@prefix@\n")
        let replaced = try hash("a", [temporary("a"): "@prefix@"])
        #expect(replaced.hash != (try hash("b", [temporary("b"): "@prefix@"])).hash)
        temporary.write("c/lib.pc", "prefix=\(temporary("c"))\n")
        #expect(replaced.hash == (try hash("c", [temporary("c"): "@prefix@"])).hash)
    }

    @Test func `the same tree at two paths has one hash`() throws {
        makeTree("one")
        makeTree("another/place")
        let hashed = try hash("one")
        #expect(hashed == (try hash("another/place")))
        #expect(hashed.hash.utf8.count == 64)
        #expect(hashed.files == 4)
        #expect(hashed.bytes == 16)
    }

    @Test func `each of path, mode, target, content and empty folder counts`() throws {
        makeTree("one")
        var seen = [try hash("one").hash]
        let changes: [(TemporaryFolder) -> Void] = [
            { rename($0("one/include/a.h"), $0("one/include/b.h")) },
            { chmod($0("one/bin/tool"), 0o700) },
            { temporary in
                unlink(temporary("one/include/link"))
                symlink("b.h", temporary("one/include/link"))
            },
            { $0.write("one/include/b.h", "int b;") },
            { rmdir($0("one/share")) },
            { chmod($0("one/bin"), 0o700) },
            { $0.write("one/empty", "\0") },
            { temporary in
                unlink(temporary("one/empty"))
                mkfifo(temporary("one/empty"), 0o644)
            },
        ]
        for change in changes {
            change(temporary)
            seen.append(try hash("one").hash)
        }
        #expect(Set(seen).count == changes.count + 1)
    }

    @Test func `a name and a content cannot be taken for each other`() throws {
        temporary.write("one/ab", "c")
        temporary.write("two/a", "bc")
        temporary.write("three/a", "b")
        temporary.write("three/c", "")
        #expect(Set([try hash("one").hash, try hash("two").hash, try hash("three").hash]).count == 3)
    }

    @Test func `paths are replaced in text, binaries and links, the longest first`() throws {
        let long = "/state/prefixes/imath/key-12"
        for (name, own, upstream) in [
            ("one", "/state/prefixes/p/1", "/state/prefixes/imath/key-1"), ("two", "/state/prefixes/p/2", long),
        ] {
            temporary.write("\(name)/p.pc", "prefix=\(own)\nlibdir=\(own)/lib -I\(upstream)/include\n/state/other")
            temporary.write("\(name)/bin", "\0\0\(own)\0\(upstream)\0\u{1}/state/prefixes/\0\(own)\(own)")
            symlink("\(own)/lib/x", temporary("\(name)/link"))
        }
        let first = try hash(
            "one", ["/state/prefixes/p/1": "@prefix@", "/state/prefixes/imath/key-1": "@upstream:imath@"])
        let both = ["/state/prefixes/p/2": "@prefix@", long: "@upstream:imath@"]
        #expect(first.hash == (try hash("two", both)).hash)
        let shorter = both.merging(["/state/prefixes/imath/key-1": "@wrong@"]) { $1 }
        #expect(first.hash == (try hash("two", shorter)).hash)
        #expect(first.hash != (try hash("two")).hash)
        #expect(first.hash != (try hash("two", ["/state/prefixes/p/2": "@prefix@"])).hash)
    }

    /// The expected hash was computed by another program, in one pass over whole contents: keys depend on it.
    @Test func `the hash of a tree never changes`() throws {
        let step = 1 << 18
        let note: [UInt8] = [4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, 0x47, 0x4E, 0x55, 0]
        func run(_ letter: UInt8, _ count: Int) -> [UInt8] { [UInt8](repeating: letter, count: count) }
        // Edits across the ends of the pieces in which contents are read.
        let big =
            run(0x78, step - 5) + Array("/state/p/1".utf8) + run(0x79, step - 15) + note + run(0x69, 20)
            + Array("/state/p/1/up/lib/state/q".utf8) + run(0x7A, step - 100) + Array("/state/src".utf8)
        temporary.write("one/bin/tool", "#!/bin/sh\nexec /state/p/1/lib/tool /state/p/10\n", mode: 0o755)
        temporary.write("one/include/a.h", "int a;\n")
        temporary.write("one/empty", "", mode: 0o600)
        temporary.write("one/big", "")
        try Data(big).write(to: URL(fileURLWithPath: temporary("one/big")))
        symlink("/state/p/1/include/a.h", temporary("one/include/link"))
        mkdir(temporary("one/share"), 0o700)
        for (name, mode) in [("big", 0o644), ("bin", 0o755), ("include", 0o755), ("share", 0o700)] {
            chmod(temporary("one/\(name)"), mode_t(mode))
        }
        let words = ["/state/p/1": "@prefix@", "/state/p/1/up": "@upstream:u@", "/state/src": "@source@"]
        #expect(try hash("one", words).hash == "01346dfc348e20faffbfca3a4e4bb761713f3a8815c9b4dc939aa4a67f1f01fe")
    }

    @Test func `a path is found wherever it lies`() throws {
        let (own, other) = ("/state/prefixes/p/1", "/else/where")
        for offset in [0, 1, 4080, 4095, 4096, 65_530, 131_071] {
            let fill = String(repeating: "x", count: offset)
            temporary.write("one/f", fill + own + "/lib")
            temporary.write("two/f", fill + other + "/lib")
            let (one, two) = (try hash("one", [own: "@prefix@"]), try hash("two", [other: "@prefix@"]))
            #expect(one.hash == two.hash, "at \(offset)")
            temporary.write("one/f", fill + own)
            temporary.write("two/f", fill + own.dropLast())
            #expect(try hash("one", [own: "@"]).hash != (try hash("two", [own: "@"]).hash))
        }
    }

    @Test func `a build id does not count, what follows it does`() throws {
        let note: [UInt8] = [4, 0, 0, 0, 20, 0, 0, 0, 3, 0, 0, 0, 0x47, 0x4E, 0x55, 0]
        func hashed(_ id: UInt8, _ rest: [UInt8]) throws -> String {
            try Folder.make(temporary("one"))
            let content = [1, 2, 4, 0] + note + [UInt8](repeating: id, count: 20) + rest
            try Data(content).write(to: URL(fileURLWithPath: temporary("one/f")))
            return try hash("one").hash
        }
        #expect(try hashed(7, [1]) == hashed(8, [1]))
        #expect(try hashed(7, [1]) != hashed(7, [2]))
    }

    @Test func `a shared library built at two paths has one hash`() throws {
        for (number, name) in ["one", "two"].enumerated() {
            let source = temporary.write("\(name)-source/l.cpp", "extern \"C\" const char *f() { return __FILE__; }\n")
            let upstreams = "\(temporary("up-a-\(number)"))/lib:\(temporary("up-b-\(number)"))/lib"
            try Folder.make(temporary("\(name)-prefix/lib"))
            shell([
                "g++", "-shared", "-fPIC", "-Wl,--build-id=sha1", "-Wl,-rpath,\(upstreams)", "-o",
                temporary("\(name)-prefix/lib/libl.so"), source,
            ])
        }
        func words(_ name: String, _ number: Int) -> [String: String] {
            [
                temporary("\(name)-prefix"): "@prefix@", temporary("\(name)-source"): "@source@",
                temporary("up-a-\(number)"): "@upstream:a@", temporary("up-b-\(number)"): "@upstream:b@",
            ]
        }
        let first = try hash("one-prefix", words("one", 0))
        #expect(first == (try hash("two-prefix", words("two", 1))))
        #expect(first.hash != (try hash("two-prefix").hash))
    }

    @Test func `what cannot be read is named`() throws {
        #expect(throws: FolderFailure(action: "read", path: temporary("none"), code: ENOENT)) {
            try self.hash("none")
        }
        let failure = FolderFailure(action: "read", path: "/p/x", code: EACCES)
        #expect("\(failure)" == "cannot read `/p/x`: Permission denied")
    }

    @Test func `a large file is hashed in little time`() throws {
        try Folder.make(temporary("one"))
        let block = Data((0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) })
        let file = temporary("one/big")
        #expect(FileManager.default.createFile(atPath: file, contents: nil))
        let handle = try #require(FileHandle(forWritingAtPath: file))
        for _ in 0..<50 { try handle.write(contentsOf: block) }
        try handle.close()
        let start = ContinuousClock.now
        _ = try hash("one", ["/state/prefixes/p/1": "@prefix@"])
        #expect(ContinuousClock.now - start < .seconds(60))
    }
}
