// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import CanaryText
import Foundation

/// What a mirror fetches from its remote.
struct MirrorTransfer {
    let address: String
    let git: Git
    let repository: MirrorFolder

    /// The refs for branches and tags of a remote that does not serve single commits.
    static let fetched = "refs/fetched"

    private static let fetching = [
        "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules",
        "--no-write-commit-graph", "--no-prune-tags", "--force",
    ]

    static func fullName(ofBranch branch: String) -> String {
        branch == "HEAD" ? branch : "refs/heads/\(branch)"
    }

    func missing(_ what: String) -> GitFailure {
        GitFailure(reason: .fetchRevisionMissing, detail: "no \(what) in `\(address)`")
    }

    /// The objects of the remote's refs, by name.
    ///
    /// Patterns also match the ends of longer names: look up whole names in the result.
    func list(_ kinds: [String], _ patterns: [String]) async throws(GitFailure) -> [String: String] {
        let answer = try await git.run(
            ["ls-remote", "--quiet"] + kinds + ["--", address] + patterns, within: git.limits.answer,
            otherwise: .fetchUnreachable)
        return Self.refs(in: answer)
    }

    /// The objects in the output of `git ls-remote`, by ref.
    static func refs(in answer: [UInt8]) -> [String: String] {
        var refs: [String: String] = [:]
        for line in answer.split(separator: UInt8(ascii: "\n")) {
            guard let tab = line.firstIndex(of: UInt8(ascii: "\t")) else { continue }
            refs[String(decoding: line[(tab + 1)...], as: UTF8.self)] = String(decoding: line[..<tab], as: UTF8.self)
        }
        return refs
    }

    /// Fetches and keeps `revision`; when the remote does not serve single commits, from `ref`, or with nil from all refs.
    func fetch(_ revision: String, from ref: String?) async throws(GitFailure) {
        guard ObjectName.isWhole(revision) else { throw missing("commit `\(revision)`: expected a whole SHA") }
        if repository.holds(revision) { return }
        let format = revision.utf8.count == 64 ? "sha256" : "sha1"
        do {
            try await transfer(["+\(revision):\(MirrorFolder.pin(of: revision))"], format: format)
        } catch  where error.reason == .fetchRevisionMissing {
            if let ref {
                try await transfer(["+\(ref):\(Self.fetched)-one"], format: format)
            } else {
                try await transferAll(format: format)
            }
            do {
                try await keep(revision)
            } catch  where error.reason == .fetchRevisionMissing {
                throw missing("commit `\(revision)`")
            }
        }
    }

    /// The commit whose SHA starts with `beginning`; fetches all refs.
    func expand(_ beginning: String) async throws(GitFailure) -> String {
        try await transferAll(format: beginning.utf8.count > 40 ? "sha256" : "sha1")
        let answer = try await git.run(
            [repository.option, "rev-parse", "--verify", "--quiet", "--end-of-options", "\(beginning)^{commit}"],
            within: git.limits.transfer, otherwise: .fetchRevisionMissing)
        let revision = String(decoding: answer.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        try await keep(revision)
        return revision
    }

    private func keep(_ revision: String) async throws(GitFailure) {
        try await git.run(
            [repository.option, "update-ref", "--no-deref", MirrorFolder.pin(of: revision), revision],
            within: git.limits.transfer, otherwise: .fetchRevisionMissing)
    }

    private func transferAll(format: String) async throws(GitFailure) {
        let kinds = ["heads", "tags"].map { "+refs/\($0)/*:\(Self.fetched)/\($0)/*" }
        // Pruned, because a deleted branch `a` would block a new branch `a/b`.
        try await transfer(kinds, format: format, pruning: true)
    }

    private func transfer(_ refs: [String], format: String, pruning: Bool = false) async throws(GitFailure) {
        try repository.create(format: format)
        do {
            try await run(refs, pruning: pruning)
        } catch {
            let remade = error.reason == .fetchUnreachable ? await repository.removeIfBroken(git) : false
            guard remade else { throw Disk.isFull(at: repository.path) ? error.with(.environmentDiskFull) : error }
            try repository.create(format: format)
            try await run(refs, pruning: pruning)
        }
    }

    private func run(_ refs: [String], pruning: Bool) async throws(GitFailure) {
        repository.removeStaleLocks()
        let arguments =
            GitEnvironment.checkedArrival + Self.fetching + [pruning ? "--prune" : "--no-prune", "--", address] + refs
        try await bounded(in: repository) { () async throws(GitFailure) in
            try await git.run(
                [repository.option] + arguments, within: git.limits.transfer, otherwise: .fetchUnreachable)
        }
    }

    /// Runs `transfer` to `folder`, and ends it when it adds too much; what it left behind is then removed.
    private func bounded(
        in folder: MirrorFolder, _ transfer: @escaping @Sendable () async throws(GitFailure) -> Void
    ) async throws(GitFailure) {
        let growth = DiskGrowth(folder: folder.path + "/objects", limit: git.limits.growth)
        let failure = GitFailure(
            reason: .fetchCheckout,
            detail:
                "git received more than \(growth.limit.sizeText) and was ended; hint: look at the repository: if it is "
                + "what it should be, fetch it into its mirror by hand")
        do {
            try await WatchedWork(failure: failure).run(transfer, until: growth.isExceeded)
        } catch {
            if error == failure { folder.removeIncompletePacks() }
            throw error
        }
    }

    /// See `Mirror.firstHead`.
    func first(_ branch: String) async -> String? {
        guard !repository.isWhole else { return nil }
        let fresh = repository.temporary()
        defer { fresh.remove() }
        let arrived = "refs/canary/first"
        do {
            try fresh.createEmpty(format: "sha1")
            let arguments =
                GitEnvironment.checkedArrival + Self.fetching
                + ["--progress", "--", address, "+\(Self.fullName(ofBranch: branch)):\(arrived)"]
            try await bounded(in: fresh) { () async throws(GitFailure) in
                try await git.run(
                    [fresh.option] + arguments, within: git.limits.transfer,
                    bounds: .init(firstWord: git.limits.answer),
                    otherwise: .fetchUnreachable)
            }
            let content = try String(contentsOf: URL(filePath: "\(fresh.path)/\(arrived)"), encoding: .utf8)
            let revision = content.trimmingCharacters(in: .whitespacesAndNewlines)
            guard ObjectName.isWhole(revision) else { return nil }
            try FileManager.default.moveItem(
                atPath: "\(fresh.path)/\(arrived)", toPath: "\(fresh.path)/\(MirrorFolder.pin(of: revision))")
            try repository.replace(with: fresh)
            return revision
        } catch {
            return nil
        }
    }
}
