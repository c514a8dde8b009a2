// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryGit
import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryRunner
import CanaryText

extension Engine {
    /// Resolves `request`: the job, good and bad, and the commits between them.
    ///
    /// - Throws: `EngineError` `badRequest`; `HistoryError`, `GitFailure`.
    package func bisectTarget(_ request: UpstreamRequest) async throws -> UpstreamBisectTarget {
        try await BisectRangeResolver(engine: self, request: request).target()
    }
}

/// Resolves the arguments of `bisect upstream` to a job and a range of commits.
private struct BisectRangeResolver {
    let engine: Engine
    let request: UpstreamRequest
    private var stack: Stack { engine.stack }
    private var resolver: Resolver { engine.resolver(Overrides(sources: request.overrides.sources)) }

    func target() async throws -> UpstreamBisectTarget {
        let known = try await engine.history.jobs.overview()
        let job = try job(among: known)
        let overview = try await overview(of: job, known[job])
        var ends = try await ends(of: job, overview)
        for (name, text) in request.overrides.revisions where ends.bad[name] != nil {
            let revision = try await resolve(text, of: name, option: "--at")
            (ends.good[name], ends.bad[name]) = (revision, revision)
        }
        var (subject, notes) = try await subject(of: job, from: ends.good, to: ends.bad)
        let image = await image(of: job, from: overview?.lastKnownGood, to: overview?.firstKnownBad)
        if let commit = image.commit { subject = subject.adding(commit) }
        notes = ends.notes + notes + [image.note].compactMap(\.self)
        let trigger = overview?.firstKnownBad?.run
        let good = overview?.lastKnownGood.map { RevisionVector(of: $0, project: job.project).revisions }
        return UpstreamBisectTarget(
            job: job, subject: subject, notes: notes,
            learned: try await engine.history.decisions.judgeState().states[job]?.flakes.rate ?? 0,
            failure: try await failure(of: job, in: trigger), trigger: trigger, test: request.test,
            episode: episode(of: job, overview, endingAt: ends.bad), sources: request.overrides.sources,
            forked: ends.good.filter { name, good in
                subject.base[name] != good && subject.commits.contains { $0.project == name }
            }, built: good == subject.projects(at: ProbePoint(prefix: 0)) ? [0] : [])
    }

    /// `known`, with the ends between which the requested test broke, if one was requested.
    private func overview(of job: JobID, _ known: JobOverview?) async throws -> JobOverview? {
        guard let test = request.test else { return known }
        let names = try await engine.history.tests.names(of: job.project)
        guard names.contains(test) else {
            throw EngineError(
                .badRequest, "no build of `\(job.project)` reported a test `\(test)`",
                hint: NearestName.question(test, among: names)
                    ?? "`canary history \(job) --tests` lists the tests that are known")
        }
        let (good, bad) = try await engine.history.tests.ends(of: test, in: job)
        return known?.between(good, bad)
    }

    /// The open episode of `job`, if `bad` is what it first failed on.
    private func episode(of job: JobID, _ overview: JobOverview?, endingAt bad: [String: String]) -> String? {
        let first = overview?.firstKnownBad.map { RevisionVector(of: $0, project: job.project).revisions }
        return first == bad && request.overrides.isEmpty ? overview?.episode?.id : nil
    }

    /// The image as one more commit, if it changed and both its digests can be pulled.
    ///
    /// Otherwise everything is built in the current environment, and a note says so.
    private func image(
        of job: JobID, from good: JobBuild?, to bad: JobBuild?
    ) async -> (commit: Commit?, note: String?) {
        guard let good, let bad, good.environment != bad.environment else { return (nil, nil) }
        let isNarrowed = request.upstream ?? request.good ?? request.bad != nil
        let image = stack.variants.first { $0.name == job.variant }?.image
        if !isNarrowed, let containers = engine.containers, let image,
            await containers.images.has(image.reference, with: good.environment),
            await containers.images.has(image.reference, with: bad.environment)
        {
            let commit = Commit(
                project: Commit.imageAxis, revision: bad.environment, parents: [good.environment],
                subject: "the image `\(image.name)` changed", author: "", committedAt: good.at, isRelevant: true)
            return (commit, nil)
        }
        return (
            nil, "the environment changed too, from `\(good.environment)`: all probes are built in the current one"
        )
    }

    // MARK: - The job

