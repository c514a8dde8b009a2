// SPDX-License-Identifier: Apache-2.0

package import CanaryFiles
package import CanaryGit
package import CanaryModel
import CanaryRunner
package import Foundation

/// Asks the repositories what the names in the manifests stand for now.
package struct Resolver: Sendable {
    private let stack: Stack
    private let folder: String
    private let state: StateFolder
    let overrides: Overrides
    private let git: Git

    /// As many remotes as `git submodule` and friends ask at a time by habit.
    static let concurrency = 8

    /// Makes a resolver.
    ///
    /// - Parameter folder: the stack's folder; the repository around it is the one that `source:` speaks of.
    package init(stack: Stack, folder: String, state: StateFolder, overrides: Overrides, git: Git) {
        self.stack = stack
        self.folder = folder
        self.state = state
        self.overrides = overrides
        self.git = git
    }

    /// Resolves all that `selection` can need; what cannot be resolved is part of the snapshot.
    ///
    /// - Parameter previous: a snapshot whose successes are kept; only its failures are asked again.
    package func snapshot(
        for selection: Selection, environments: Environments, previous: Snapshot? = nil, now: Date
    ) async -> Snapshot {
        var snapshot = previous ?? Snapshot()
        snapshot.environments = environments.ids
        snapshot.environmentFailures = environments.failures
        let wishes = wishes(for: selection, now: now).filter { !$0.isAnswered(in: snapshot) }
        let answers = await wishes.mapBounded(Self.concurrency) { wish in (wish, await answer(wish)) }
        for (wish, answer) in answers { answer.note(in: &snapshot, wish: wish) }
        return snapshot
    }

    /// Refuses revisions of `--at` and `--lock` that `snapshot` could not find: they are somebody's slip of the pen.
    ///
    /// - Throws: `EngineError` `badRequest`.
    func demandOverrides(in snapshot: Snapshot) throws {
        for (project, revision) in overrides.revisions.sorted(by: { $0.key < $1.key }) {
            guard case .failed(.fetchRevisionMissing, let detail)? = snapshot.revisions[project] else { continue }
            throw EngineError(
                .badRequest, "`\(project)` has no revision `\(revision)`: \(detail)",
                hint: "expected a tag, a branch or a commit of its repository")
        }
    }

    /// What a build must know to check out `project`.
    package func mirror(of project: Project) -> Mirror {
        Mirror(project: project.name, address: address(of: project), folder: state.mirror(of: project.name), git: git)
    }

    // MARK: - What to ask

    private struct RequestBody: Sendable {
        let project: Project
        let head: Bool
        let release: Bool
        let pins: [String]

        func isAnswered(in snapshot: Snapshot) -> Bool {
            let name = project.name
            return (!head || snapshot.revisions[name]?.source != nil)
                && (!release || snapshot.releases[name]?.source != nil)
                && pins.allSatisfy { snapshot.pins[PinnedRevision(project: name, revision: $0)]?.source != nil }
        }
    }

    private func wishes(for selection: Selection, now: Date) -> [RequestBody] {
        var needed: Set<String> = []
        var released: Set<String> = []
        for job in stack.jobs where selection.includes(job) {
            needed.insert(job.project)
            let upstreams = job.lane == .platform ? [] : stack.graph.upstream(of: job.project)
            upstreams.forEach { needed.insert($0.name) }
            if job.lane == .release { upstreams.forEach { released.insert($0.name) } }
        }
        var pins: [String: [String]] = [:]
        for project in stack.graph.projects where needed.contains(project.name) {
            for edge in project.upstreams {
                if let pin = edge.pin, pin.holds(at: now) { pins[edge.project, default: []].append(pin.revision) }
            }
        }
        return stack.graph.projects.filter { needed.contains($0.name) }.map { project in
            RequestBody(
                project: project, head: true,
                release: released.contains(project.name) && project.releaseTags != nil,
                pins: Array(Set(pins[project.name] ?? [])).sorted())
        }
    }

    // MARK: - BisectRangeResolver

    private struct Answer: Sendable {
        var head: Resolution
        var release: Resolution?
        var pins: [String: Resolution] = [:]

        func note(in snapshot: inout Snapshot, wish: RequestBody) {
            let name = wish.project.name
            snapshot.revisions[name] = head
            if let release { snapshot.releases[name] = release }
            for (revision, resolution) in pins {
                snapshot.pins[PinnedRevision(project: name, revision: revision)] = resolution
            }
        }
    }

    private func answer(_ wish: RequestBody) async -> Answer {
        let mirror = mirror(of: wish.project)
        var answer = await heads(wish, mirror: mirror)
        for pin in wish.pins {
            answer.pins[pin] = await resolution(of: wish.project, in: mirror) { () async throws(GitFailure) in
                try await mirror.resolve(pin)
            }
        }
        return answer
    }

    private func heads(_ wish: RequestBody, mirror: Mirror) async -> Answer {
        let project = wish.project
        if let revision = overrides.revisions[project.name] {
            let fixed = await resolution(of: project, in: mirror) { () async throws(GitFailure) in
                try await mirror.resolve(revision)
            }
            return Answer(head: fixed, release: wish.release ? fixed : nil)
        }
        let branch = isFolder(project) ? "HEAD" : project.branch
        if !wish.release, let revision = await mirror.firstHead(of: branch) {
            return Answer(head: await resolution(of: project, in: mirror) { revision })
        }
        do throws(GitFailure) {
            let refs = try await mirror.remoteRefs(branch: branch, tags: wish.release ? project.releaseTags : nil)
            let head = await resolution(of: project, in: mirror) { () throws(GitFailure) in
                guard let head = refs.head else { throw missingBranch(of: project) }
                return head
            }
            guard wish.release else { return Answer(head: head) }
            let release = await resolution(of: project, in: mirror) { () throws(GitFailure) in
                guard let tag = ReleaseTag.highest(among: refs.tags.keys), let revision = refs.tags[tag.name]
                else { throw noRelease(of: project) }
                return revision
            }
            return Answer(head: head, release: release)
        } catch {
            let failed = Resolution.failed(error.reason, detail: error.detail)
            return Answer(head: failed, release: wish.release ? failed : nil)
        }
    }

    /// Brings the revision that `find` names into the mirror, if it is not there, and reads its tree.
    private func resolution(
        of project: Project, in mirror: Mirror, _ find: () async throws(GitFailure) -> String
    ) async -> Resolution {
        do throws(GitFailure) {
            let revision = try await find()
            if !mirror.holds(revision) { try await mirror.fetch(revision, branch: project.branch) }
            let source = try await mirror.source(
                at: revision, ignoring: project.ignore, folder: project.folder)
            return .source(source)
        } catch {
            return .failed(error.reason, detail: error.detail)
        }
    }

    private func missingBranch(of project: Project) -> GitFailure {
        let detail = "`\(project.branch)` is not among the branches of \(address(of: project))"
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

    /// The folder at or above the stack's that holds `.git`.
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
