// SPDX-License-Identifier: Apache-2.0

import CanaryGit
import CanaryHistory
package import CanaryModel
import CanaryRunner

/// The effect of an unmerged change on one job.
package struct TryAnswer: Hashable, Codable, Sendable {
    /// The possible answers.
    package enum Word: String, CaseIterable, Codable, Sendable {
        /// It passes with the change.
        case fine
        /// It fails with the change, and passes without it.
        case yours
        /// It fails with the change and without it.
        case preExisting = "pre-existing"
        /// It fails and passes on the same inputs.
        case flaky
        /// It could not be built, for infrastructure reasons.
        case infrastructure
        /// It has never passed, or one of its upstreams does not build.
        case untestable
    }

    /// The job.
    package let job: JobID
    /// The answer.
    package let word: Word
    /// The reason, in one phrase.
    package let detail: String
    /// The outcome with the change; nil if it was not built.
    package let outcome: Outcome?
    /// The run that built it.
    package let run: String?
    /// The revisions it was built with.
    package let revisions: [String: String]
}

/// The effect of unmerged changes on the jobs that depend on them.
package struct TryReport: Hashable, Codable, Sendable {
    /// The changes by project.
    package let changes: [String: TryRun.Change]
    /// One answer a job, in the order of the stack.
    package let answers: [TryAnswer]
}

/// What `try` is to build.
package struct TryRequest: Hashable, Sendable {
    /// A ref or a commit of each changed project.
    package var changes: [String: String]
    /// The variants; empty means all.
    package var variants: [String] = []
    /// The lanes.
    package var lanes: [Lane] = [.head]
    /// Repositories that replace those of the manifests, and revisions that replace last known good ones.
    package var overrides = Overrides()

    /// Makes a request to try `changes`.
    package init(changes: [String: String]) { self.changes = changes }
}

extension Engine {
    /// Builds everything downstream of the changes of `request`.
    ///
    /// - Parameter building: called before each job, with its number and how many there are.
    /// - Throws: `EngineError`, `HistoryError`.
    package func attempt(
        _ request: TryRequest, stop: StopSignal, building: (JobID, Int, Int) -> Void = { _, _, _ in }
    ) async throws -> TryReport {
        let tried = try await TryRun.make(of: request.changes, overrides: request.overrides, in: self, stop: stop)
        let jobs = try tried.jobs(variants: request.variants, lanes: request.lanes)
        var answers: [TryAnswer] = []
        for (index, job) in jobs.enumerated() {
            building(job, index + 1, jobs.count)
            answers.append(try await tried.answer(for: job))
        }
        return TryReport(changes: tried.changes, answers: answers)
    }
}