    private func job(among known: [JobID: JobOverview]) throws -> JobID {
        try ([request.downstream] + request.overrides.projects).forEach { try stack.require(project: $0) }
        if let variant = request.variant { try stack.require(variant: variant) }
        let jobs = stack.jobs.filter { job in
            job.project == request.downstream && job.lane == request.lane
                && (request.variant.map { $0 == job.variant } ?? true)
        }
        if let upstream = request.upstream {
            try stack.require(project: upstream)
            let upstreams = stack.graph.upstream(of: request.downstream).map(\.name)
            guard upstreams.contains(upstream) || upstream == request.downstream else {
                throw EngineError(
                    .badRequest, "`\(upstream)` is not an upstream of `\(request.downstream)`",
                    hint: upstreams.isEmpty ? "it has none" : "known: \(upstreams.joined(separator: ", "))")
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
                .badRequest, "`\(job)` has no last known good", hint: "use `--good` with a revision that passes")
        }
        var notes: [String] = []
        var bad = overview?.firstKnownBad.map { RevisionVector(of: $0, project: job.project).revisions }
        if let named, let text = request.bad ?? branch(ofPinned: named, for: job) {
            let revision = try await resolve(text, of: named, option: "--bad")
            // Only the recorded revisions are known to fail; with another revision, all other projects are at their heads.
            if bad?[named] != revision { bad = nil }
            if bad == nil { bad = try await engine.heads(of: job, request.overrides).merging([named: revision]) { $1 } }
        }
        if bad == nil {
            notes.append("no failure is known after the last known good: searching up to the current heads")
            bad = try await engine.heads(of: job, request.overrides)
        }
        let end = bad ?? [:]
        guard let named else { return Ends(good: lastGood ?? [:], bad: end, notes: notes) }
        var good = end
        if let text = request.good {
            good[named] = try await resolve(text, of: named, option: "--good")
        } else {
            good[named] = lastGood?[named] ?? end[named]
        }
        if request.good != nil || request.bad != nil, good[named] == end[named] {
            throw EngineError(
                .badRequest, "good and bad are the same commit of `\(named)`",
                hint: "`--good` is an older commit that passes, `--bad` one that fails")
        }
        return Ends(good: good, bad: end, notes: notes)
    }

    /// The branch of a pinned upstream: asked about by name, its commits after the pin are searched.
    private func branch(ofPinned name: String, for job: JobID) -> String? {
        guard pinnedProjects(of: job.project).contains(name), let project = stack.graph[name] else { return nil }
        return project.folder == nil ? "refs/heads/\(project.branch)" : "HEAD"
    }

    private func resolve(_ text: String, of name: String, option: String) async throws -> String {
        guard let project = stack.graph[name] else { return text }
        do throws(GitFailure) {
            return try await resolver.mirror(of: project).resolve(text)
        } catch {
            throw EngineError(
                .badRequest, "`\(option) \(text)`: `\(name)` has no such revision: \(error.detail)",
                hint: error.reason == .fetchRevisionMissing && text.wholeMatch(of: /[0-9a-fA-F]{7,64}/) != nil
                    ? "a force-push may have removed it, or the repository is shallow"
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
        for (name, end) in bad.sorted(by: { $0.key < $1.key }) {
            guard let old = good[name], old != end, let project = stack.graph[name] else { continue }
            if pinned.contains(name), name != request.upstream {
                notes.append("`\(name)` is pinned: its commits are not searched; `--upstream \(name)` searches them")
                continue
            }
            let mirror = resolver.mirror(of: project)
            for revision in [old, end] where !mirror.holds(revision) {
                try await mirror.fetch(revision, branch: project.branch)
            }
            let fork = await mirror.mergeBase(old, end)
            if fork == nil, request.good != nil {
                throw EngineError(
                    .badRequest,
                    "good and bad of `\(name)` have no common ancestor: `\(old.shortRevision)`, `\(end.shortRevision)`",
                    hint: "both must be commits of one history")
            }
            if fork == end, request.good != nil {
                throw EngineError(
                    .badRequest,
                    "good and bad of `\(name)` are swapped: `\(end.shortRevision)` is an ancestor of "
                        + "`\(old.shortRevision)`", hint: "`--good` is the older commit")
            }
            if fork != old {
                // A release is on a branch of its own; only the tracked branch is ever force-pushed.
                let isBranch = request.good != nil || job.lane == .release
                notes.append(
                    isBranch
                        ? "good of `\(name)`, `\(old.shortRevision)`, is on another branch: searching from the merge base"
                        : "`\(name)` was force-pushed: searching from the merge base of both histories")
            }
            base[name] = fork ?? old
            branches.append(try await commits(of: project, from: base[name] ?? old, to: end, in: mirror))
        }
        return (SearchSubject(commits: SearchRange(merging: branches).commits, base: base), notes)
    }

    /// The projects that a manifest pins now: a search changes their revisions only if it names them.
    private func pinnedProjects(of name: String) -> Set<String> {
        let consumers = [stack.graph[name]].compactMap(\.self) + stack.graph.upstream(of: name)
        let now = engine.now()
        return Set(consumers.flatMap(\.upstreams).filter { $0.pin?.holds(at: now) ?? false }.map(\.project))
    }

    private func commits(
        of project: Project, from base: String, to end: String, in mirror: Mirror
    ) async throws -> [Commit] {
        let commits = try await mirror.commits(
            from: base, to: end, ignoring: project.ignore, folder: project.folder)
        guard commits.isEmpty else { return commits }
        let old = try await mirror.source(at: base, ignoring: project.ignore, folder: project.folder)
        let new = try await mirror.source(at: end, ignoring: project.ignore, folder: project.folder)
        guard old.tree != new.tree else { return [] }
        // There are no commits between the ends: one step.
        return [
            Commit(
                project: project.name, revision: end, parents: [base], subject: "(adjacent positions)",
                author: "", committedAt: new.committedAt, isRelevant: true)
        ]
    }
}
