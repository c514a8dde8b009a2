// SPDX-License-Identifier: Apache-2.0

import CanaryManifest
import CanaryTestSupport
import Foundation
import Testing

@Suite struct `Hostile input` {
    private func problems(of data: Data, in name: String = "projects/x.yaml") throws -> String {
        let stack = try TestStack([:])
        try stack.write(data, to: name)
        return stack.problems()
    }

    @Test(.timeLimit(.minutes(1))) func `a billion laughs are refused at once`() throws {
        var text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
        for level in 1..<30 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        text += "? *a29\n: x\n"
        let expected = """
            manifests/projects/x.yaml:2:10: error: anchors and aliases are not supported
              hint: write the value out wherever it is needed

            """
        #expect(try problems(of: Data(text.utf8)) == expected)
    }

    @Test(.timeLimit(.minutes(1))) func `a few aliases that grow are refused too`() throws {
        var text = "a0: &a0 [lol]\n"
        for level in 1...8 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        let report = try problems(of: Data(text.utf8))
        #expect(report.contains("x.yaml:1:5: error: anchors and aliases are not supported"))
    }

    @Test(arguments: ["[", "{", "- ", "? ", "{a: ", "[{a: ["])
    func `deep nesting is refused`(opening: String) throws {
        let text = String(repeating: opening, count: 10_000)
        #expect(try problems(of: Data(text.utf8)).contains("x.yaml:"))
        let closed = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
        #expect(
            try problems(of: Data(closed.utf8)).contains("x.yaml:1:33: error: nested deeper than 32 levels"))
    }

    @Test func `text that is not UTF-8 is refused where it stops being so`() throws {
        let data = Data("project: x\ntitle: ".utf8) + Data([0xFF, 0xFE, 0x41])
        #expect(try problems(of: data) == "manifests/projects/x.yaml:2:8: error: not UTF-8 text\n")
    }

    @Test func `binary garbage earns a diagnostic`() throws {
        var generator = SystemRandomNumberGenerator()
        for count in [1, 10, 1000, 100_000] {
            let data = Data((0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) })
            #expect(try problems(of: data).contains("manifests/projects/x.yaml:"))
        }
        #expect(
            try problems(of: Data("a: \u{1}".utf8))
                == "manifests/projects/x.yaml:1:4: error: not valid YAML: control characters are not allowed\n")
    }

    @Test func `an empty file and one of comments are named so`() throws {
        let expected = "manifests/projects/x.yaml:1:1: error: the file is empty, expected a mapping\n"
        #expect(try problems(of: Data()) == expected)
        #expect(try problems(of: Data("# nothing\n".utf8)) == expected)
        #expect(
            try problems(of: Data("---\n".utf8))
                == "manifests/projects/x.yaml:2:1: error: expected a mapping, found nothing\n")
    }

    @Test func `a file that is too large is not read`() throws {
        let data = Data(repeating: 0x23, count: 1 << 18 + 1)
        #expect(try problems(of: data).contains("the file has 262145 bytes, expected at most 262144"))
    }

    @Test func `a folder and a pipe called x-yaml are no files`() throws {
        let stack = try TestStack([:])
        let projects = "\(stack.folder)/projects"
        try FileManager.default.createDirectory(atPath: "\(projects)/x.yaml", withIntermediateDirectories: true)
        #expect(mkfifo("\(projects)/y.yml", 0o600) == 0)
        try FileManager.default.createSymbolicLink(atPath: "\(projects)/z.yml", withDestinationPath: "/nowhere/z")
        #expect(
            stack.problems() == """
                manifests/projects/x.yaml:1:1: error: expected a file, found a folder
                manifests/projects/y.yml:1:1: error: expected a file, found a special file
                manifests/projects/z.yml:1:1: error: no such file

                """)
    }

    @Test func `a control character in a message is made visible`() throws {
        let text = "project: x\nsource: x\nbranch: \"\\e[31mred\"\n"
        #expect(
            try problems(of: Data(text.utf8)) == """
                manifests/projects/x.yaml:3:9: error: `branch`: expected text without control characters, \
                found `\\u{1b}[31mred`

                """)
    }

    @Test func `keys that are lists and many duplicates are refused`() throws {
        let list = try problems(of: Data("? [a]\n: 1\n".utf8))
        #expect(list.contains("1:3: error: expected a name as key, found a list"))
        #expect(try problems(of: Data("? [a]\n: 1\n? [a]\n: 2\n".utf8)).contains("duplicate key"))
        let many = String(repeating: "a: 1\n", count: 50_000)
        #expect(try problems(of: Data(many.utf8)).contains("duplicate key `a`"))
    }

    @Test func `a byte order mark and line ends of other systems are taken`() throws {
        #expect(try problems(of: Data("\u{FEFF}project: x\r\nsource: x\r\n".utf8)) == "")
    }

    @Test(arguments: [0x5EED, 0xCA7, 0xB1D])
    func `a damaged stack is refused or read, never more`(seed: UInt64) throws {
        var dice = Dice(state: seed)
        let scratch = try TestStack(Example.files)
        for name in ["stack.yaml", "projects/openimageio.yaml", "../containers/images.yaml"] {
            let good = Array(try #require(Example.files[name]).utf8)
            for _ in 0..<60 {
                var bytes = good
                for _ in 0...dice.roll(4) {
                    let place = dice.roll(bytes.count)
                    switch dice.roll(3) {
                    case 0: bytes.removeSubrange(place..<min(bytes.count, place + 1 + dice.roll(20)))
                    case 1: bytes.insert(Dice.signs[dice.roll(Dice.signs.count)], at: place)
                    default: bytes[place] = Dice.signs[dice.roll(Dice.signs.count)]
                    }
                }
                try scratch.write(Data(bytes), to: name)
                let loaded = scratch.load()
                #expect((loaded.stack == nil) == loaded.diagnostics.contains { $0.severity == .error })
                for diagnostic in loaded.diagnostics { #expect(diagnostic.line > 0 && diagnostic.column > 0) }
            }
            try scratch.write(Data(good), to: name)
        }
        #expect(scratch.problems() == "")
    }

    @Test func `a regular expression of many brackets does no harm`() throws {
        let text = "project: x\nsource: x\nexpected-failures: [{issue: i, reason: r, until: 2100-01-01, match: '"
        let report = try problems(of: Data("\(text)\(String(repeating: "(", count: 5000))'}]\n".utf8))
        #expect(report.contains("expected a regular expression"))
        let short = try problems(of: Data("\(text)\(String(repeating: "(", count: 499))'}]\n".utf8))
        #expect(short.contains("expected a regular expression"))
    }
}

/// Numbers that look random and are the same in every run (SplitMix64).
private struct Dice {
    static let signs = Array("{}[]:,-?!&*|>'\"%@`# \n\t~0aZ\u{E000}\0\\".utf8)
    var state: UInt64

    mutating func roll(_ sides: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(max(1, sides)))
    }
}
