// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryGit
import CanaryHistory
package import CanaryModel
import CanaryRunner
import Foundation

/// What an unmerged change does to one job.
package struct TryAnswer: Hashable, Sendable {
    /// The six answers.
    package enum Word: String, CaseIterable, Codable, Sendable {
        /// It passes with the change.
        case fine
        /// It fails with the change, and passes without it.
        case yours
        /// It fails with the change and without.
        case preExisting = "pre-existing"
        /// It fails and passes on the same inputs.
        case flaky
        /// Infrastructure kept it from being tried.
        case infrastructure
        /// It cannot be tried: it never passed, or what it builds on does not build.
        case untestable
    }

    /// The job.
    package let job: JobID
    /// The answer.
    package let word: Word
    /// Why, in one phrase.
    package let detail: String
    /// What it ended with, with the change; nil when it was not tried.
    package let outcome: Outcome?
    /// The run that tried it, whose record says all.
    package let run: String?
    /// The revisions it was tried on.
    package let revisions: [String: String]
}

/// `try`: builds what is below unmerged changes on the inputs on which it last passed.
///
/// The caller holds the driver's lock of the state folder.
package struct TryRun: Sendable {
    private let engine: Engine
    private let stop: StopSignal
    private let overrides: Overrides
    /// The changes: the commit that is tried, and what it grew from, by project.
    package let changes: [String: Change]

    /// A change as a commit.
    package struct Change: Hashable, Sendable {
        /// The commit.
        package let revision: String
        /// Where it left the branch; nil when it shares no history with that.
        package let base: String?
    }

    /// Looks up the changes, each a ref or a commit of its project's repository.
    ///
    /// - Parameter overrides: other repositories, and other revisions than those on which jobs last passed.
    /// - Throws: `EngineError` `badRequest` when a project or a ref does not exist.
    package static func make(
        of refs: [String: String], overrides: Overrides = Overrides(), in engine: Engine, stop: StopSignal
    ) async throws -> TryRun {
        let stack = engine.stack
        try overrides.projects.forEach {
            try RunRequest.demand($0, among: stack.graph.projects.map(\.name), as: "project")
        }
        let resolver = engine.resolver(sources: overrides.sources)
        var changes: [String: Change] = [:]
        for (name, ref) in refs.sorted(by: { $0.key < $1.key }) {
            try RunRequest.demand(name, among: stack.graph.projects.map(\.name), as: "project")
            guard let project = stack.graph[name] else { continue }
            let mirror = resolver.mirror(of: project)
            do throws(GitFailure) {
                let revision = try await mirror.resolve(ref)
                let branch = project.folder == nil ? project.branch : "HEAD"
                var base: String?
                if let head = try? await mirror.resolve(branch) { base = await mirror.mergeBase(revision, head) }
                changes[name] = Change(revision: revision, base: base)
            } catch {
                throw EngineError(
                    .badRequest, "`\(name)=\(ref)`: \(error.detail)",
                    hint: "expected a ref such as `refs/pull/1/head`, a branch, a tag or a commit of its repository")
            }
        }
        return TryRun(engine: engine, stop: stop, overrides: overrides, changes: changes)
    }

    /// The jobs that see the changes: those of the changed projects and of all below them, as the stack orders them.
    package func jobs(variants: [String], lanes: [Lane]) throws -> [JobID] {
        let stack = engine.stack
        try variants.forEach { try RunRequest.demand($0, among: stack.variants.map(\.name), as: "variant") }
        let below = changes.keys.flatMap { stack.graph.downstream(of: $0).map(\.name) }
        let projects = Set(below).union(changes.keys)
        return stack.jobs.filter { job in
            projects.contains(job.project) && (variants.isEmpty || variants.contains(job.variant))
                && lanes.contains(job.lane)
        }
    }

    /// Tries the changes on `job`.
    ///
    /// - Throws: `EngineError` `interrupted`; `HistoryError`.
    package func answer(for job: JobID) async throws -> TryAnswer {
        guard let good = try await engine.history.jobs.lastKnownGood(of: job) else {
            return TryAnswer(
                job: job, word: .untestable, detail: "it has no last known good to be tried on", outcome: nil, run: nil,
                revisions: [:])
        }
        let passing = RevisionVector(of: good, project: job.project).revisions.merging(overrides.revisions) { $1 }
        let tried = passing.merging(changes.mapValues(\.revision)) { $1 }
        let builder = ProbeBuilder(engine, job: job, stop: stop, sources: overrides.sources)
        let built = try await builder.build(at: tried, probing: nil, trigger: "try", forced: false)
        let (word, detail) = try await judge(built, of: job, on: passing, with: builder)
        return TryAnswer(
            job: job, word: word, detail: detail, outcome: built.outcome, run: built.run, revisions: tried)
    }

    private func judge(
        _ built: ProbeBuilder.Built, of job: JobID, on passing: [String: String], with builder: ProbeBuilder
    ) async throws -> (TryAnswer.Word, String) {
        if built.isSpoiled { return (.infrastructure, "it could not be built for reasons of the machine") }
        switch built.outcome.result {
        case .passed:
            return built.isFlaky ? (.flaky, "it failed and passed on the same inputs") : (.fine, "it passes")
        case .blocked: return (.untestable, "what it builds on does not build with the change")
        case .error, .skipped, .cancelled: return (.infrastructure, "it was not built")
        case .failed, .timedOut: break
        }
        guard changes.values.allSatisfy({ $0.base != nil }) else {
            return (.untestable, "it fails, and the change has no common history with its branch")
        }
        let base = passing.merging(changes.compactMapValues(\.base)) { $1 }
        let without = try await builder.build(at: base, probing: nil, trigger: "try", forced: false)
        if without.isSpoiled { return (.infrastructure, "it fails; without the change it could not be built") }
        switch without.outcome.result {
        case .passed where without.isFlaky: return (.flaky, "it fails; without the change it failed and passed")
        case .passed: return (.yours, "it fails, and passes where the change left its branch")
        case .failed, .timedOut: return (.preExisting, "it fails, and fails where the change left its branch too")
        case .error, .skipped, .cancelled: return (.infrastructure, "it fails; without the change it was not built")
        case .blocked: return (.untestable, "it fails; without the change what it builds on does not build")
        }
    }
}
