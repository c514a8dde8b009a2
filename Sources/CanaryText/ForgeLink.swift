// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Addresses of pages that forges have for commits.
package enum ForgeLink {
    private enum Dialect {
        case github
        case gitlab
        case gitea

        init?(host: String) {
            let names = host.split(separator: ".")
            if names.contains("github") {
                self = .github
            } else if names.contains("gitlab") {
                self = .gitlab
            } else if names.contains("codeberg") || names.contains("gitea") || names.contains("forgejo") {
                self = .gitea
            } else {
                return nil
            }
        }
    }

    /// The page that compares two revisions; nil where the forge is not known to have one.
    package static func compare(_ from: String, _ to: String, of repository: String) -> String? {
        guard let (dialect, base) = home(of: repository), isRevision(from), isRevision(to) else { return nil }
        return dialect == .gitlab ? "\(base)/-/compare/\(from)...\(to)" : "\(base)/compare/\(from)...\(to)"
    }

    /// The page of one commit; nil where the forge is not known to have one.
    package static func commit(_ revision: String, of repository: String) -> String? {
        guard let (dialect, base) = home(of: repository), isRevision(revision) else { return nil }
        return dialect == .gitlab ? "\(base)/-/commit/\(revision)" : "\(base)/commit/\(revision)"
    }

    /// `owner/name` of a repository of GitHub, or of a host whose name says that it is one; nil for another.
    package static func gitHubName(of repository: String) -> String? {
        guard let (dialect, base) = home(of: repository), dialect == .github else { return nil }
        let parts = base.split(separator: "/").suffix(2)
        return parts.count == 2 ? parts.joined(separator: "/") : nil
    }

    /// The address without the user and the password that it may hold.
    package static func withoutSecrets(_ repository: String) -> String {
        guard let scheme = repository.range(of: "://") else { return repository }
        let rest = repository[scheme.upperBound...]
        let host = rest.prefix { $0 != "/" }
        guard let at = host.lastIndex(of: "@") else { return repository }
        return String(repository[..<scheme.upperBound] + rest[rest.index(after: at)...])
    }

    /// Where people look at the repository.
    private static func home(of repository: String) -> (Dialect, String)? {
        let address = withoutSecrets(repository)
        let path: Substring
        if let web = address.wholeMatch(of: /(?:https?|ssh|git):\/\/([A-Za-z0-9.-]+)(?::[0-9]+)?\/(.+)/) {
            path = "\(web.1)/\(web.2)"
        } else if let remote = address.wholeMatch(of: /(?:[A-Za-z0-9._-]+@)?([A-Za-z0-9.-]+):(?!\/)(.+)/) {
            path = "\(remote.1)/\(remote.2)"
        } else {
            return nil
        }
        var whole = String(path)
        while whole.hasSuffix("/") { whole.removeLast() }
        if whole.hasSuffix(".git") { whole.removeLast(4) }
        let parts = whole.split(separator: "/", omittingEmptySubsequences: false)
        let isPlain = parts.count >= 3 && parts.dropFirst().allSatisfy { $0.wholeMatch(of: /[A-Za-z0-9._~+-]+/) != nil }
        guard isPlain, let dialect = Dialect(host: String(parts[0]).lowercased()) else { return nil }
        return (dialect, "https://\(whole)")
    }

    private static func isRevision(_ text: String) -> Bool { text.wholeMatch(of: /[0-9a-f]{7,64}/) != nil }
}
