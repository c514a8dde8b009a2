// SPDX-License-Identifier: Apache-2.0

/// Names in programs without the versions of the namespaces they are in.
enum StableName {
    /// `Imath::Box::size` for `Imath_3_1::Box::size`, `fmt::format` for `fmt::v11::format`.
    static func qualified(_ name: String) -> String {
        let parts = name.split(separator: "::")
        let scopes = parts.dropLast().filter { !isVersion($0) }.map { unversioned($0) }
        return (scopes + parts.suffix(1).map(String.init)).joined(separator: "::")
    }

    /// The last name of a qualified one as a compiler prints it, with return type, parameters and template arguments.
    static func last(_ printed: String) -> String {
        let name = SymbolName.plain(printed) ?? StableText.withoutArguments(printed)
        return name.split(separator: "::").last { !isVersion($0) }.map(String.init) ?? name
    }

    /// `Imath` for `Imath_3_1`, `pxrInternal` for `pxrInternal_v0_25_5__pxrReserved__`; `mode_1` has no version.
    static func unversioned(_ name: some StringProtocol) -> String {
        var start = name.startIndex
        while let mark = name[start...].firstIndex(where: { "_-".contains($0) }) {
            let after = name[name.index(after: mark)...]
            if mark > name.startIndex, isVersion(after.prefix { $0 != "." }) {
                return name[..<mark] + String(after.drop { $0 != "." })
            }
            start = name.index(after: mark)
        }
        return String(name)
    }

    /// `v11`, `v3_1`, `3_1`, `v2_5dev`, `v0_25_5__pxrReserved__`; also the namespaces of standard libraries.
    static func isVersion(_ text: some StringProtocol) -> Bool {
        if ["__1", "__cxx11", "__ndk1"].contains(String(text)) { return true }
        let isMarked = text.first == "v"
        let digits = text.dropFirst(isMarked ? 1 : 0)
        let bare = digits.firstRange(of: "__").map { digits[..<$0.lowerBound] } ?? digits
        let numbers = bare.split(separator: "_", omittingEmptySubsequences: false)
        return (isMarked || numbers.count > 1)
            && numbers.allSatisfy { $0.first?.isNumber == true && $0.drop(while: \.isNumber).allSatisfy(\.isLetter) }
    }
}
