// SPDX-License-Identifier: Apache-2.0

/// Names of branches, tags and commits.
package enum GitReference {
    /// Whether `git check-ref-format --branch` accepts `text` (https://git-scm.com/docs/git-check-ref-format): also
    /// whole names such as `refs/pull/1/head`, and the digits of a commit, but nothing that git could take for an option.
    package static func isName(_ text: String) -> Bool {
        let forbidden: Set<Unicode.Scalar> = [" ", "~", "^", ":", "?", "*", "[", "\\", "\u{7F}"]
        let components = text.split(separator: "/", omittingEmptySubsequences: false)
        return text.utf8.count <= 1024 && text != "@" && !text.hasPrefix("-") && !text.hasSuffix(".")
            && !text.contains("..") && !text.contains("@{")
            && !text.unicodeScalars.contains { $0.value < 0x20 || forbidden.contains($0) }
            && components.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") && !$0.hasSuffix(".lock") }
    }

    /// Whether `text` can be given to git as a revision: it is one line, and git cannot take it for an option.
    ///
    /// Whether there is such a revision, the repository decides.
    package static func isArgument(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 1024 && !text.hasPrefix("-")
            && !text.unicodeScalars.contains { $0.value < 0x20 || $0 == "\u{7F}" }
    }
}
