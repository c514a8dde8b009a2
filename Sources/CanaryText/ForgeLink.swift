// SPDX-License-Identifier: Apache-2.0

/// The web pages that a repository's forge has of its commits.
///
/// A link is made only where it is known to work: for hosts with `github`, `gitlab`, `gitea`, `forgejo` or `codeberg`
/// as a part of their name. These have one dialect each; the page of a repository on another host is not guessed. Addresses
/// of ssh and `git@host:path` lead to the same pages as https. No link holds a user name or a password.
package struct ForgeLink: Hashable, Sendable {
    private enum Dialect {
        case gitHub
        case gitLab
        case gitea

        init?(host: String) {
            let names = Set(host.lowercased().split(separator: "."))
            if names.contains("github") {
                self = .gitHub
            } else if names.contains("gitlab") {
                self = .gitLab
            } else if !names.isDisjoint(with: ["codeberg", "gitea", "forgejo"]) {
                self = .gitea
            } else {
                return nil
            }
        }
    }

    private let dialect: Dialect
    /// The page of the repository.
    private let base: String
    private let path: String

    /// Finds the forge of the repository at `address`; nil when none is known.
    package init?(_ address: String) {
        let address = RepositoryAddress.withoutSecrets(address)
        guard let (origin, host, written) = Self.parts(of: address) else { return nil }
        var path = written
        while path.hasSuffix("/") { path.removeLast() }
        if path.hasSuffix(".git") { path.removeLast(4) }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { ![".", ".."].contains($0) && Self.consists($0, of: "._~+-") }
        guard parts.count >= 2, isPlain, let dialect = Dialect(host: String(host)) else { return nil }
        self.dialect = dialect
        self.path = String(path)
        base = "\(origin)/\(path)"
    }

    /// The page of one commit; nil when `revision` is not a SHA.
    package func commit(_ revision: String) -> String? {
        Self.isRevision(revision) ? "\(base)\(separator)/commit/\(revision)" : nil
    }

    /// The page that compares two commits; nil when one is not a SHA.
    package func compare(_ old: String, _ new: String) -> String? {
        Self.isRevision(old) && Self.isRevision(new) ? "\(base)\(separator)/compare/\(old)...\(new)" : nil
    }

    /// `owner/name` of a repository of GitHub, or of a host whose name says that it is one; nil for another forge.
    package var gitHubName: String? { dialect == .gitHub && path.split(separator: "/").count == 2 ? path : nil }

    private var separator: String { dialect == .gitLab ? "/-" : "" }

    // A page asks for hundreds of links, and a regular expression is built anew each time: these are read by hand.

    /// The beginning of pages of a host, the host alone, and the path, of `https://host:1/path` or `user@host:path`.
    private static func parts(of address: String) -> (origin: String, host: Substring, path: Substring)? {
        if let mark = address.firstRange(of: "://") {
            let rest = address[mark.upperBound...]
            guard let slash = rest.firstIndex(of: "/") else { return nil }
            let authority = rest[..<slash].split(separator: ":", omittingEmptySubsequences: false)
            let port = authority.count == 2 ? authority[1] : "0"
            guard let host = authority.first, authority.count <= 2, consists(host, of: ".-"), isNumber(port) else {
                return nil
            }
            let path = rest[rest.index(after: slash)...]
            switch address[..<mark.lowerBound] {
            case "https", "http": return ("\(address[..<mark.upperBound])\(rest[..<slash])", host, path)
            case "ssh", "git": return ("https://\(host)", host, path)
            default: return nil
            }
        }
        guard let colon = address.firstIndex(of: ":") else { return nil }
        let names = address[..<colon].split(separator: "@", omittingEmptySubsequences: false)
        let path = address[address.index(after: colon)...]
        guard let host = names.last, names.count <= 2, names.count == 1 || consists(names[0], of: "._-"),
            consists(host, of: ".-"), !path.hasPrefix("/")
        else { return nil }
        return ("https://\(host)", host, path)
    }

    /// Whether `text` has only letters, digits and `others`, all of ASCII, and at least one.
    private static func consists(_ text: Substring, of others: StaticString) -> Bool {
        let marks = others.withUTF8Buffer { Array($0) }
        return !text.isEmpty
            && text.utf8.allSatisfy { byte in
                let letter = byte | 0x20
                return letter >= 0x61 && letter <= 0x7A || byte >= 0x30 && byte <= 0x39 || marks.contains(byte)
            }
    }

    private static func isNumber(_ text: Substring) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }

    private static func isRevision(_ text: String) -> Bool {
        7...64 ~= text.utf8.count
            && text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 || $0 >= 0x61 && $0 <= 0x66 }
    }
}
