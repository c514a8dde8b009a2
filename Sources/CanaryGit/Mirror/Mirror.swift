// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
package import CanaryModel
import Glibc

/// The branch and tags of a remote, as it listed them.
package struct RemoteRefs: Hashable, Sendable {
    /// The commit at the branch; nil if the remote has no such branch.
    package let head: String?
    /// The commits of the requested tags, by tag name.
    package let tags: [String: String]
}

/// The bare mirror of a project: every revision ever used stays in it, whatever happens at the remote.
///
/// Concurrent calls are safe, also from several canary processes.
package struct Mirror: Sendable {
    /// The project.
    package let project: String
    /// Its repository: a URL, an absolute path or `file://`.
    package let address: String
    /// The path of the mirror; it need not exist.
    package let folder: String
    /// The mirrors of submodules: one folder for all of a project, so that each is stored once.
    let modules: String
    let git: Git
    let repository: MirrorFolder

    private var transfer: MirrorTransfer { MirrorTransfer(address: address, git: git, repository: repository) }
    private var history: CommitHistory { CommitHistory(git: git, option: repository.option, project: project) }

    /// The mirror of `project` in `folder`.
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

    // MARK: - The remote

    /// The remote's `branch` (`HEAD`: its default branch) and its tags that match `glob`; with nil no tags.
    ///
    /// One process; the mirror need not exist.
    package func remoteRefs(branch: String, tags glob: String?) async throws(GitFailure) -> RemoteRefs {
        let branchRef = MirrorTransfer.fullName(ofBranch: branch)
        let kinds = branch == "HEAD" ? [] : ["--heads"] + (glob == nil ? [] : ["--tags"])
        let refs = try await transfer.list(kinds, [branchRef] + (glob == nil ? [] : ["refs/tags/*"]))
        var tags: [String: String] = [:]
        for (ref, object) in refs where ref.hasPrefix("refs/tags/") && !ref.hasSuffix("^{}") {
            let name = String(ref.dropFirst("refs/tags/".count))
            if let glob, fnmatch(glob, name, 0) == 0 { tags[name] = refs[ref + "^{}"] ?? object }
        }
        return RemoteRefs(head: refs[branchRef], tags: tags)
    }

    /// The commit at the remote's `branch`, fetched and kept, if there is no mirror yet.
    ///
    /// One connection instead of two, as everything must be fetched anyway. Nil if there is a mirror, and on any
    /// failure: `remoteRefs` and `fetch` then report it. A silent remote is given up as early as they would.
    package func firstHead(of branch: String) async -> String? { await transfer.first(branch) }

    /// Fetches the commit `revision`, a whole SHA, and keeps it for ever; creates the mirror if there is none.
    ///
    /// When the remote does not serve single commits, `branch` is searched for it, and with nil all refs are. Throws
    /// `fetchRevisionMissing` when the remote does not have it.
    package func fetch(_ revision: String, branch: String?) async throws(GitFailure) {
        try await transfer.fetch(revision, from: branch.map(MirrorTransfer.fullName(ofBranch:)))
    }

    /// The commit that `text` names in the remote, fetched and kept: a tag, else a branch, else a SHA.
    ///
    /// Full names like `refs/pull/1/head` and abbreviated SHAs work too. A whole SHA that the mirror has needs no
    /// process.
    package func resolve(_ text: String) async throws(GitFailure) -> String {
        if holds(text) { return text }
        let names =
            text == "HEAD" || text.hasPrefix("refs/") ? [text] : ["refs/tags/\(text)", "refs/heads/\(text)"]
        let kinds = names.count == 1 ? [] : ["--heads", "--tags"]
        let refs = try await transfer.list(kinds, names.flatMap { [$0, $0 + "^{}"] })
        for name in names {
            guard let commit = refs[name + "^{}"] ?? refs[name] else { continue }
            try await transfer.fetch(commit, from: name)
            return commit
        }
        let object = text.lowercased()
        if ObjectName.isWhole(object) {
            try await transfer.fetch(object, from: nil)
            return object
        }
        guard ObjectName.isBeginning(object) else {
            throw transfer.missing("tag, branch or commit `\(text)`")
        }
        return try await transfer.expand(object)
    }

    // MARK: - Revisions that the mirror has

    /// Whether the mirror has and keeps `revision`, a whole SHA; needs no process.
    package func holds(_ revision: String) -> Bool { repository.holds(revision) }

    /// Writes the files of `revision` into `target`, which is empty or does not exist, without a `.git`.
    ///
    /// With a `subfolder`, only its contents, directly in `target`. The bytes are those of the repository: conversions
    /// and programs of the user's configuration are off. A file whose content is elsewhere (Git LFS) is a failure,
    /// unless it is `ignored`. Two processes, and with `submodules` one more and those of each submodule. What exceeds
    /// `limits` is refused before it is written. Throws `fetchCheckout`, `fetchSubmodule`, `fetchTimeout`,
    /// `environmentDiskFull`.
    package func checkOut(
        _ revision: String, into target: String, subfolder: String?, submodules: Bool, ignoring ignored: IgnoreRules,
        within limits: CheckoutLimits = CheckoutLimits()
    ) async throws(GitFailure) {
        do throws(FolderFailure) { try Folder.make(target) } catch {
            let isFull = error.reason == .environmentDiskFull
            throw GitFailure(reason: isFull ? .environmentDiskFull : .fetchCheckout, detail: "\(error)")
        }
        let checkout = MirrorCheckout(mirror: self, index: target + ".index", ignored: ignored)
        let late = GitFailure(reason: .fetchTimeout, detail: "the checkout did not end within \(limits.time)")
        try await WatchedWork(failure: late).run { () async throws(GitFailure) in
            // What the attributes of a tree ask for can make a file twelve times as long as it is listed.
            let growth = DiskGrowth(folder: target, limit: limits.bytes)
            try await WatchedWork(failure: limits.isExceeded).run(
                { () async throws(GitFailure) in
                    var left = limits
                    try await checkout.write(
                        revision, into: target, subfolder: subfolder, submodules: submodules, within: &left)
                }, until: growth.isExceeded)
        } until: {
            try? await Task.sleep(for: limits.time)
        }
    }

    /// The source of `revision`: the hash of its tree without ignored paths, and its commit time.
    ///
    /// With a `subfolder` only that counts, and the rules match from its root. One process for a whole tree, two for a
    /// part of one, none if it was computed before. Throws `fetchRevisionMissing` when the mirror does not have the
    /// revision or it has no such folder.
    package func source(
        at revision: String, ignoring rules: IgnoreRules, folder subfolder: String?
    ) async throws(GitFailure) -> Source {
        try await MirrorSource(mirror: self).source(at: revision, ignoring: rules, folder: subfolder)
    }

    /// The commits that `end` has along its first parents and `base` has not, oldest first, except those that change
    /// nothing of the source.
    package func commits(
        from base: String, to end: String, ignoring rules: IgnoreRules, folder subfolder: String?
    ) async throws(GitFailure) -> [Commit] {
        let start = subfolder.map { $0.hasSuffix("/") ? $0 : $0 + "/" } ?? ""
        return try await history.commits(from: base, to: end) { path in
            path.hasPrefix(start) && !rules.ignores(String(path.dropFirst(start.count)))
        }
    }

    /// The commits that `end` has along its first parents and `base` has not, whose diff contains one of `words`; empty
    /// if git fails.
    package func revisions(naming words: [String], from base: String, to end: String) async -> Set<String> {
        await history.revisions(naming: words, from: base, to: end)
    }

    /// The merge base of two commits; nil if they have none.
    package func mergeBase(_ first: String, _ second: String) async -> String? {
        await history.mergeBase(first, second)
    }
}
