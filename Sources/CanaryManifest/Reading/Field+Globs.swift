// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText

/// Globs are read by the parser that matches them, so that no pattern passes here and is dropped later.
extension Field {
    /// A glob of paths from the root of a repository.
    func ignoreRule() -> IgnoreRule? {
        glob("a glob as in `.gitignore`") { text throws(Glob.Problem) in try IgnoreRule(text) }
    }

    /// A glob of files below an install prefix.
    func installedGlob() -> String? {
        let expected = "a glob relative to the install prefix, without `..`"
        return glob(expected) { text throws(Glob.Problem) in _ = try Glob(Array(text.utf8)) }
            .flatMap { line(TextFormat(expected, accepts: TextFormat.isInside)) }
    }

    /// A glob of tag names.
    func tagGlob() -> String? {
        let expected = "a glob of tags such as `v*`"
        return glob(expected) { text throws(Glob.Problem) in _ = try Glob(Array(text.utf8)) }
            .flatMap { line(TextFormat(expected) { !$0.hasPrefix("-") && !$0.contains(" ") }) }
    }

    private func glob<Value>(_ expected: String, _ read: (String) throws(Glob.Problem) -> Value) -> Value? {
        guard let line = line() else { return nil }
        do throws(Glob.Problem) {
            return try read(line)
        } catch {
            mismatch(expected: expected, hint: error.sentence)
            return nil
        }
    }
}
