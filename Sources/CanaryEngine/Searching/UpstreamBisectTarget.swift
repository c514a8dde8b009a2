// SPDX-License-Identifier: Apache-2.0

package import CanaryBisection
import CanaryGit
import CanaryHistory
import CanaryJudge
package import CanaryModel
import CanaryRunner
import CanaryText
import Foundation

/// What `bisect upstream` is asked, as people say it.
package struct UpstreamRequest: Sendable {
    /// The project that breaks.
    package var downstream: String
    /// The project whose commits are searched; nil searches all that moved, or `downstream`'s own when `good` is given.
    package var upstream: String?
    /// A revision of the searched project that is good; nil is the last known good.
    package var good: String?
    /// A revision of the searched project that is bad; nil is the first known bad, or the head.
    package var bad: String?
    /// The variant; nil is the first in which the job is broken, else the first.
    package var variant: String?
    /// The lane.
    package var lane = Lane.head
    /// Other repositories, and projects that stay at one revision.
    package var overrides = Overrides()

    /// Makes a request about all that moved.
    package init(downstream: String) { self.downstream = downstream }
}

/// What `bisect upstream` is asked, with all names looked up.
package struct UpstreamBisectTarget: Sendable {
    /// The job that breaks.
    package let job: JobID
    /// The commits between good and bad, and what else is built.
    package let subject: SearchSubject
    /// What people should know of how the range was found.
    package fileprivate(set) var notes: [String]
    /// How often the job was seen to flake.
    package let learned: Double
    /// What the bad build ended with, where one is known.
    package let failure: Outcome?
    /// The run whose failure made somebody ask; its attempts are no evidence.
    let trigger: String?
    /// Other repositories by project.
    let sources: [String: String]
    /// Positions with a result of an earlier run.
    var built: Set<Int> = []

    /// What makes it the same search when it is asked for again.
    package var digest: String {
        var hasher = FieldHasher()
        hasher.add(list: ["canary bisect upstream 1", job.description])
        hasher.add(list: subject.commits.map { "\($0.project) \($0.revision)" })
        hasher.add(list: subject.base.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" })
        return hasher.finish()
    }
}

extension Engine {
    /// Asks the manifests' repositories, or those that stand in for them.
    func resolver(sources: [String: String]) -> Resolver {
        var overrides = Overrides()
        overrides.sources = sources
        return Resolver(stack: stack, folder: folder, state: state, overrides: overrides, git: git)
    }

    /// Looks up what `request` speaks of: the job, the two ends, and the commits between them.
    ///
    /// - Throws: `EngineError` `badRequest`; `HistoryError`, `GitFailure`.
    package func question(_ request: UpstreamRequest) async throws -> UpstreamBisectTarget {
        try await BisectRangeResolver(engine: self, request: request).question()
    }
}

/// A question in the making.
private struct BisectRangeResolver {
    let engine: Engine
    let request: UpstreamRequest
    private var stack: Stack { engine.stack }

    init(engine: Engine, request: UpstreamRequest) {
        self.engine = engine
        self.request = request
    }

    func question() async throws -> UpstreamBisectTarget {
        let known = try await engine.history.jobs.overview()
        let job = try job(among: known)
        let overview = known[job]
        var ends = try await ends(of: job, overview)
        for (name, text) in request.overrides.revisions where ends.bad[name] != nil {
            let revision = try await resolve(text, of: name, option: "--at")
            (ends.good[name], ends.bad[name]) = (revision, revision)
        }
        var (subject, more) = try await subject(of: job, from: ends.good, to: ends.bad)
        let moved = await image(of: job, from: overview?.lastKnownGood, to: overview?.firstKnownBad)
        if let image = moved.commit { subject = subject.adding(image) }
        let trigger = overview?.firstKnownBad?.run
        var question = UpstreamBisectTarget(
            job: job, subject: subject, notes: ends.notes + more,
            learned: try await engine.history.decisions.judgeState().states[job]?.flakes.rate ?? 0,
            failure: try await failure(of: job, in: trigger),
            trigger: trigger, sources: request.overrides.sources)
        let good = overview?.lastKnownGood.map { RevisionVector(of: $0, project: job.project).revisions }
        if good == subject.projects(at: ProbePoint(prefix: 0)) { question.built = [0] }
        question.notes += moved.notes
        return question
    }

    /// The image as one more commit, where it moved and both its digests can be had.
    ///
    /// Else all is built in the present environment, and a note says so.
    private func image(
        of job: JobID, from good: JobBuild?, to bad: JobBuild?
    ) async -> (commit: Commit?, notes: [String]) {
        guard let good, let bad, good.environment != bad.environment else { return (nil, []) }
        let isNarrowed = request.upstream ?? request.good ?? request.bad != nil
        let image = stack.variants.first { $0.name == job.variant }?.image
        if !isNarrowed, let containers = engine.containers, let image,
            await containers.has(image.reference, with: good.environment),
            await containers.has(image.reference, with: bad.environment)
        {
            let commit = Commit(
                project: Commit.imageAxis, revision: bad.environment, parents: [good.environment],
                subject: "the image `\(image.name)` moved", author: "", committedAt: good.at, isRelevant: true)
            return (commit, [])
        }
        return (
            nil, ["the environment moved too, from `\(good.environment)`: all probes are built in the present one"]
        )
    }

    // MARK: - The job

    private func job(among known: [JobID: JobOverview]) throws -> JobID {
        let names = stack.graph.projects.map(\.name)
        try ([request.downstream] + request.overrides.projects).forEach {
            try RunRequest.demand($0, among: names, as: "project")
        }
        if let variant = request.variant {
            try RunRequest.demand(variant, among: stack.variants.map(\.name), as: "variant")
        }
        let jobs = stack.jobs.filter { job in
            job.project == request.downstream && job.lane == request.lane
                && (request.variant.map { $0 == job.variant } ?? true)
        }
        if let upstream = request.upstream {
            try RunRequest.demand(upstream, among: names, as: "project")
            let below = stack.graph.upstream(of: request.downstream).map(\.name)
            guard below.contains(upstream) || upstream == request.downstream else {
                throw EngineError(
                    .badRequest, "`\(upstream)` is no upstream of `\(request.downstream)`",
                    hint: below.isEmpty ? "it has none" : "known: \(below.joined(separator: ", "))")
            }
        }
        let broken = jobs.first { known[$0]?.firstKnownBad != nil }
        guard let job = broken ?? jobs.first else {
            let own = stack.jobs.filter { $0.project == request.downstream }.map(\.description)
            throw EngineError(
                .badRequest,
                "`\(request.downstream)` has no job in lane `\(request.lane.rawValue)`"
                    + (request.variant.map { " of variant `\($0)`" } ?? ""),
                hint: "known: \(own.joined(separator: ", "))")
        }
        return job
    }

    private func failure(of job: JobID, in run: String?) async throws -> Outcome? {
        guard let run, let record = try await engine.history.runs.run(run) else { return nil }
        return record.jobs.first { $0.planned.job == job }?.outcome
    }

    // MARK: - The two ends

    private struct Ends {
        var good: [String: String]
        var bad: [String: String]
        let notes: [String]
    }

    private func ends(of job: JobID, _ overview: JobOverview?) async throws -> Ends {
        let named = request.upstream ?? (request.good ?? request.bad != nil ? job.project : nil)
        let lastGood = overview?.lastKnownGood.map { RevisionVector(of: $0, project: job.project).revisions }
        guard lastGood != nil || request.good != nil else {
            throw EngineError(
                .badRequest, "`\(job)` has no last known good", hint: "name a revision that passes with `--good`")
        }
        var notes: [String] = []
        var bad = overview?.firstKnownBad.map { RevisionVector(of: $0, project: job.project).revisions }
        if let named, let text = request.bad {
            let revision = try await resolve(text, of: named, option: "--bad")
            // Only the vector that failed is known to fail; for another revision all else is at its head.
            if bad?[named] != revision { bad = nil }
            if bad == nil { bad = try await heads(of: job).merging([named: revision]) { $1 } }
        }
        if bad == nil {
            notes.append("no failure behind the last known good is known: searching up to the present heads")
            bad = try await heads(of: job)
        }
        let head = bad ?? [:]
        guard let named else { return Ends(good: lastGood ?? [:], bad: head, notes: notes) }
        var good = head
        if let text = request.good {
            good[named] = try await resolve(text, of: named, option: "--good")
        } else {
            good[named] = lastGood?[named] ?? head[named]
        }
        if request.good != nil || request.bad != nil, good[named] == head[named] {
            throw EngineError(
                .badRequest, "good and bad are the same commit of `\(named)`",
                hint: "`--good` names an older one that passes, `--bad` one that fails")
        }
        return Ends(good: good, bad: head, notes: notes)
    }

    private func heads(of job: JobID) async throws -> [String: String] {
        let resolver = Resolver(
            stack: stack, folder: engine.folder, state: engine.state, overrides: request.overrides, git: engine.git)
        let snapshot = await resolver.snapshot(
            for: Selection(jobs: [job]), environments: Environments(), now: engine.now())
        var heads: [String: String] = [:]
        for (project, resolution) in snapshot.revisions {
            switch resolution {
            case .source(let source): heads[project] = source.revision
            case .failed(_, let detail):
                throw EngineError(.stopped, "the head of `\(project)` cannot be had: \(detail)")
            }
        }
        return heads
    }

    private var resolver: Resolver { engine.resolver(sources: request.overrides.sources) }

    private func resolve(_ text: String, of name: String, option: String) async throws -> String {
        guard let project = stack.graph[name] else { return text }
        do throws(GitFailure) {
            return try await resolver.mirror(of: project).resolve(text)
        } catch {
            throw EngineError(
                .badRequest, "`\(option) \(text)`: `\(name)` has no such revision: \(error.detail)",
                hint: error.reason == .fetchRevisionMissing && text.wholeMatch(of: /[0-9a-fA-F]{7,64}/) != nil
                    ? "a force-push may have left it behind, or the repository is shallow"
                    : "expected a tag, a branch or a commit of its repository")
        }
    }

    // MARK: - The commits between

    private func subject(
        of job: JobID, from good: [String: String], to bad: [String: String]
    ) async throws -> (SearchSubject, [String]) {
        var base = bad
        var notes: [String] = []
        var branches: [[Commit]] = []
        let pinned = pinnedProjects(of: job.project)
        for (name, head) in bad.sorted(by: { $0.key < $1.key }) {
            guard let old = good[name], old != head, let project = stack.graph[name], !pinned.contains(name)
            else { continue }
            let mirror = resolver.mirror(of: project)
            for revision in [old, head] where !mirror.holds(revision) {
                try await mirror.fetch(revision, branch: project.branch)
            }
            let fork = await mirror.mergeBase(old, head)
            if fork == nil, request.good != nil {
                throw EngineError(
                    .badRequest,
                    "good and bad of `\(name)` have no common ancestor: `\(old.shortRevision)`, `\(head.shortRevision)`",
                    hint: "both must be commits of one history")
            }
            if fork == head, request.good != nil {
                throw EngineError(
                    .badRequest,
                    "good and bad of `\(name)` are swapped: `\(head.shortRevision)` is an ancestor of "
                        + "`\(old.shortRevision)`", hint: "`--good` is the older one")
            }
            if fork != old { notes.append("`\(name)` was rewritten: searching from where the two histories part") }
            base[name] = fork ?? old
            branches.append(try await commits(of: project, from: base[name] ?? old, to: head, in: mirror))
        }
        return (SearchSubject(commits: SearchRange(merging: branches).commits, base: base), notes)
    }

    /// Edges that are pinned now stay where they are pinned, whatever a search would like.
    private func pinnedProjects(of name: String) -> Set<String> {
        let consumers = [stack.graph[name]].compactMap(\.self) + stack.graph.upstream(of: name)
        let now = engine.now()
        return Set(consumers.flatMap(\.upstreams).filter { $0.pin?.holds(at: now) ?? false }.map(\.project))
    }

    private func commits(
        of project: Project, from base: String, to head: String, in mirror: Mirror
    ) async throws -> [Commit] {
        let commits = try await mirror.commits(
            from: base, to: head, ignoring: project.ignore, folder: project.folder)
        guard commits.isEmpty else { return commits }
        let old = try await mirror.source(at: base, ignoring: project.ignore, folder: project.folder)
        let new = try await mirror.source(at: head, ignoring: project.ignore, folder: project.folder)
        guard old.tree != new.tree else { return [] }
        // Two ends without a way between them: one step.
        return [
            Commit(
                project: project.name, revision: head, parents: [base], subject: "(a step without commits between)",
                author: "", committedAt: new.committedAt, isRelevant: true)
        ]
    }
}
