// SPDX-License-Identifier: Apache-2.0

/// A glob over paths, byte for byte as git matches it: `*`, `?` and `[...]` stay inside one path component.
package struct Glob: Hashable, Sendable {
    private enum Token: Hashable, Sendable {
        case byte(UInt8)
        case anyByte
        case oneOf(Set<UInt8>)
        /// `*`: any bytes of one component.
        case star
        /// `**/`: nothing, or all up to some slash.
        case folders
        /// `**` at the end: all that is left.
        case rest
    }

    private let tokens: [Token]

    /// Reads `pattern`; nil when it is malformed: an open `[`, an unknown `[:class:]`, a `\` at the end.
    package init?(_ pattern: [UInt8]) {
        var tokens: [Token] = []
        var rest = pattern[...]
        // Git cuts the literal beginning off before it looks for `**`, so that there it may begin inside a component.
        let literal = pattern.firstIndex { "*?[\\".utf8.contains($0) } ?? pattern.endIndex
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "*"):
                let start = rest.startIndex - 1
                let startsComponent = start == literal || pattern[start - 1] == UInt8(ascii: "/")
                tokens.append(Self.stars(&rest, startsComponent: startsComponent))
            case UInt8(ascii: "?"): tokens.append(.anyByte)
            case UInt8(ascii: "["):
                guard let bytes = ByteClass.read(&rest) else { return nil }
                tokens.append(.oneOf(bytes))
            case UInt8(ascii: "\\"):
                guard let literal = rest.popFirst() else { return nil }
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

    /// Where matching goes on when what follows a wildcard does not match.
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
    /// Reads what follows the `[`, the `]` included; nil when it is malformed.
    static func read(_ rest: inout ArraySlice<UInt8>) -> Set<UInt8>? {
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
                guard let high = literal(rest.removeFirst(), &rest) else { return nil }
                if low <= high { members.formUnion(low...high) }
                previous = nil
            } else if byte == UInt8(ascii: "["), let name = className(&rest) {
                guard let named = named[name] else { return nil }
                members.formUnion((0...127).filter { named($0) })
                previous = nil
            } else {
                guard let literal = literal(byte, &rest) else { return nil }
                members.insert(literal)
                previous = literal
            }
        }
        return nil
    }

    private static func literal(_ byte: UInt8, _ rest: inout ArraySlice<UInt8>) -> UInt8? {
        byte == UInt8(ascii: "\\") ? rest.popFirst() : byte
    }

    /// The name in `[:name:]` behind its first `[`; nil, with nothing read, when none is there.
    private static func className(_ rest: inout ArraySlice<UInt8>) -> String? {
        guard rest.first == UInt8(ascii: ":"), let end = rest.firstIndex(of: UInt8(ascii: "]")) else { return nil }
        let body = rest[(rest.startIndex + 1)..<end]
        guard body.last == UInt8(ascii: ":") else { return nil }
        rest = rest[(end + 1)...]
        return String(decoding: body.dropLast(), as: UTF8.self)
    }

    private static let named: [String: @Sendable (UInt8) -> Bool] = [
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
