// SPDX-License-Identifier: Apache-2.0

/// What an error message is about, independent of the tool and its wording.
package struct MessageTerms: Hashable, Sendable {
    /// The problem; tools word the same problem differently.
    package enum Complaint: String, CaseIterable, Sendable {
        case noHeader = "no header"
        case noModule = "no module"
        case undeclared
        case noCall = "no such call"
        case incomplete
        case deprecated
        case redefined
        case undefined
        case definedTwice = "defined twice"
        case noLibrary = "no library"
        case noFile = "no file"
        case unfit = "unfit for linking"
        case noTarget = "no target"
        case brokenTarget = "broken target"
        case noCommand = "no command"
        case noPackage = "no package"
        case otherVersion = "other version"
        case noTool = "no tool"
        case denied
        case testFailed = "test failed"

        /// Whether it is a complaint of a compiler about a name in the program.
        package var isCompilers: Bool { [.undeclared, .noCall, .incomplete, .deprecated, .redefined].contains(self) }
    }

    /// The problem; nil when the wording is not known.
    package let complaint: Complaint?
    /// The names in the message, the missing or wrong one first.
    package let names: [EntityName]

    /// Reads an error message.
    package init(_ text: String) {
        let text = MessageText(text)
        let found = MessagePatterns.all.lazy.compactMap { pattern in
            pattern.names(in: text).map { (pattern.complaint, $0) }
        }
        let (complaint, names) = found.first ?? (nil, text.quotedSymbols)
        self.complaint = complaint ?? (text.ctestName == nil ? nil : .testFailed)
        self.names = (names + [text.ctestName].compactMap(\.self)).reduce(into: []) {
            if !$0.contains($1) { $0.append($1) }
        }
    }
}

extension MessageTerms {
    /// `text` with straight quotes and without the expansions of type names: `'Box2i' {aka 'class Box<Vec2<int> >'}`.
    package static func plain(_ text: String) -> String {
        var text = String(text.map { "‘’`\"“”".contains($0) ? "'" : $0 })
        for (beginning, end) in [(" {aka '", "'}"), (" (aka '", "')")] {
            while let start = text.firstRange(of: beginning), let stop = text[start.upperBound...].firstRange(of: end) {
                text.removeSubrange(start.lowerBound..<stop.upperBound)
            }
        }
        return text
    }
}

/// The plain text of an error message, prepared for searching.
struct MessageText {
    let bytes: [UInt8]

    init(_ text: String) { bytes = Array(MessageTerms.plain(text).utf8) }

    /// The first offset of `words` at or after `start`.
    func offset(of words: [UInt8], from start: Int = 0) -> Int? {
        guard let first = words.first, bytes.count >= words.count else { return nil }
        var start = start
        while start <= bytes.count - words.count {
            if bytes[start] == first, bytes[start..<start + words.count].elementsEqual(words) { return start }
            start += 1
        }
        return nil
    }

    /// The start of the name that ends at `end`: after its quote, or after a space.
    func nameStart(before end: Int, isQuoted: Bool) -> Int {
        var start = end
        while start > 0 {
            let byte = bytes[start - 1]
            if isQuoted ? byte == UInt8(ascii: "'") : byte == UInt8(ascii: " ") { break }
            start -= 1
        }
        return start
    }

    /// The end of the unquoted name that starts at `start`.
    func nameEnd(from start: Int, _ kind: EntityName.Kind) -> Int {
        if kind == .symbol {
            let ends = [", version ", " >>> "].compactMap { offset(of: Array($0.utf8), from: start) }
            return ends.min() ?? bytes.count
        }
        return bytes[start...].firstIndex { $0 <= 0x20 || ",;)'".utf8.contains($0) } ?? bytes.count
    }

    /// The text in `range`.
    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// The test in `2/38 Test #2: half_sum ....***Failed`.
    var ctestName: EntityName? {
        guard let start = offset(of: Array(" Test ".utf8)), let end = offset(of: Array("***".utf8), from: start) else {
            return nil
        }
        let title = text(start..<end)
        guard let colon = title.firstRange(of: ": "), title[..<colon.lowerBound].contains("#") else { return nil }
        let name = title[colon.upperBound...].split(separator: " .").first ?? ""
        return EntityName(.test, printed: String(name))
    }

    /// The names that a compiler error quotes, without keywords; used when no pattern matches.
    var quotedSymbols: [EntityName] {
        // Options and custom messages quote other things than names of the program.
        let others = [" option", " switch", "argument: ", "#error", "static assertion", "Error: "]
        let markers = [": error: ", ": fatal error: "].compactMap { offset(of: Array($0.utf8)) }
        guard let marker = markers.min(), !others.contains(where: { offset(of: Array($0.utf8)) != nil }) else {
            return []
        }
        let end = offset(of: Array("; did you mean".utf8)) ?? bytes.count
        guard marker < end else { return [] }
        let parts = text(marker..<end).split(separator: "'", omittingEmptySubsequences: false)
        let quoted = parts.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        return Array(quoted.compactMap { EntityName(.symbol, printed: String($0)) }.prefix(3))
    }
}
