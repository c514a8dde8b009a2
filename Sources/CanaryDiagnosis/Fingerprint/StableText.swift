// SPDX-License-Identifier: Apache-2.0

/// Text without what differs between compilers, machines, releases and attempts.
enum StableText {
    /// `text` with `#` in place of numbers, hashes, addresses, times and names of temporary files, without the folders of
    /// paths, the versions of namespaces and libraries, and template arguments.
    ///
    /// A short number that ends a name stays: `test_2` is another test than `test_1`.
    static func folded(_ text: some StringProtocol) -> String {
        let words = words(in: withoutArguments(MessageTerms.plain(String(text))))
        var result = ""
        for (index, word) in words.enumerated() {
            let isDate =
                calendar.contains(word)
                && [index - 2, index + 2].contains { neighbour in
                    words.indices.contains(neighbour)
                        && (words[neighbour].first?.isNumber == true || calendar.contains(words[neighbour]))
                }
            let folded = isDate ? "#" : isWord(word) ? self.folded(word: word) : String(word)
            let repeats = [" ", "#"].contains { folded.hasPrefix($0) && result.hasSuffix($0) }
            result += repeats ? folded.dropFirst() : folded[...]
        }
        return result
    }

    /// `text` with `<>` in place of template arguments, which directly follow a name.
    static func withoutArguments(_ text: String) -> String {
        var result = ""
        var depth = 0
        for character in text {
            let isAfterName =
                result.last.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
                && !result.hasSuffix("operator")
            if character == "<", depth > 0 || isAfterName {
                depth += 1
                if depth == 1 { result += "<>" }
            } else if character == ">", depth > 0 {
                depth -= 1
            } else if depth == 0 {
                result.append(character)
            }
        }
        return result
    }

    private static let calendar: Set<Substring> = [
        "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
        "Oct", "Nov", "Dec",
    ]

    /// Paths and names, and the characters between them.
    private static func words(in text: String) -> [Substring] {
        var words: [Substring] = []
        var start = text.startIndex
        for index in text.indices.dropFirst() {
            let isBoundary = isPathCharacter(text[index]) != isPathCharacter(text[start])
            guard isBoundary || !isPathCharacter(text[index]) else { continue }
            words.append(text[start..<index])
            start = index
        }
        return words + (text.isEmpty ? [] : [text[start...]])
    }

    private static func isPathCharacter(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "_./+-~:".contains(character)
    }

    private static func isWord(_ word: Substring) -> Bool { word.first.map(isPathCharacter) ?? false }

    private static func folded(word: Substring) -> String {
        if let time = afterTime(word) { return "#" + (time.isEmpty ? "" : folded(word: time)) }
        // An inline namespace with a version is no part of a name.
        let scopes = word.split(separator: "::", omittingEmptySubsequences: false)
        let kept = scopes.enumerated().filter { $0.offset == 0 || !StableName.isVersion($0.element) }
        return kept.map { folded(scope: $0.element) }.joined(separator: "::")
    }

    private static func folded(scope: Substring) -> String {
        let parts = scope.split(separator: ":", omittingEmptySubsequences: false).map { part in
            let name = part.split(separator: "/").last ?? ""
            return TemporaryName.isOne(name) ? "#" : withoutNumbers(StableName.unversioned(name))
        }
        return parts.joined(separator: ":")
    }

    /// What follows the date and time of ISO 8601 that `word` begins with; nil if it does not.
    private static func afterTime(_ word: Substring) -> Substring? {
        let date = word.prefix(10)
        guard date.count == 10, date.split(separator: "-").map(\.count) == [4, 2, 2],
            date.allSatisfy({ $0.isNumber || $0 == "-" })
        else { return nil }
        let rest = word.dropFirst(10)
        return rest.first == "T" ? rest.dropFirst().drop { $0.isNumber || ":.+-Z".contains($0) } : rest
    }

    /// Replaces numbers by `#`, except in `V3f`, and at the end of names: `test_2`, `x86_64`.
    private static func withoutNumbers(_ name: String) -> String {
        var result = ""
        var rest = name[...]
        while let first = rest.first {
            let digits = rest.prefix(while: \.isNumber)
            guard !digits.isEmpty else {
                result.append(first)
                rest = rest.dropFirst()
                continue
            }
            rest = rest.dropFirst(digits.count)
            result += isPartOfName(digits, after: result, before: rest) ? digits : "#"
        }
        // The version of a library: `libImath.so.29.12`.
        return result.firstRange(of: ".so.").map { String(result[..<$0.lowerBound]) + ".so" } ?? result
    }

    private static func isPartOfName(_ digits: Substring, after name: String, before rest: Substring) -> Bool {
        guard let last = name.last else { return false }
        if last.isLetter { return last != "v" && digits.count < 5 }
        let isNumbered = "_-".contains(last) && digits.count < 3 && name.contains(where: \.isLetter)
        return isNumbered && rest.first.map { $0 == "." && !(rest.dropFirst().first?.isNumber ?? true) } ?? isNumbered
    }
}

/// Names that differ in each attempt.
enum TemporaryName {
    /// Whether `name`, without its folders, is an address, a hash or the name of a temporary file.
    static func isOne(_ name: Substring) -> Bool {
        let isHash = name.count > 6 && name.contains(where: \.isNumber) && name.allSatisfy(\.isHexDigit)
        if isHash || name.hasPrefix("0x") || isUUID(name) { return true }
        return name.hasPrefix("cmTC_") || name.hasPrefix("TryCompile-") || isCompilers(name) || isScratch(name)
    }

    /// `ccJrlcT0.o` of gcc, `half-8f9c1d.o` of clang.
    private static func isCompilers(_ name: Substring) -> Bool {
        guard let dot = name.firstIndex(of: "."),
            ["o", "s", "ii", "res", "ltrans"].contains(
                name[dot...].dropFirst().prefix(while: \.isLetter))
        else { return false }
        let stem = name[..<dot]
        if stem.hasPrefix("cc"), stem.count == 8 { return true }
        guard let dash = stem.lastIndex(of: "-") else { return false }
        let tail = stem[dash...].dropFirst()
        return tail.count == 6 && tail.allSatisfy(\.isHexDigit)
    }

    /// `tmp1x_8zq3c` of Python, `tmp.Ab12Cd34Ef` of mktemp.
    private static func isScratch(_ name: Substring) -> Bool {
        name.hasPrefix("tmp.") && name.count >= 10 || name.hasPrefix("tmp") && name.count == 11
    }

    private static func isUUID(_ name: Substring) -> Bool {
        name.split(separator: "-").map(\.count) == [8, 4, 4, 4, 12]
            && name.allSatisfy { $0.isHexDigit || $0 == "-" }
    }
}
