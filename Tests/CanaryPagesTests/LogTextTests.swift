// SPDX-License-Identifier: Apache-2.0

import CanaryText
import Foundation
import Testing

@testable import CanaryPages

@Suite("The text of a log") struct LogTextTests {
    private static let samples: [[UInt8]] =
        [
            "A\u{1B}]0;title\u{1B}Xhello\u{07} end", "plain <b>\"text\"</b> & 'more'\n",
            "\u{1B}[1;31mred\u{1B}[0m\u{1B}[Kx",
            "a\u{1B}]8;;http://x\u{1B}\\link\u{1B}]8;;\u{07}b", "\u{9B}31mred\u{9D}0;t\u{9C}.\u{85}x",
            "10%\r20%\r\n30%\r",
            "\u{1B}]never ended\nnext", "\u{1B}]x\ry", "\u{1B}[31\nnext", "a\u{1B}(Bb\u{1B}([c", "\u{1B}\u{1B}[1mx",
            "a\u{1B}",
            "a\u{0}b\u{8}c\u{7F}d\te", "a\u{1B}Pq\u{1B}[31mb\u{1B}\\c", "é\u{1B}[32mü 漢\u{1B}[m🐤",
            "\u{1B}[38;5;2mz\u{18}m\n\n",
            "\u{1B}^private\u{1B}_app\u{1B}\\x\u{9F}app\u{07}y", "a\u{1B}[?25l\u{1B}[1 mb", "\u{1B}[1é\u{1B}é",
        ].map { Array($0.utf8) } + [
            [0x61, 0xFF, 0xC3, 0x28, 0x0A, 0x00, 0x9B, 0x41], [0xE6, 0x1B, 0x5B, 0x33, 0x31, 0x6D, 0xBC, 0xA2],
            [0xE6, 0xBC], [0xF0, 0x9F, 0x90, 0x0A, 0xA4], [0xC2], [0xC2, 0x1B, 0x5B, 0x31, 0x6D, 0x80],
        ]

    @Test(arguments: samples)
    func `is the same in the verb, on the page and in a line of a notice`(bytes: [UInt8]) async {
        let plain = PlainText.of(bytes)
        var lines = plain.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
        #expect(shown(by: await LogText.of(LogBytes(bytes), stageStarts: [], firstError: nil).html) == lines)
        let words = plain.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(SanitizedText.line(String(decoding: bytes, as: UTF8.self), limit: 100) == words)
    }

    /// The lines of `html` as a browser shows them.
    private func shown(by html: String) -> [String] {
        html.components(separatedBy: "\n</span>").dropLast().map { line in
            line.replacing(/<[^>]*>/, with: "").replacing("&lt;", with: "<").replacing("&gt;", with: ">")
                .replacing("&quot;", with: "\"").replacing("&#39;", with: "'").replacing("&amp;", with: "&")
        }
    }
}
