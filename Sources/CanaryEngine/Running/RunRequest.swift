// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import CanaryText

/// What a run is to build, and how.
package struct RunRequest: Hashable, Sendable {
    /// Projects; empty means all.
    package var projects: [String] = []
    /// Whether everything downstream of them is included.
    package var downstream = false
    /// Variants; empty means all.
    package var variants: [String] = []
    /// Lanes; empty means all.
    package var lanes: [Lane] = []
    /// Whether only jobs whose last result is not a pass are included.
    package var failedOnly = false
    /// See `Selection.forced`.
    package var forced = false
    /// See `Selection.until`.
    package var until: Stage?
    /// Whether notices go into the outbox.
    package var notifies = false
    /// Who or what started it: `manual`, `schedule` or any other word.
    package var trigger = "manual"
    /// The expected build hours it may take; nil means no limit.
    package var hours: Double?
    /// Repositories and revisions that replace those of the manifests.
    package var overrides = Overrides()
    /// The purpose of the selected jobs' own builds in a search, each built once without reruns; nil in a usual run.
    var probing: AttemptPurpose?

    /// Makes a request for everything.
    package init() {}

    /// Whether its results change verdicts: only unpinned branch heads of the manifests' own repositories do.
    package var isJudged: Bool { overrides.isEmpty && until == nil && probing == nil }

    /// The selected jobs of `stack`.
    ///
    /// - Parameter failing: the jobs whose last result is not a pass.
    /// - Throws: `EngineError` `badRequest` for an unknown name, with the nearest one.
    package func selection(in stack: Stack, failing: Set<JobID>) throws -> Selection {
        let names = try selectedProjects(in: stack)
        try variants.forEach { try stack.require(variant: $0) }
        let jobs = stack.jobs.filter { job in
            (names?.contains(job.project) ?? true) && (variants.isEmpty || variants.contains(job.variant))
                && (lanes.isEmpty || lanes.contains(job.lane)) && (!failedOnly || failing.contains(job))
        }
        // `--failed` asks for a build even of what is known to be broken.
        return Selection(
            jobs: jobs.count == stack.jobs.count ? nil : Set(jobs), forced: forced || failedOnly, until: until)
    }

    private func selectedProjects(in stack: Stack) throws -> Set<String>? {
        try (projects + overrides.projects).forEach { try stack.require(project: $0) }
        guard !projects.isEmpty else { return nil }
        let below = downstream ? projects.flatMap { stack.graph.downstream(of: $0).map(\.name) } : []
        return Set(projects + below)
    }
}

extension Stack {
    /// Requires that the stack has the project `name`.
    ///
    /// - Throws: `EngineError` `badRequest` with the nearest name.
    package func require(project name: String) throws(EngineError) {
        try require(name, among: graph.projects.map(\.name), as: "project")
    }

    /// Requires that the stack has the variant `name`.
    ///
    /// - Throws: `EngineError` `badRequest` with the nearest name.
    package func require(variant name: String) throws(EngineError) {
        try require(name, among: variants.map(\.name), as: "variant")
    }

    private func require(_ name: String, among known: [String], as kind: String) throws(EngineError) {
        guard !known.contains(name) else { return }
        throw EngineError(
            .badRequest, "the stack has no \(kind) `\(name)`", hint: NearestName.hint(name, among: known))
    }
}
