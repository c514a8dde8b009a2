// SPDX-License-Identifier: Apache-2.0

/// What names may look like; the schemas say the same in their own words.
extension Field {
    /// The name of a project.
    func projectName() -> String? {
        guard let name = line("a project name (`[a-z][a-z0-9-]*`)", where: isProjectName) else { return nil }
        let yamlWords: Set = ["true", "false", "yes", "no", "on", "off"]
        guard case .scalar(let scalar) = node.content, !scalar.isPlain || !yamlWords.contains(name) else {
            mismatch(expected: "a project name", hint: "YAML reads this word as a boolean: put it in quotes")
            return nil
        }
        return name
    }

    /// The name of a stack, a receiver.
    func identifier() -> String? {
        line("a name of letters, digits, `.`, `_` and `-`", where: isIdentifier)
    }

    /// The name of an environment variable.
    func variableName() -> String? {
        line("the name of an environment variable", where: isVariableName)
    }

    /// A cache variable of CMake.
    func cacheVariable() -> String? {
        line("the name of a CMake variable", where: isCacheVariable)
    }

    /// `owner/name` of GitHub.
    func gitHubRepository() -> String? {
        line("a repository as `owner/name`") {
            $0.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9-]*\/[A-Za-z0-9._-]+/) != nil
        }
    }

    /// A branch, tag or commit.
    func revision(_ kind: String) -> String? {
        line("a \(kind) that git accepts", where: isRefName)
    }

    /// The address of a page.
    func webAddress() -> String? {
        line("an address that begins with `https://` or `http://`") {
            $0.wholeMatch(of: /https?:\/\/[^\s\/"<>]+(\/[^\s"<>]*)?/) != nil
        }
    }
}

/// Without a pattern: it is asked of each upstream of each project, and a pattern is made anew each time.
private func isProjectName(_ text: String) -> Bool {
    let (letters, digits) = (UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"))
    guard let first = text.utf8.first, letters ~= first else { return false }
    return text.utf8.allSatisfy { letters ~= $0 || digits ~= $0 || $0 == UInt8(ascii: "-") }
}

/// Letters, digits, `.`, `_` and `-`, the first a letter or digit: safe in paths and addresses.
func isIdentifier(_ text: String) -> Bool { text.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]*/) != nil }

func isVariableName(_ text: String) -> Bool { text.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil }

/// A name, with its type behind `:` if wanted; it stands in a script, so nothing a shell might act on.
func isCacheVariable(_ text: String) -> Bool {
    text.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_.+-]*(:[A-Z]+)?/) != nil
}

/// Whether `git check-ref-format --branch` takes `text` (https://git-scm.com/docs/git-check-ref-format).
func isRefName(_ text: String) -> Bool {
    let forbidden: Set<Unicode.Scalar> = [" ", "~", "^", ":", "?", "*", "[", "\\", "\u{7F}"]
    let components = text.split(separator: "/", omittingEmptySubsequences: false)
    return text != "@" && !text.hasPrefix("-") && !text.hasSuffix(".")
        && !text.contains("..") && !text.contains("@{")
        && !text.unicodeScalars.contains { $0.value < 0x20 || forbidden.contains($0) }
        && components.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") && !$0.hasSuffix(".lock") }
}
