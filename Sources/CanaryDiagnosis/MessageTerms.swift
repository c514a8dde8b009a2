// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// What an error says, whatever tool said it and in whatever words.
package struct MessageTerms: Hashable, Sendable {
    /// What is wrong, where tools have words of their own for the same.
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

        /// Whether compilers complain so of names of a program.
        package var isCompilers: Bool { [.undeclared, .noCall, .incomplete, .deprecated, .redefined].contains(self) }
    }

    /// What is wrong; nil when only the tool's own words tell.
    package let complaint: Complaint?
    /// The names of what it is wrong with, the thing that is missing first.
    package let names: [EntityName]

    /// Reads the text of a first error.
    package init(_ text: String) {
        let text = MessageText(text)
        let found = MessagePattern.all.lazy.compactMap { phrase in
            phrase.names(in: text).map { (phrase.complaint, $0) }
        }
        let (complaint, names) = found.first ?? (nil, text.quotedSymbols)
        self.complaint = complaint ?? (text.ctestName == nil ? nil : .testFailed)
        self.names = (names + [text.ctestName].compactMap(\.self)).reduce(into: []) {
            if !$0.contains($1) { $0.append($1) }
        }
    }
}

extension MessageTerms {
    /// `text` with straight quotes, and without what a name stands for: `'Box2i' {aka 'class Box<Vec2<int> >'}`.
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

/// The plain text of an error, for searching in it.
struct MessageText {
    let bytes: [UInt8]

    init(_ text: String) { bytes = Array(MessageTerms.plain(text).utf8) }

    /// Where `words` begin at or behind `start`.
    func offset(of words: [UInt8], from start: Int = 0) -> Int? {
        guard let first = words.first, bytes.count >= words.count else { return nil }
        var start = start
        while start <= bytes.count - words.count {
            if bytes[start] == first, bytes[start..<start + words.count].elementsEqual(words) { return start }
            start += 1
        }
        return nil
    }

    /// Where the name that ends at `end` begins: behind its quote, or where its line or clause does.
    func nameStart(before end: Int, isQuoted: Bool) -> Int {
        var start = end
        while start > 0 {
            let byte = bytes[start - 1]
            if isQuoted ? byte == UInt8(ascii: "'") : byte == UInt8(ascii: " ") { break }
            start -= 1
        }
        return start
    }

    /// Where the name that begins at `start`, without quotes, ends.
    func nameEnd(from start: Int, _ kind: EntityName.Kind) -> Int {
        if kind == .symbol {
            let ends = [", version ", " >>> "].compactMap { offset(of: Array($0.utf8), from: start) }
            return ends.min() ?? bytes.count
        }
        return bytes[start...].firstIndex { $0 <= 0x20 || ",;)'".utf8.contains($0) } ?? bytes.count
    }

    /// What stands between two offsets.
    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// The test in `2/38 Test #2: half_sum ....***Failed`.
    var ctestName: EntityName? {
        guard let start = offset(of: Array(" Test ".utf8)), let end = offset(of: Array("***".utf8), from: start) else {
            return nil
        }
        let told = text(start..<end)
        guard let colon = told.firstRange(of: ": "), told[..<colon.lowerBound].contains("#") else { return nil }
        let name = told[colon.upperBound...].split(separator: " .").first ?? ""
        return EntityName(.test, spoken: String(name))
    }

    /// What a compiler's error quotes, when no phrase says more: words of the language are left out.
    var quotedSymbols: [EntityName] {
        // What an option or a programmer's own message quotes is no name of a program.
        let others = [" option", " switch", "argument: ", "#error", "static assertion", "Error: "]
        let marks = [": error: ", ": fatal error: "].compactMap { offset(of: Array($0.utf8)) }
        guard let mark = marks.min(), !others.contains(where: { offset(of: Array($0.utf8)) != nil }) else { return [] }
        let end = offset(of: Array("; did you mean".utf8)) ?? bytes.count
        guard mark < end else { return [] }
        let parts = text(mark..<end).split(separator: "'", omittingEmptySubsequences: false)
        let quoted = parts.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
        return Array(quoted.compactMap { EntityName(.symbol, spoken: String($0)) }.prefix(3))
    }
}
