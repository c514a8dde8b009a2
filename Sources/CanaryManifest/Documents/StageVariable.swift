// SPDX-License-Identifier: Apache-2.0

/// A variable of a stage, written in a text that no shell expands.
enum StageVariable {
    /// The first variable in `text` as written, `$CANARY_PREFIX` or `${TMPDIR}`; nil if it has none.
    ///
    /// Other names may mean something to CMake or to the loader: `$ORIGIN`.
    static func first(in text: String) -> String? {
        var rest = text[...]
        while let start = rest.firstIndex(of: "$") {
            let after = rest[rest.index(after: start)...]
            let opening = ["ENV{", "{"].first(where: after.hasPrefix) ?? ""
            let name = after.dropFirst(opening.count).prefix { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
            if name.hasPrefix("CANARY_") || others.contains(name) {
                let isClosed = !opening.isEmpty && after[name.endIndex...].hasPrefix("}")
                return "$\(opening)\(name)\(isClosed ? "}" : "")"
            }
            rest = after
        }
        return nil
    }

    private static let others: Set<Substring> = ["HOME", "TMPDIR", "SOURCE_DATE_EPOCH"]
}
