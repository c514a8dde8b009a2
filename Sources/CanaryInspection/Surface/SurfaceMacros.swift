// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A macro as a header defines it.
struct Macro: Hashable {
    let name: String
    /// Parameters and body, blanks collapsed, comments gone.
    let definition: String
}

/// Finds the `#define`s of a header in all branches of its conditionals, as far as no compiler is needed for it.
///
/// Comments, literals and continued lines are understood, names and conditions are not. A macro that only guards its
/// header against a second inclusion is left out. Any text may be given; the C library looks at most bytes.
struct MacroScanner {
    private static let blanks = " \t\r\n\u{0B}\u{0C}"
    /// The longest condition that may ask for a guard: compilers tell no longer names apart.
    private static let longestGuard = 4096
    private static let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

    private let start: UnsafePointer<CChar>
    private var position: UnsafePointer<CChar>
    private var macros: [Macro] = []
    private var guardian = IncludeGuard()

    /// The macros of `text`, which ends with a 0, in their order, until the task is cancelled.
    static func macros(in text: UnsafePointer<CChar>) -> [Macro] {
        var scanner = MacroScanner(start: text, position: text)
        scanner.scan()
        return scanner.macros
    }

    private init(start: UnsafePointer<CChar>, position: UnsafePointer<CChar>) {
        self.start = start
        self.position = position + (strncmp(start, "\u{FEFF}", 3) == 0 ? 3 : 0)
    }

    private var byte: UInt8 { UInt8(bitPattern: position.pointee) }

    private mutating func scan() {
        while !Task.isCancelled {
            let plain = strcspn(position, "/\"'#")
            if guardian.watchesCode, strspn(position, Self.blanks) < plain { note(guardian.code()) }
            position += plain
            switch byte {
            case 0:
                note(guardian.end())
                return
            case UInt8(ascii: "/"): if !skipComment() { position += 1 }
            case UInt8(ascii: "#"):
                let isDirective = isFirstInLine
                position += 1
                if isDirective { readDirective() }
            default: skipLiteral()
            }
        }
    }

    private mutating func note(_ macro: Macro?) { if let macro { macros.append(macro) } }

    /// Whether nothing but blanks, or the end of a comment, stands before the position in its line.
    private var isFirstInLine: Bool {
        var before = position - 1
        while before >= start, before.pointee == 32 || before.pointee == 9 { before -= 1 }
        // A line feed, the last byte of a byte order mark, the slash that ends a comment.
        return before < start || [10, -65].contains(before.pointee)
            || before > start && before.pointee == 47 && before[-1] == 42
    }

    // MARK: - What is passed over

    /// Passes the comment that begins here; false when none does.
    private mutating func skipComment() -> Bool {
        if position[1] == 42 {
            position += 2
            position = strstr(position, "*/").map { UnsafePointer($0) + 2 } ?? position + strlen(position)
        } else if position[1] == 47 {
            repeat { position += strcspn(position, "\n") } while skipSplicedLineFeed()
        } else {
            return false
        }
        return true
    }

    /// Passes the line feed here when a backslash before it makes the next line a part of this one.
    private mutating func skipSplicedLineFeed() -> Bool {
        guard byte == 10 else { return false }
        let before = position > start && position[-1] == 13 ? position - 1 : position
        guard before > start, before[-1] == 92 else { return false }
        position += 1
        return true
    }

    /// Passes the string or character that begins here; one that the line does not end is no literal.
    private mutating func skipLiteral() {
        let quote = byte
        let before = position > start ? UInt8(bitPattern: position[-1]) : 0
        position += 1
        if quote == UInt8(ascii: "\"") {
            if before == UInt8(ascii: "R"), skipRawString() { return }
        } else if isalnum(Int32(before)) != 0, !"LuU8".utf8.contains(before) {
            return  // It separates digits.
        }
        while true {
            position += strcspn(position, "\"'\\\n")
            switch byte {
            case 0, 10: return
            case 92:
                position += 1
                if byte == 13 { position += 1 }
                if byte != 0 { position += 1 }
            default:
                position += 1
                if position[-1] == CChar(bitPattern: quote) { return }
            }
        }
    }

    /// Passes the rest of `R"word( ... )word"`.
    private mutating func skipRawString() -> Bool {
        let length = strcspn(position, "( )\\\t\n")
        guard length <= 16, position[length] == 40 else { return false }
        let end = ")" + text(length) + "\""
        position = strstr(position, end).map { UnsafePointer($0) + end.utf8.count } ?? position + strlen(position)
        return true
    }

    private func text(_ length: Int) -> String {
        String(decoding: UnsafeRawBufferPointer(start: position, count: length), as: UTF8.self)
    }

    // MARK: - Directives

    private mutating func readDirective() {
        position += strspn(position, " \t")
        let length = strspn(position, Self.letters)
        let word = text(length)
        position += length
        let line = readLine()
        switch word {
        case "define":
            guard let macro = Self.macro(line) else { return }
            if !guardian.holds(macro) {
                note(guardian.code())
                note(macro)
            }
        case "ifndef": note(guardian.open(on: line))
        case "if": note(guardian.open(on: Self.undefined(line)))
        case "ifdef": note(guardian.open(on: nil))
        case "else", "elif", "elifdef", "elifndef": note(guardian.turn())
        case "endif": note(guardian.close())
        case "pragma": break
        default: note(guardian.code())
        }
    }

    /// The rest of the line with those that continue it; comments and runs of blanks become one blank.
    private mutating func readLine() -> String {
        var line: [UInt8] = []
        while !Task.isCancelled {
            let plain = strcspn(position, "/\"'\\\n")
            line += UnsafeRawBufferPointer(start: position, count: plain)
            position += plain
            let begin = position
            switch byte {
            case 0: return Self.collapsed(line)
            case 10:
                position += 1
                return Self.collapsed(line)
            case 92:
                position += spliceLength
                if position > begin { continue }
                position += 1
            case UInt8(ascii: "/"):
                if skipComment() {
                    line.append(32)
                    continue
                }
                position += 1
            default: skipLiteral()
            }
            line += UnsafeRawBufferPointer(start: begin, count: position - begin)
        }
        return ""
    }

    /// How long the splice is that begins with the backslash here; 0 when it is none.
    ///
    /// Compilers let blanks stand between the backslash and the end of its line.
    private var spliceLength: Int {
        let blanks = strspn(position + 1, " \t\r")
        return position[1 + blanks] == 10 ? blanks + 2 : 0
    }

    private static func collapsed(_ line: [UInt8]) -> String {
        let words = line.split { $0 == 32 || (9...13).contains($0) }
        return String(decoding: Array(words.joined(separator: CollectionOfOne(32))), as: UTF8.self)
    }

    private static func macro(_ line: String) -> Macro? {
        let name = line.utf8.prefix { $0 == 95 || isalnum(Int32($0)) != 0 }
        guard let first = name.first, isdigit(Int32(first)) == 0 else { return nil }
        return Macro(
            name: String(Substring(name)), definition: line[name.endIndex...].drop { $0 == " " }.description)
    }

    /// The name in `!defined(NAME)` or `!defined NAME`, when that is all.
    private static func undefined(_ condition: String) -> String? {
        guard condition.utf8.count <= longestGuard else { return nil }
        let bare = condition.replacing(" ", with: "")
        guard bare.hasPrefix("!defined") else { return nil }
        let name = bare.dropFirst(8).drop { $0 == "(" }
        return String(name.last == ")" ? name.dropLast() : name)
    }
}
