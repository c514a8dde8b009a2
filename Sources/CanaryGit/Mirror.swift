// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
import CanaryModel
import Foundation

/// What a remote's branch and tags stood for when it was asked.
package struct RemoteRefs: Hashable, Sendable {
    /// The commit at the branch; nil when the remote has no such branch.
    package let head: String?
    /// The commit of each tag that was asked for, by the tag's name.
    package let tags: [String: String]
}

/// The bare mirror of a project: every revision ever used stays in it, whatever the remote does.
///
/// Concurrent calls are safe, those of other processes of ours too.
package struct Mirror: Sendable {
    /// The project.
    package let project: String
    /// Its repository: a URL, an absolute path or `file://`.
    package let address: String
    /// Where the mirror lies; it need not exist.
    package let folder: String
    /// The mirrors of submodules: one folder for all of a project, so that one used at many places is kept once.
    let modules: String
    let git: Git
    let repository: MirrorFolder

    /// Where the branches and tags of a remote are put that does not hand out single commits.
    static let fetched = "refs/fetched"

    /// Names the mirror of `project` in `folder`.
    package init(project: String, address: String, folder: String, git: Git) {
        self.init(project: project, address: address, folder: folder, modules: "\(folder)/modules", git: git)
    }

    init(project: String, address: String, folder: String, modules: String, git: Git) {
        self.project = project
        self.address = address
        self.folder = folder
        self.modules = modules
        self.git = git
        repository = MirrorFolder(path: folder)
    }

    /// The remote's `branch` (`HEAD`: its own choice) and its tags that match `glob`; nil asks for none.
    ///
    /// One process, and no mirror is needed.
    package func remoteRefs(branch: String, tags glob: String?) async throws(GitFailure) -> RemoteRefs {
        let head = Self.fullName(ofBranch: branch)
        let kinds = branch == "HEAD" ? [] : ["--heads"] + (glob == nil ? [] : ["--tags"])
        let refs = try await listed(kinds, [head] + (glob == nil ? [] : ["refs/tags/*"]))
        var tags: [String: String] = [:]
        for (ref, object) in refs where ref.hasPrefix("refs/tags/") && !ref.hasSuffix("^{}") {
            let name = String(ref.dropFirst("refs/tags/".count))
            if let glob, fnmatch(glob, name, 0) == 0 { tags[name] = refs[ref + "^{}"] ?? object }
        }
        return RemoteRefs(head: refs[head], tags: tags)
    }

    /// Whether `revision`, a whole SHA, is in the mirror for ever; asked without a process.
    package func holds(_ revision: String) -> Bool { repository.holds(revision) }

    /// Brings the commit `revision`, a whole SHA, and keeps it for ever; makes the mirror when there is none.
    ///
    /// When the remote does not hand out single commits, `branch` is searched for it; nil is everywhere. Throws
    /// `fetchRevisionMissing` when the remote does not have it.
    package func fetch(_ revision: String, branch: String?) async throws(GitFailure) {
        try await bring(revision, from: branch.map(Self.fullName(ofBranch:)))
    }

    /// The commit that `text` names in the remote, fetched and kept: a tag, else a branch, else a SHA.
    ///
    /// A full name like `refs/pull/1/head` and the beginning of a SHA do too. A whole SHA that is held needs no
    /// process.
    package func resolve(_ text: String) async throws(GitFailure) -> String {
        if holds(text) { return text }
        let names =
            text == "HEAD" || text.hasPrefix("refs/") ? [text] : ["refs/tags/\(text)", "refs/heads/\(text)"]
        let kinds = names.count == 1 ? [] : ["--heads", "--tags"]
        let refs = try await listed(kinds, names.flatMap { [$0, $0 + "^{}"] })
        for name in names {
            guard let commit = refs[name + "^{}"] ?? refs[name] else { continue }
            try await bring(commit, from: name)
            return commit
        }
        let object = text.lowercased()
        if ObjectName.isWhole(object) {
            try await bring(object, from: nil)
            return object
        }
        guard ObjectName.isBeginning(object) else { throw missing("tag, branch or commit `\(text)`") }
        return try await expand(object)
    }

    // MARK: - Transfers

    static func fullName(ofBranch branch: String) -> String {
        branch == "HEAD" ? branch : "refs/heads/\(branch)"
    }

    private func missing(_ what: String) -> GitFailure {
        GitFailure(reason: .fetchRevisionMissing, detail: "no \(what) in `\(address)`")
    }

    /// Names and objects of the remote's refs.
    ///
    /// The patterns match tails of names: look up whole names in the answer.
    private func listed(_ kinds: [String], _ patterns: [String]) async throws(GitFailure) -> [String: String] {
        let answer = try await git.run(
            ["ls-remote", "--quiet"] + kinds + ["--", address] + patterns, within: git.limits.answer,
            otherwise: .fetchUnreachable)
        var refs: [String: String] = [:]
        for line in answer.split(separator: UInt8(ascii: "\n")) {
            guard let tab = line.firstIndex(of: UInt8(ascii: "\t")) else { continue }
            refs[String(decoding: line[(tab + 1)...], as: UTF8.self)] = String(decoding: line[..<tab], as: UTF8.self)
        }
        return refs
    }

    private func bring(_ revision: String, from ref: String?) async throws(GitFailure) {
        guard ObjectName.isWhole(revision) else { throw missing("commit `\(revision)`: expected a whole SHA") }
        if holds(revision) { return }
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

    private func expand(_ beginning: String) async throws(GitFailure) -> String {
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
        // Pruned, because a branch `a` that is gone would stand in the way of a new branch `a/b`.
        try await transfer(kinds, format: format, pruning: true)
    }

    private func transfer(_ refs: [String], format: String, pruning: Bool = false) async throws(GitFailure) {
        try repository.make(format: format)
        do {
            try await fetch(refs, pruning: pruning)
        } catch {
            let remade = error.reason == .fetchUnreachable ? await repository.removeIfBroken(asked: git) : false
            guard remade else { throw Disk.isFull(at: folder) ? error.with(.environmentDiskFull) : error }
            try repository.make(format: format)
            try await fetch(refs, pruning: pruning)
        }
    }

    private func fetch(_ refs: [String], pruning: Bool) async throws(GitFailure) {
        repository.removeStaleLocks()
        try await git.run(
            [repository.option] + Self.fetching + [pruning ? "--prune" : "--no-prune", "--", address] + refs,
            within: git.limits.transfer, otherwise: .fetchUnreachable)
    }

    static let fetching = [
        "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules",
        "--no-write-commit-graph", "--no-prune-tags", "--force",
    ]
}
