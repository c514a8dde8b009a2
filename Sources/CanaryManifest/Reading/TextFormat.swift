// SPDX-License-Identifier: Apache-2.0

import CanaryText

/// What one line of text must look like; the schemas say the same in their own words.
struct TextFormat {
    /// What messages expect.
    let expected: String
    let hint: String?
    let accepts: (String) -> Bool

    init(_ expected: String, hint: String? = nil, accepts: @escaping (String) -> Bool) {
        self.expected = expected
        self.hint = hint
        self.accepts = accepts
    }

    /// Letters, digits, `.`, `_` and `-`, the first a letter or digit: safe in paths and addresses.
    static var identifier: TextFormat {
        TextFormat("a name of letters, digits, `.`, `_` and `-`") {
            $0.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]*/) != nil
        }
    }

    /// The name of a project.
    ///
    /// Without a regular expression: it is checked for each upstream of each project, and an
    /// expression is built anew each time.
    static var projectName: TextFormat {
        TextFormat("a project name (`[a-z][a-z0-9-]*`)") { text in
            let (letters, digits) = (UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"))
            guard let first = text.utf8.first, letters ~= first else { return false }
            return text.utf8.allSatisfy { letters ~= $0 || digits ~= $0 || $0 == UInt8(ascii: "-") }
        }
    }

    /// The name of an environment variable.
    static var variableName: TextFormat {
        TextFormat("the name of an environment variable") { $0.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil }
    }

    /// A cache variable of CMake, with its type after `:` if wanted; it stands in a script, so it holds nothing that a
    /// shell could act on.
    static var cacheVariable: TextFormat {
        TextFormat("the name of a CMake variable") {
            $0.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_.+-]*(:[A-Z]+)?/) != nil
        }
    }

    /// `owner/name` of GitHub.
    static var gitHubRepository: TextFormat {
        TextFormat("a repository as `owner/name`") {
            $0.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9-]*\/[A-Za-z0-9._-]+/) != nil
        }
    }

    /// A branch, tag or commit, called a `kind`.
    static func gitReference(_ kind: String) -> TextFormat {
        TextFormat("a \(kind) that git accepts", accepts: GitReference.isName)
    }

    /// The address of a page.
    static var webAddress: TextFormat {
        TextFormat("an address that begins with `https://` or `http://`") {
            $0.wholeMatch(of: /https?:\/\/[^\s\/"<>]+(\/[^\s"<>]*)?/) != nil
        }
    }

    /// The address of a git repository.
    static var repository: TextFormat {
        TextFormat(
            RepositoryAddress.expected, hint: "a folder of the stack's own repository is named by `source:`",
            accepts: RepositoryAddress.isValid)
    }

    /// A folder below a root.
    static var relativeFolder: TextFormat { TextFormat("a relative path without `..`", accepts: isInside) }

    /// A regular expression of at most 500 bytes.
    static var regularExpression: TextFormat {
        TextFormat("a regular expression") { $0.utf8.count <= 500 && (try? Regex($0)) != nil }
    }

    /// Whether `path` is relative and stays below its root.
    static func isInside(_ path: String) -> Bool {
        !path.hasPrefix("/") && !path.hasPrefix("-") && !path.hasPrefix("~")
            && !path.split(separator: "/").contains("..")
    }
}
