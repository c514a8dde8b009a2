// SPDX-License-Identifier: Apache-2.0

/// Reads the qualified name in a mangled one of the Itanium C++ ABI, without template arguments and parameters.
struct MangledName {
    private var rest: Substring
    private var names: [String] = []

    /// `Imath_3_1::succf` for `_ZN9Imath_3_15succfEf`; `text` itself when it cannot be read.
    static func plain(_ text: String) -> String {
        var name = MangledName(rest: text.dropFirst(2))
        name.read()
        return name.names.isEmpty ? text : name.names.joined(separator: "::")
    }

    private init(rest: Substring) { self.rest = rest }

    private mutating func read() {
        if ["TV", "TI", "TS", "TT", "GV"].contains(where: rest.hasPrefix) { rest.removeFirst(2) }
        // A thunk begins with its offsets.
        if rest.hasPrefix("Th") || rest.hasPrefix("Tv"), let end = rest.range(ofThunk: "_") { rest = rest[end...] }
        let isNested = take("N")
        if isNested { rest = rest.drop { "KVrRO".contains($0) } }
        while readPart() {
            if rest.hasPrefix("I") { skipArguments() }
            // Outside of a nested name only `std` is followed by another one.
            if !isNested, names != ["std"] { return }
        }
    }

    private mutating func take(_ word: String) -> Bool {
        guard rest.hasPrefix(word) else { return false }
        rest.removeFirst(word.count)
        return true
    }

    /// Reads one part of the name; false at its end, or when it cannot be read.
    private mutating func readPart() -> Bool {
        if take("St") {
            names.append("std")
            return true
        }
        _ = take("L")
        if let word = readWord() {
            // `_GLOBAL__N_1` is a namespace without a name.
            if !word.hasPrefix("_GLOBAL__N") { names.append(String(word)) }
            while take("B"), readWord() != nil {}
            return true
        }
        return readStructor() || readOperator()
    }

    private mutating func readWord() -> Substring? {
        let digits = rest.prefix(while: \.isNumber)
        guard let length = Int(digits), length > 0 else { return nil }
        let after = rest.dropFirst(digits.count)
        let word = after.prefix(length)
        guard word.count == length else { return nil }
        rest = after.dropFirst(length)
        return word
    }

    private mutating func readStructor() -> Bool {
        guard let kind = rest.first, "CD".contains(kind), rest.dropFirst().first?.isNumber == true,
            let last = names.last
        else { return false }
        names.append(kind == "C" ? last : "~" + last)
        rest.removeFirst(2)
        return true
    }

    private mutating func readOperator() -> Bool {
        guard let sign = Self.operators[rest.prefix(2)] else { return false }
        names.append("operator" + sign)
        rest.removeFirst(2)
        return true
    }

    /// Skips `I...E`, in which names, expressions and lists end with an `E` of their own.
    private mutating func skipArguments() {
        var depth = 0
        repeat {
            guard let first = rest.first else { return }
            if first.isNumber {
                guard readWord() != nil else { return rest = "" }
            } else if first == "S" || first == "T" {
                skipSubstitution()
            } else if first == "L" {
                skipLiteral()
            } else {
                rest.removeFirst()
                if "INXJF".contains(first) { depth += 1 }
                if first == "E" { depth -= 1 }
            }
        } while depth > 0
    }

    /// `St`, `Sa`, `S_`, `S1A_`, `T_`, `T0_`.
    private mutating func skipSubstitution() {
        rest.removeFirst()
        let isAbbreviated = rest.first?.isLowercase ?? false
        rest = isAbbreviated ? rest.dropFirst() : rest.drop { $0 != "_" }.dropFirst()
    }

    /// `Lb1E`, `Lin4E`, `LN3foo4kindE2E`.
    private mutating func skipLiteral() {
        rest.removeFirst()
        if take("N") {
            while readWord() != nil {}
            _ = take("E")
        } else {
            _ = readWord()
        }
        rest = rest.drop { $0 != "E" }.dropFirst()
    }

    private static let operators: [Substring: String] = [
        "nw": "new", "dl": "delete", "ps": "+", "ng": "-", "ad": "&", "de": "*", "co": "~", "pl": "+", "mi": "-",
        "ml": "*",
        "dv": "/", "rm": "%", "an": "&", "or": "|", "eo": "^", "aS": "=", "pL": "+=", "mI": "-=", "mL": "*=",
        "dV": "/=",
        "rM": "%=", "aN": "&=", "oR": "|=", "eO": "^=", "ls": "<<", "rs": ">>", "lS": "<<=", "rS": ">>=", "eq": "==",
        "ne": "!=", "lt": "<", "gt": ">", "le": "<=", "ge": ">=", "ss": "<=>", "nt": "!", "aa": "&&", "oo": "||",
        "pp": "++", "mm": "--", "cm": ",", "pm": "->*", "pt": "->", "cl": "()", "ix": "[]",
    ]
}

extension Substring {
    /// The index after the second offset of a virtual thunk, or the only one of another: `Thn16_`, `Tv0_n24_`.
    fileprivate func range(ofThunk mark: Character) -> Index? {
        guard let first = firstIndex(of: mark) else { return nil }
        let after = index(after: first)
        guard hasPrefix("Tv") else { return after }
        return self[after...].firstIndex(of: mark).map { index(after: $0) }
    }
}
