// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Testing

@Suite("PlainText")
struct PlainTextTests {
    @Test(arguments: [
        ("plain\ttext\n", "plain\ttext\n"),
        ("\u{1B}[01;31m\u{1B}[Kerror: \u{1B}[m\u{1B}[Kx", "error: x"),
        ("\u{1B}]0;title\u{07}a\u{1B}]8;;http://x\u{1B}\\link\u{1B}]8;;\u{1B}\\", "alink"),
        ("\u{1B}(Ba\u{1B}7b\u{1B}=c", "abc"), ("\u{9B}31mred\u{9D}0;t\u{07}.\u{85}", "red."),
        ("a\r\nb", "a\nb"), ("10%\r20%\r", "10%\n20%"), ("a\u{0}b\u{8}c\u{7F}d", "abcd"),
        ("\u{1B}]never ended\nnext", "\nnext"), ("\u{1B}[31\nnext", "\nnext"), ("cut\u{1B}", "cut"),
        ("é ü 漢 🐤 ©", "é ü 漢 🐤 ©"), ("\u{1B}\u{1B}[1mx", "x"),
        ("A\u{1B}]0;title\u{1B}Xhello\u{07} end", "A end"), ("\u{1B}]0;a\u{9C}b", "b"), ("\u{1B}]0;a\rb", "\nb"),
        ("\u{1B}(\u{1B}[1mx", "x"), ("\u{1B}([x", "x"), ("a\u{1B}[1\u{18}m", "am"), ("a\u{1B}]x\u{1A}b", "ab"),
        ("a\u{1B}é", "aé"), ("a\u{1B}]é\u{07}b", "ab"), ("a\u{1B}[1é", "aé"), ("a\u{1B}\u{9B}1mb", "ab"),
        ("a\r\r\nb", "a\n\nb"), ("a\r", "a"), ("a\u{1B}Pq#0;2\u{1B}\\b", "ab"), ("a\u{1B}[?25lb", "ab"),
    ])
    func `escapes and control characters go, text stays`(_ raw: String, _ plain: String) {
        #expect(PlainText.of(raw.utf8) == plain)
        var streamed = PlainText()
        var text = ""
        for byte in raw.utf8 { text += [byte].withUnsafeBytes { streamed.append($0) } }
        #expect(text + streamed.finish() == plain)
    }

    private static let broken: [([UInt8], String)] = [
        ([0x61, 0xFF, 0x62], "a\u{FFFD}b"), ([0x61, 0xC3], "a\u{FFFD}"), ([0xC2], "\u{FFFD}"),
        ([0xC2, 0x61], "\u{FFFD}a"), ([0xE6, 0xBC, 0x0A], "\u{FFFD}\n"), ([0x9B, 0x61], "\u{FFFD}a"),
        ([0xE6, 0x1B, 0x5B, 0x6D, 0xBC, 0xA2], "\u{FFFD}\u{FFFD}\u{FFFD}"), ([0xF0, 0x9F, 0x00, 0x61], "\u{FFFD}a"),
        ([0x1B, 0x5D, 0xC2], ""), ([0x61, 0xE6, 0xC2, 0x85], "a\u{FFFD}"),
    ]

    @Test(arguments: broken)
    func `broken UTF-8 is repaired`(_ raw: [UInt8], _ plain: String) {
        #expect(PlainText.of(raw) == plain)
        var streamed = PlainText()
        var text = ""
        for byte in raw { text += [byte].withUnsafeBytes { streamed.append($0) } }
        #expect(text + streamed.finish() == plain)
    }

    @Test func `a style is told apart from other sequences`() {
        var styles: [[Int]] = []
        var parser = TerminalParser()
        Array("\u{1B}[m\u{1B}[1;;31m\u{1B}[?1m\u{1B}[2K\u{9B}4:3m".utf8).withUnsafeBytes {
            parser.parse($0) { if case .style(let parameters) = $0 { styles.append(parameters.numbers) } }
        }
        #expect(styles == [[0], [1, 0, 31], [-1], [-1]])
    }

    @Test(.timeLimit(.minutes(1))) func `one line of 50 MB takes linear time`() {
        var raw = [UInt8](repeating: UInt8(ascii: "x"), count: 50_000_000)
        for index in stride(from: 0, to: raw.count, by: 1000) { raw[index] = 0x1B }
        #expect(PlainText.of(raw).utf8.count == 50_000_000 - 2 * 50_000)
    }

    @Test(.timeLimit(.minutes(1))) func `64 MiB of bytes that show nothing take as long as text`() {
        var raw = [UInt8](repeating: 0, count: 64 << 20)
        for index in stride(from: 0, to: raw.count, by: 7) { raw[index] = [0x01, 0x08, 0x18, 0x7F][index % 4] }
        raw[raw.count / 2] = 0x61
        #expect(PlainText.of(raw) == "a")
    }
}
