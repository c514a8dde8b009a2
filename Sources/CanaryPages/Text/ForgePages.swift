// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText
import Foundation

/// The web pages that a project's forge has of its commits; none for a repository that is not on the web.
struct ForgePages: Hashable, Sendable {
    private let base: String?
    private let separator: String

    /// Knows the forges that name commits and comparisons as GitHub or GitLab do.
    init(_ location: Project.Location?) {
        guard case .repository(let address) = location, let url = URL(string: address), let host = url.host(),
            url.scheme == "https" || url.scheme == "http", !host.isEmpty
        else {
            base = nil
            separator = ""
            return
        }
        var path = url.path()
        while path.hasSuffix("/") { path.removeLast() }
        if path.hasSuffix(".git") { path.removeLast(4) }
        // Only the address's own parts: neither a user name nor a password belongs on a page.
        base = "\(url.scheme ?? "https")://\(host)\(url.port.map { ":\($0)" } ?? "")\(path)"
        separator = host.contains("gitlab") ? "/-" : ""
    }

    /// The page of one commit.
    func commit(_ revision: String) -> String? {
        guard isRevision(revision) else { return nil }
        return base.map { "\($0)\(separator)/commit/\(revision)" }
    }

    /// The page that compares two commits.
    func compare(_ old: String, _ new: String) -> String? {
        guard isRevision(old), isRevision(new) else { return nil }
        return base.map { "\($0)\(separator)/compare/\(old)...\(new)" }
    }

    private func isRevision(_ text: String) -> Bool {
        (7...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) }
    }
}

/// A commit as a page names it.
struct CommitLink: Hashable, Sendable {
    /// The first ten digits.
    let short: String
    /// The forge's page of it.
    let url: String?

    init(_ revision: String, on forge: ForgePages?) {
        short = revision.shortRevision
        url = forge?.commit(revision)
    }
}
