// SPDX-License-Identifier: Apache-2.0

/// A glob over paths, byte for byte as git matches it: `*`, `?` and `[...]` stay inside one path component.
package struct Glob: Hashable, Sendable {
    private enum Token: Hashable, Sendable {
        case byte(UInt8)
        case anyByte
        case oneOf(Set<UInt8>)
        /// `*`: any bytes of one component.
        case star
        /// `**/`: nothing, or everything up to a slash.
        case folders
        /// `**` at the end: everything that is left.
        case rest
    }

    private let tokens: [Token]

    /// Why a pattern is not a glob.
    package enum Problem: Error, Hashable, Sendable {
        /// It matches nothing.
        case empty
        /// A component that no path of a repository has: `.`, `..` or nothing.
        case impossibleComponent(String)
        /// A comment of `.gitignore`.
        case comment
        /// A `[` without its `]`.
        case openBracket
        /// A `[:name:]` that does not exist.
        case unknownClass(String)
        /// A range that ends before it begins, as `z-a`.
        case reversedRange(String)
        /// A `\` with nothing after it.
        case trailingBackslash

        /// The problem, and what to write instead.
        package var sentence: String {
            switch self {
            case .empty: return "the pattern is empty"
            case .impossibleComponent(let name):
                let what = name.isEmpty ? "an empty component" : "the component `\(name)`"
                return "no path has \(what); write the pattern from the root of the repository"
            case .comment: return "`#` begins a comment; write `\\#` for the character itself"
            case .openBracket: return "a `[` is not closed; write `\\[` for the character itself"
            case .unknownClass(let name):
                let known = ByteClass.named.keys.sorted()
                let hint = NearestName.hint(name, among: known) ?? ""
                return "there is no class \(quoted("[:\(name):]")); \(hint)"
            case .reversedRange(let range): return "the range \(quoted(range)) is reversed"
            case .trailingBackslash: return "nothing follows the `\\` at the end; write `\\\\` for the character itself"
            }
        }
    }

    /// Reads `pattern`.
    ///
    /// - Throws: `Problem`; what git would take for a pattern that matches nothing is a problem too.
    package init(_ pattern: [UInt8]) throws(Problem) {
        guard !pattern.isEmpty else { throw .empty }
        var tokens: [Token] = []
        var rest = pattern[...]
        // Git cuts off the literal beginning before it looks for `**`, so there `**` can begin inside a component.
        let literal = pattern.firstIndex { "*?[\\".utf8.contains($0) } ?? pattern.endIndex
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "*"):
                let start = rest.startIndex - 1
                let startsComponent = start == literal || pattern[start - 1] == UInt8(ascii: "/")
                tokens.append(Self.stars(&rest, startsComponent: startsComponent))
            case UInt8(ascii: "?"): tokens.append(.anyByte)
            case UInt8(ascii: "["):
                tokens.append(.oneOf(try ByteClass.read(&rest)))
            case UInt8(ascii: "\\"):
                guard let literal = rest.popFirst() else { throw .trailingBackslash }
                tokens.append(.byte(literal))
            default: tokens.append(.byte(byte))
            }
        }
        self.tokens = tokens
    }

    private static func stars(_ rest: inout ArraySlice<UInt8>, startsComponent: Bool) -> Token {
        guard rest.first == UInt8(ascii: "*") else { return .star }
        rest = rest.drop { $0 == UInt8(ascii: "*") }
        guard startsComponent else { return .star }
        if rest.isEmpty { return .rest }
        guard rest.first == UInt8(ascii: "/") else { return .star }
        rest.removeFirst()
        return .folders
    }

    /// Where matching continues when what follows a wildcard does not match.
    private struct Retry {
        let token: Int
        var position: Int
    }

    /// Whether the whole of `text` matches; linear in `text` for each wildcard.
    package func matches(_ text: ArraySlice<UInt8>) -> Bool {
        var token = 0
        var position = text.startIndex
        var star: Retry?
        var folders: Retry?
        while true {
            let isAtEnd = position == text.endIndex
            if token == tokens.count {
                if isAtEnd { return true }
            } else if tokens[token] == .rest {
                return true
            } else if tokens[token] == .star {
                token += 1
                star = Retry(token: token, position: position)
                continue
            } else if tokens[token] == .folders {
                token += 1
                folders = Retry(token: token, position: position)
                star = nil
                continue
            } else if !isAtEnd, accepts(tokens[token], text[position]) {
                token += 1
                position += 1
                continue
            }
            if let wider = star.flatMap({ widened($0, in: text) }) {
                star = wider
                (token, position) = (wider.token, wider.position)
            } else if let deeper = folders.flatMap({ deepened($0, in: text) }) {
                folders = deeper
                star = nil
                (token, position) = (deeper.token, deeper.position)
            } else {
                return false
            }
        }
    }

    private func accepts(_ token: Token, _ byte: UInt8) -> Bool {
        switch token {
        case .byte(let literal): byte == literal
        case .anyByte: byte != UInt8(ascii: "/")
        case .oneOf(let bytes): byte != UInt8(ascii: "/") && bytes.contains(byte)
        case .star, .folders, .rest: false
        }
    }

    private func widened(_ star: Retry, in text: ArraySlice<UInt8>) -> Retry? {
        guard star.position < text.endIndex, text[star.position] != UInt8(ascii: "/") else { return nil }
        return Retry(token: star.token, position: star.position + 1)
    }

    private func deepened(_ folders: Retry, in text: ArraySlice<UInt8>) -> Retry? {
        text[folders.position...].firstIndex(of: UInt8(ascii: "/")).map {
            Retry(token: folders.token, position: $0 + 1)
        }
    }
}

