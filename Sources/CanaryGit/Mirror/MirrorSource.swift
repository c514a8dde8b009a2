// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import Foundation

/// Reads the trees of revisions that a mirror has.
struct MirrorSource {
    let mirror: Mirror

    private var git: Git { mirror.git }
    private var repository: MirrorFolder { mirror.repository }

    /// See `Mirror.source`.
    func source(
        at revision: String, ignoring rules: IgnoreRules, folder subfolder: String?
    ) async throws(GitFailure) -> Source {
        let store = SourceStore(path: "\(mirror.folder)/canary-sources")
        let part = Self.digest(of: rules, subfolder)
        if let known = store.source(of: revision, part: part) { return known }
        let commit = try await commit(revision)
        let isWhole = subfolder == nil && rules.patterns.isEmpty
        let tree = isWhole ? commit.tree : try await hash(of: revision, subfolder, without: rules)
        let source = Source(
            revision: revision, tree: tree, committedAt: Date(timeIntervalSince1970: TimeInterval(commit.time)))
        store.add(source, part: part)
        return source
    }

    private static func digest(of rules: IgnoreRules, _ subfolder: String?) -> String {
        var hasher = FieldHasher()
        hasher.add("canary source 1")
        hasher.add(subfolder.map { "/" + $0 } ?? "")
        for pattern in rules.patterns { hasher.add(pattern) }
        return hasher.finish()
    }

    private func commit(_ revision: String) async throws(GitFailure) -> (tree: String, time: Int) {
        // Without its message, which can be of any length.
        let answer = try await git.run(
            [repository.option, "rev-list", "--max-count=1", "--format=%T %ct", revision], within: git.limits.transfer,
            otherwise: .fetchRevisionMissing)
        let words =
            answer.split(separator: UInt8(ascii: "\n")).last.map { $0.split(separator: UInt8(ascii: " ")) } ?? []
        if words.count == 2, let time = Int(String(decoding: words[1], as: UTF8.self)) {
            return (String(decoding: words[0], as: UTF8.self), time)
        }
        throw GitFailure(reason: .fetchRevisionMissing, detail: "`\(revision)` is not a commit git can read")
    }

    private func hash(
        of revision: String, _ subfolder: String?, without rules: IgnoreRules
    ) async throws(GitFailure) -> String {
        var hasher = FieldHasher()
        var limits = CheckoutLimits()
        let listing = try await listing(of: revision, subfolder, within: limits)
        // What a checkout may take in bytes is up to each attempt.
        limits.bytes = .max
        try limits.take(listing.size, at: "")
        for entry in listing.files where !rules.ignores(entry.path) {
            if Task.isCancelled { throw GitFailure(reason: .environmentInterrupted, detail: "cancelled") }
            hasher.add(entry.facts)
            hasher.add(entry.path)
        }
        return hasher.finish()
    }

    /// What a tree names, if its listing is not too long for `limits`; it is at `start` in the whole checkout.
    func listing(
        of revision: String, _ subfolder: String?, within limits: CheckoutLimits, at start: String = ""
    ) async throws(GitFailure) -> RevisionListing {
        let tree = try TreeEntry.tree(of: revision, subfolder)
        return RevisionListing(
            try await git.run(
                [repository.option] + RevisionListing.arguments + [tree], within: git.limits.transfer,
                bounds: .init(output: limits.listingBytes, failure: limits.longListing(at: start)),
                otherwise: .fetchRevisionMissing))
    }
}
