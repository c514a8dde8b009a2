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
        let (origin, host, written): (String, Substring, Substring)
        if let web = address.wholeMatch(
            of: /(?<scheme>https?):\/\/(?<host>[A-Za-z0-9.-]+)(?<port>:[0-9]+)?\/(?<path>.+)/)
        {
            (origin, host, written) = ("\(web.scheme)://\(web.host)\(web.port ?? "")", web.host, web.path)
        } else if let remote = address.wholeMatch(
            of: /(?:ssh|git):\/\/(?<host>[A-Za-z0-9.-]+)(?::[0-9]+)?\/(?<path>.+)/)
        {
            (origin, host, written) = ("https://\(remote.host)", remote.host, remote.path)
        } else if let remote = address.wholeMatch(of: /(?:[A-Za-z0-9._-]+@)?(?<host>[A-Za-z0-9.-]+):(?!\/)(?<path>.+)/)
        {
            (origin, host, written) = ("https://\(remote.host)", remote.host, remote.path)
        } else {
            return nil
        }
        var path = written
        while path.hasSuffix("/") { path.removeLast() }
        if path.hasSuffix(".git") { path.removeLast(4) }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = parts.allSatisfy { ![".", ".."].contains($0) && $0.wholeMatch(of: /[A-Za-z0-9._~+-]+/) != nil }
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

    private static func isRevision(_ text: String) -> Bool { text.wholeMatch(of: /[0-9a-f]{7,64}/) != nil }
}