/// `try`: builds everything downstream of unmerged changes on its last known good inputs.
///
/// The caller holds the lock of the state folder.
package struct TryRun: Sendable {
    private let engine: Engine
    private let stop: StopSignal
    private let overrides: Overrides
    /// The changes by project.
    package let changes: [String: Change]

    /// A change as a commit.
    package struct Change: Hashable, Codable, Sendable {
        /// The commit.
        package let revision: String
        /// Its merge base with the branch; nil if there is none.
        package let base: String?
    }

    /// Resolves the changes, each a ref or a commit of its project's repository.
    ///
    /// - Parameter overrides: repositories that replace those of the manifests, and revisions that replace last known
    ///   good ones.
    /// - Throws: `EngineError` `badRequest` when a project or a ref does not exist.
    package static func make(
        of refs: [String: String], overrides: Overrides = Overrides(), in engine: Engine, stop: StopSignal
    ) async throws -> TryRun {
        let stack = engine.stack
        try overrides.projects.forEach { try stack.require(project: $0) }
        let resolver = engine.resolver(Overrides(sources: overrides.sources))
        var changes: [String: Change] = [:]
        for (name, ref) in refs.sorted(by: { $0.key < $1.key }) {
            try stack.require(project: name)
            guard let project = stack.graph[name] else { continue }
            let mirror = resolver.mirror(of: project)
            do throws(GitFailure) {
                let revision = try await mirror.resolve(ref)
                let branch = project.folder == nil ? project.branch : "HEAD"
                var base: String?
                if let branchHead = try? await mirror.resolve(branch) {
                    base = await mirror.mergeBase(revision, branchHead)
                }
                changes[name] = Change(revision: revision, base: base)
            } catch {
                throw EngineError(
                    .badRequest, "`\(name)=\(ref)`: \(error.detail)",
                    hint: "expected a ref such as `refs/pull/1/head`, a branch, a tag or a commit of its repository")
            }
        }
        return TryRun(engine: engine, stop: stop, overrides: overrides, changes: changes)
    }

    /// The jobs of the changed projects and of everything downstream of them, in the order of the stack.
    package func jobs(variants: [String], lanes: [Lane]) throws -> [JobID] {
        let stack = engine.stack
        try variants.forEach { try stack.require(variant: $0) }
        let downstream = changes.keys.flatMap { stack.graph.downstream(of: $0).map(\.name) }
        let projects = Set(downstream).union(changes.keys)
        return stack.jobs.filter { job in
            projects.contains(job.project) && (variants.isEmpty || variants.contains(job.variant))
                && lanes.contains(job.lane)
        }
    }

    /// Builds `job` with the changes.
    ///
    /// - Throws: `EngineError` `interrupted`; `HistoryError`.
    package func answer(for job: JobID) async throws -> TryAnswer {
        guard let good = try await engine.history.jobs.lastKnownGood(of: job) else {
            return TryAnswer(
                job: job, word: .untestable, detail: "it has no last known good to try the change on", outcome: nil,
                run: nil,
                revisions: [:])
        }
        let baseline = RevisionVector(of: good, project: job.project).revisions.merging(overrides.revisions) { $1 }
        let tried = baseline.merging(changes.mapValues(\.revision)) { $1 }
        let builder = ProbeBuilder(engine, job: job, stop: stop, sources: overrides.sources)
        var changed = builder
        changed.unmerged = Set(changes.keys)
        let built = try await changed.build(at: tried, probing: nil, trigger: "try", forced: false)
        let (word, detail) = try await judge(built, of: job, on: baseline, with: builder)
        return TryAnswer(
            job: job, word: word, detail: detail, outcome: built.outcome, run: built.run, revisions: tried)
    }

    private func judge(
        _ built: ProbeBuilder.Built, of job: JobID, on baseline: [String: String], with builder: ProbeBuilder
    ) async throws -> (TryAnswer.Word, String) {
        if built.isSpoiled { return (.infrastructure, "it could not be built, for infrastructure reasons") }
        switch built.outcome.result {
        case .passed:
            return built.isFlaky ? (.flaky, "it failed and passed on the same inputs") : (.fine, "it passes")
        case .blocked: return (.untestable, "an upstream does not build with the change")
        case .error, .skipped, .cancelled: return (.infrastructure, "it was not built")
        case .failed, .timedOut: break
        }
        guard changes.values.allSatisfy({ $0.base != nil }) else {
            return (.untestable, "it fails; the change has no merge base with its branch")
        }
        let base = baseline.merging(changes.compactMapValues(\.base)) { $1 }
        let without = try await builder.build(at: base, probing: nil, trigger: "try", forced: false)
        if without.isSpoiled { return (.infrastructure, "it fails; without the change it could not be built") }
        switch without.outcome.result {
        case .passed where without.isFlaky: return (.flaky, "it fails; without the change it failed and passed")
        case .passed: return (.yours, "it fails with the change, and passes at its merge base")
        case .failed, .timedOut: return (.preExisting, "it fails with the change, and at its merge base too")
        case .error, .skipped, .cancelled: return (.infrastructure, "it fails; without the change it was not built")
        case .blocked: return (.untestable, "it fails with the change; at its merge base an upstream does not build")
        }
    }
}
