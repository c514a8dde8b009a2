// SPDX-License-Identifier: Apache-2.0

/// Where sources and files may lie.
extension Field {
    /// What git may be asked to fetch from: no helper (`ext::`), nothing that reads as an option.
    func repository() -> String? {
        line(
            "a URL (https, http, ssh, git, file), `user@host:path` or an absolute path",
            hint: "a folder of the stack's own repository is named by `source:`", where: isRepository)
    }

    /// A folder below a root.
    func relativeFolder() -> String? {
        line("a relative path without `..`", where: isInside)
    }

    /// A glob of paths from the root of a repository.
    func ignoreGlob() -> String? {
        line("a glob as in `.gitignore`") { isGlob($0.hasPrefix("!") ? $0.dropFirst() : $0[...]) }
    }

    /// A glob of files below an install prefix.
    func installedGlob() -> String? {
        line("a glob relative to the install prefix, without `..`") { isGlob($0[...]) && isInside($0) }
    }

    /// A glob of tag names.
    func tagGlob() -> String? {
        line("a glob of tags such as `v*`") { text in
            isGlob(text[...]) && !text.hasPrefix("-") && !text.contains(" ")
        }
    }

    /// A regular expression.
    func regularExpression() -> String? {
        line("a regular expression") { $0.utf8.count <= 500 && (try? Regex($0)) != nil }
    }
}

private func isRepository(_ text: String) -> Bool {
    if text.hasPrefix("/") || text.hasPrefix("file:///") { return true }
    guard !text.contains(where: \.isWhitespace) else { return false }
    return text.wholeMatch(of: /(https?|ssh|git):\/\/[^\/\-][^\/]*\/.+/) != nil
        || text.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9_.\-]*@[A-Za-z0-9][A-Za-z0-9.\-]*:[^:\-].*/) != nil
}

private func isInside(_ path: String) -> Bool {
    !path.hasPrefix("/") && !path.hasPrefix("-") && !path.hasPrefix("~") && !path.split(separator: "/").contains("..")
}

/// Not empty, every `[` closed, nothing missing behind a `\`.
private func isGlob(_ pattern: Substring) -> Bool {
    var rest = pattern
    guard rest.contains(where: { $0 != "/" }) else { return false }
    while let character = rest.popFirst() {
        if character == "\\", rest.popFirst() == nil { return false }
        guard character == "[" else { continue }
        if rest.first == "!" || rest.first == "^" { rest.removeFirst() }
        guard let end = rest.dropFirst().firstIndex(of: "]") else { return false }
        rest = rest[rest.index(after: end)...]
    }
    return true
}
