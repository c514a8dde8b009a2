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
        let answer = try await git.run(
            [repository.option, "cat-file", "commit", revision], within: git.limits.transfer,
            otherwise: .fetchRevisionMissing)
        var tree: String?
        for line in answer.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            let words = line.split(separator: UInt8(ascii: " "))
            if words.isEmpty { break }
            if words[0].elementsEqual("tree".utf8) { tree = words.last.map { String(decoding: $0, as: UTF8.self) } }
            guard words[0].elementsEqual("committer".utf8), words.count > 2, let tree,
                let time = Int(String(decoding: words[words.count - 2], as: UTF8.self))
            else { continue }
            return (tree, time)
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
                printingAtMost: (limits.listingBytes, limits.longListing(at: start)), otherwise: .fetchRevisionMissing))
    }
}
