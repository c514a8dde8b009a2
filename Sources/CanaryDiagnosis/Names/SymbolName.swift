// SPDX-License-Identifier: Apache-2.0

import CanaryText

extension EntityName {
    /// The name that a tool prints as `text`; nil when that is not a name of this kind.
    init?(_ kind: Kind, printed text: String) {
        let text = text.filter { $0 != "'" }
        switch kind {
        case .symbol, .macro:
            guard let name = SymbolName.plain(text) else { return nil }
            self.init(SymbolName.looksLikeMacro(name) ? .macro : .symbol, name)
        case .header, .file:
            self.init(path: text, isIncluded: kind == .header)
        case .tool:
            guard let name = text.split(separator: "/").last, !name.contains(" ") else { return nil }
            self.init(kind, String(name.last == "." ? name.dropLast() : name))
        case .test:
            guard !text.isEmpty, !text.contains(" ") else { return nil }
            self.init(kind, text)
        case .package:
            var name = text.prefix { !"<>=; ".contains($0) }
            // Variables of CMake for a package.
            for ending in ["_INCLUDE_DIR", "_INCLUDE_DIRS", "_LIBRARY", "_LIBRARIES"] where name.hasSuffix(ending) {
                name = name.dropLast(ending.count)
            }
            guard !name.isEmpty else { return nil }
            self.init(kind, String(name.last == "." ? name.dropLast() : name))
        case .module, .library, .target, .command:
            let name = text.prefix { !"<>=; ".contains($0) }
            guard !name.isEmpty else { return nil }
            self.init(kind, String(name.last == "." ? name.dropLast() : name))
        }
    }

    /// A library, header or other file, depending on its extension.
    private init?(path: String, isIncluded: Bool) {
        guard let name = path.split(whereSeparator: { "/:".contains($0) }).last, !path.contains(" ") else { return nil }
        let endings = name.split(separator: ".").dropFirst()
        if endings.contains("so") || endings.last == "a" || endings.last == "dylib" {
            self.init(.library, String(name))
        } else if isIncluded
            ? endings.last.map(Self.headerEndings.contains) ?? true : Self.headerEndings.contains(endings.last ?? "")
        {
            self.init(.header, isIncluded ? path : String(name))
        } else {
            self.init(.file, String(name))
        }
    }

    private static let headerEndings: Set<Substring> = [
        "h", "hh", "hpp", "hxx", "h++", "H", "inl", "ipp", "tcc", "cuh",
    ]
}

/// Names in programs, as compilers and linkers print them.
enum SymbolName {
    /// `Imath::Vec3::length` for `const Imath::Vec3<float>::length(int) const`; nil when it contains no name.
    static func plain(_ text: String) -> String? {
        var text = text.firstRange(of: " [with ").map { String(text[..<$0.lowerBound]) } ?? text
        for (word, replacement) in [("(anonymous namespace)::", ""), ("{anonymous}::", ""), ("<unnamed>::", "")] {
            text = text.replacing(word, with: replacement)
        }
        // A version of the symbol: `exr_read@@EXR_3`.
        text = String(text.prefix { $0 != "@" })
        if text.hasPrefix("_Z") { return MangledName.plain(text) }
        for prefix in prefixes where text.hasPrefix(prefix) { text.removeFirst(prefix.count) }
        let words = withoutArguments(text).split(whereSeparator: { " &*".contains($0) }).filter {
            !keywords.contains($0)
        }
        // A return type may precede it; more words are a sentence.
        guard let last = words.last, words.count < 3 else { return nil }
        let name = last.hasPrefix("::") ? last.dropFirst(2) : last
        return isName(name) ? String(name) : nil
    }

    /// Whether a name is written like a macro.
    static func looksLikeMacro(_ name: String) -> Bool {
        name.utf8.count > 2 && name.utf8.contains { isUpper($0) }
            && name.utf8.allSatisfy { isUpper($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
    }

    /// The name without template arguments and parameters.
    private static func withoutArguments(_ text: String) -> String {
        var name = ""
        var depth = 0
        var rest = text[...]
        while let character = rest.first {
            if depth == 0, rest.hasPrefix("operator") {
                let sign = rest.dropFirst("operator".count)
                let end = sign.dropFirst(sign.hasPrefix("()") ? 2 : 0).firstIndex(of: "(") ?? sign.endIndex
                return name + rest[..<end]
            }
            switch character {
            case "<": depth += 1
            case ">": depth -= 1
            case "(" where depth == 0: return name
            default: if depth == 0 { name.append(character) }
            }
            rest.removeFirst()
        }
        return name
    }

    private static func isName(_ text: Substring) -> Bool {
        let bare = text.split(separator: "::").last ?? ""
        if bare.hasPrefix("operator") { return true }
        guard let first = text.utf8.first, !isDigit(first), text != "std" else { return false }
        return text.utf8.allSatisfy {
            isUpper($0) || isDigit($0) || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || "_:~$".utf8.contains($0)
        }
    }

    private static func isUpper(_ byte: UInt8) -> Bool { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte }
    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    private static let prefixes = [
        "vtable for ", "typeinfo for ", "typeinfo name for ", "VTT for ", "construction vtable for ",
        "guard variable for ", "non-virtual thunk to ", "virtual thunk to ", "TLS init function for ",
    ]

    private static let keywords: Set<Substring> = Set(
        """
        alignas alignof asm auto bool break case catch char class const constexpr const_cast continue decltype default \
        delete do double dynamic_cast else enum explicit export extern false final float for friend goto if inline int \
        long mutable namespace new noexcept nullptr operator override private protected public register \
        reinterpret_cast return short signed sizeof static static_assert static_cast struct switch template this throw \
        true try typedef typeid typename union unsigned using virtual void volatile while std
        """.split(separator: " "))
}