/// A `[...]` of a glob.
private enum ByteClass {
    /// Reads what follows the `[`, the `]` included.
    static func read(_ rest: inout ArraySlice<UInt8>) throws(Glob.Problem) -> Set<UInt8> {
        let isNegated = rest.first == UInt8(ascii: "!") || rest.first == UInt8(ascii: "^")
        if isNegated { rest.removeFirst() }
        var members: Set<UInt8> = []
        var previous: UInt8?
        var isFirst = true
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "]"), !isFirst {
                return isNegated ? Set(UInt8.min...UInt8.max).subtracting(members) : members
            }
            isFirst = false
            if byte == UInt8(ascii: "-"), let low = previous, let next = rest.first, next != UInt8(ascii: "]") {
                let high = try literal(rest.removeFirst(), &rest)
                guard low <= high else {
                    throw .reversedRange(String(decoding: [low, UInt8(ascii: "-"), high], as: UTF8.self))
                }
                members.formUnion(low...high)
                previous = nil
            } else if byte == UInt8(ascii: "["), let name = className(&rest) {
                guard let named = named[name] else { throw .unknownClass(name) }
                members.formUnion((0...127).filter { named($0) })
                previous = nil
            } else {
                previous = try literal(byte, &rest)
                if let previous { members.insert(previous) }
            }
        }
        throw .openBracket
    }

    private static func literal(_ byte: UInt8, _ rest: inout ArraySlice<UInt8>) throws(Glob.Problem) -> UInt8 {
        guard byte == UInt8(ascii: "\\") else { return byte }
        guard let literal = rest.popFirst() else { throw .trailingBackslash }
        return literal
    }

    /// The name in `[:name:]` after its first `[`; nil, with nothing read, when there is none.
    private static func className(_ rest: inout ArraySlice<UInt8>) -> String? {
        guard rest.first == UInt8(ascii: ":"), let end = rest.firstIndex(of: UInt8(ascii: "]")) else { return nil }
        let body = rest[(rest.startIndex + 1)..<end]
        guard body.last == UInt8(ascii: ":") else { return nil }
        rest = rest[(end + 1)...]
        return String(decoding: body.dropLast(), as: UTF8.self)
    }

    static let named: [String: @Sendable (UInt8) -> Bool] = [
        "alnum": { isLetter($0) || isDigit($0) },
        "alpha": { isLetter($0) },
        "blank": { $0 == 0x20 || $0 == 0x09 },
        "cntrl": { $0 < 0x20 || $0 == 0x7F },
        "digit": { isDigit($0) },
        "graph": { isVisible($0) },
        "lower": { (0x61...0x7A).contains($0) },
        "print": { isVisible($0) || $0 == 0x20 },
        "punct": { isVisible($0) && !isLetter($0) && !isDigit($0) },
        "space": { $0 == 0x20 || (0x09...0x0D).contains($0) },
        "upper": { (0x41...0x5A).contains($0) },
        "xdigit": { isDigit($0) || (0x41...0x46).contains($0 & 0xDF) },
    ]

    private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }
    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isVisible(_ byte: UInt8) -> Bool { (0x21...0x7E).contains(byte) }
}
