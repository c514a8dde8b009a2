// SPDX-License-Identifier: Apache-2.0

/// Outside text as part of a Markdown page.
package enum Markdown {
    /// `text` as a code span, in which nothing becomes a link, a mention, a tag or an emphasis.
    package static func code(_ text: String, limit: Int = 200) -> String {
        let line = SanitizedText.line(text, limit: limit)
        guard !line.isEmpty else { return "(empty)" }
        let fence = String(repeating: "`", count: longestRun(in: line) + 1)
        let needsSpaces = line.hasPrefix("`") || line.hasSuffix("`")
        return needsSpaces ? "\(fence) \(line) \(fence)" : "\(fence)\(line)\(fence)"
    }

    /// `text` as a block of code, whatever it contains.
    package static func block(_ text: String, limit: Int) -> String {
        let line = SanitizedText.line(text, limit: limit)
        let fence = String(repeating: "`", count: max(3, longestRun(in: line) + 1))
        return "\(fence)\n\(line)\n\(fence)"
    }

    private static func longestRun(in line: String) -> Int {
        var (longest, run) = (0, 0)
        for byte in line.utf8 {
            run = byte == UInt8(ascii: "`") ? run + 1 : 0
            longest = max(longest, run)
        }
        return longest
    }
}
