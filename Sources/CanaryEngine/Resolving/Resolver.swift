// SPDX-License-Identifier: Apache-2.0

import CanaryFiles
package import CanaryGit
package import CanaryModel
package import CanaryRunner
package import Foundation

/// Resolves the branches, tags and pins of the manifests to revisions.
package struct Resolver: Sendable {
    let stack: Stack
    let folder: String
    let state: StateFolder
    let overrides: Overrides
    let git: Git

    /// How many remotes are asked at the same time; as many as git tools usually ask.
    static let concurrency = 8

    /// Resolves everything that `selection` can need; failures are part of the snapshot.
    ///
    /// - Parameter previous: an earlier snapshot, of which only the failures are resolved again.
    package func snapshot(
        for selection: Selection, environments: Environments, previous: Snapshot? = nil, now: Date
    ) async -> Snapshot {
        var snapshot = previous ?? Snapshot()
        snapshot.environments = environments.ids
        snapshot.environmentFailures = environments.failures
        let lookups = RefLookup.needed(for: selection, in: stack, at: now).filter { !$0.isResolved(in: snapshot) }
        let answers = await lookups.mapBounded(Self.concurrency) { ($0.project.name, await answer($0)) }
        for (project, answer) in answers { snapshot.add(answer, of: project) }
        return snapshot
    }

    /// Requires that `snapshot` found the revisions of `--at` and `--lock`; a missing one is a typing error.
    ///
    /// - Throws: `EngineError` `badRequest`.
    func requireOverrides(in snapshot: Snapshot) throws {
        for (project, revision) in overrides.revisions.sorted(by: { $0.key < $1.key }) {
            guard case .failed(.fetchRevisionMissing, let detail)? = snapshot.revisions[project] else { continue }
            throw EngineError(
                .badRequest, "`\(project)` has no revision `\(revision)`: \(detail)",
                hint: "expected a tag, a branch or a commit of its repository")
        }
    }

    /// The mirror of `project`.
    package func mirror(of project: Project) -> Mirror {
        Mirror(project: project.name, address: address(of: project), folder: state.mirror(of: project.name), git: git)
    }

    private func answer(_ lookup: RefLookup) async -> RefLookup.Answer {
        let mirror = mirror(of: lookup.project)
        var answer = await heads(lookup, mirror: mirror)
        for pin in lookup.pins {
            if overrides.unpinned.contains(lookup.project.name) {
                answer.pins[pin] = answer.head
                continue
            }
            answer.pins[pin] = await resolution(of: lookup.project, in: mirror) { () async throws(GitFailure) in
                try await mirror.resolve(pin)
            }
        }
        return answer
    }

    private func heads(_ lookup: RefLookup, mirror: Mirror) async -> RefLookup.Answer {
        let project = lookup.project
        if let revision = overrides.revisions[project.name] {
            let fixed = await resolution(of: project, in: mirror) { () async throws(GitFailure) in
                try await mirror.resolve(revision)
            }
            return RefLookup.Answer(head: fixed, release: lookup.release ? fixed : nil)
        }
        let branch = isFolder(project) ? "HEAD" : project.branch
        if !lookup.release, let revision = await mirror.firstHead(of: branch) {
            return RefLookup.Answer(head: await resolution(of: project, in: mirror) { revision })
        }
        do throws(GitFailure) {
            let refs = try await mirror.remoteRefs(branch: branch, tags: lookup.release ? project.releaseTags : nil)
            let head = await resolution(of: project, in: mirror) { () throws(GitFailure) in
                guard let head = refs.head else { throw missingBranch(of: project) }
                return head
            }
            guard lookup.release else { return RefLookup.Answer(head: head) }
            let release = await resolution(of: project, in: mirror) { () throws(GitFailure) in
                guard let tag = ReleaseTag.highest(among: refs.tags.keys), let revision = refs.tags[tag.name]
                else { throw noRelease(of: project) }
                return revision
            }
            return RefLookup.Answer(head: head, release: release)
        } catch {
            let failed = Resolution.failed(error.reason, detail: error.detail)
            return RefLookup.Answer(head: failed, release: lookup.release ? failed : nil)
        }
    }

    /// Fetches the revision that `find` returns, unless the mirror has it, and reads its tree.
    private func resolution(
        of project: Project, in mirror: Mirror, _ find: () async throws(GitFailure) -> String
    ) async -> Resolution {
        do throws(GitFailure) {
            let revision = try await find()
            if !mirror.holds(revision) { try await mirror.fetch(revision, branch: project.branch) }
            let ignored = overrides.unmerged.contains(project.name) ? IgnoreRules.none : project.ignore
            let source = try await mirror.source(at: revision, ignoring: ignored, folder: project.folder)
            return .source(source)
        } catch {
            return .failed(error.reason, detail: error.detail)
        }
    }

    private func missingBranch(of project: Project) -> GitFailure {
        let detail = "`\(project.branch)` is not a branch of \(address(of: project))"
        return GitFailure(reason: .fetchBranchMissing, detail: detail)
    }

    private func noRelease(of project: Project) -> GitFailure {
        let detail = "no tag of \(address(of: project)) that matches `\(project.releaseTags ?? "")` is a release"
        return GitFailure(reason: .fetchNoRelease, detail: detail)
    }

    private func isFolder(_ project: Project) -> Bool {
        overrides.sources[project.name] == nil && project.folder != nil
    }

    private func address(of project: Project) -> String {
        if let source = overrides.sources[project.name] { return source }
        switch project.location {
        case .repository(let address): return address
        case .folder: return repositoryRoot
        }
    }

    /// The directory at or above the stack's that contains `.git`.
    private var repositoryRoot: String {
        var candidate = folder
        while candidate != "/", !FileManager.default.fileExists(atPath: candidate + "/.git") {
            candidate = (candidate as NSString).deletingLastPathComponent
        }
        return candidate == "/" ? folder : candidate
    }
}

extension Project {
    /// The subfolder of the repository that is the source; nil means all of it.
    var folder: String? {
        if case .folder(let folder) = location { folder } else { nil }
    }
}
