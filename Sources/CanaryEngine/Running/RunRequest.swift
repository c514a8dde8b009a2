// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import CanaryText
import Foundation

/// What a run is asked for, as people say it.
package struct RunRequest: Hashable, Sendable {
    /// Projects; empty means all.
    package var projects: [String] = []
    /// Whether everything below them is meant too.
    package var downstream = false
    /// Variants; empty means all.
    package var variants: [String] = []
    /// Lanes; empty means all.
    package var lanes: [Lane] = []
    /// Only jobs whose last result is bad.
    package var failedOnly = false
    /// See `Selection.forced`.
    package var forced = false
    /// See `Selection.until`.
    package var until: Stage?
    /// Whether what is news goes into the outbox.
    package var notifies = false
    /// Who asked: `manual`, `schedule` or any other word.
    package var trigger = "manual"
    /// Build hours it may take, as far as they are foreseen; nil means any.
    package var hours: Double?
    /// Other repositories and fixed revisions.
    package var overrides = Overrides()
    /// What the selected jobs' own builds are made for in a search: once each, no failure is built again; nil in a run.
    var probing: AttemptPurpose?

    /// Makes a request for everything.
    package init() {}

    /// Whether its results move verdicts: only the unpinned heads of the manifests' own repositories do.
    package var isJudged: Bool { overrides.isEmpty && until == nil && probing == nil }

    /// The selection this comes to in `stack`.
    ///
    /// - Parameter failing: the jobs whose last result is bad.
    /// - Throws: `EngineError` `badRequest` with the nearest name.
    package func selection(in stack: Stack, failing: Set<JobID>) throws -> Selection {
        let names = try selectedProjects(in: stack)
        try variants.forEach { try Self.demand($0, among: stack.variants.map(\.name), as: "variant") }
        let jobs = stack.jobs.filter { job in
            (names?.contains(job.project) ?? true) && (variants.isEmpty || variants.contains(job.variant))
                && (lanes.isEmpty || lanes.contains(job.lane)) && (!failedOnly || failing.contains(job))
        }
        // Who asks for what failed wants it built, though it may be known to be broken.
        return Selection(
            jobs: jobs.count == stack.jobs.count ? nil : Set(jobs), forced: forced || failedOnly, until: until)
    }

    private func selectedProjects(in stack: Stack) throws -> Set<String>? {
        let known = stack.graph.projects.map(\.name)
        try (projects + overrides.projects).forEach { try Self.demand($0, among: known, as: "project") }
        guard !projects.isEmpty else { return nil }
        let below = downstream ? projects.flatMap { stack.graph.downstream(of: $0).map(\.name) } : []
        return Set(projects + below)
    }

    /// Refuses a `name` that is not `known`, with the nearest one that is.
    static func demand(_ name: String, among known: [String], as kind: String) throws {
        guard !known.contains(name) else { return }
        throw EngineError(
            .badRequest, "the stack has no \(kind) `\(name)`", hint: NearestName.hint(name, among: known))
    }
}

/// Other repositories and fixed revisions in place of the manifests'.
package struct Overrides: Hashable, Sendable {
    /// `--source`: a repository by project.
    package var sources: [String: String] = [:]
    /// `--at` and `--lock`: a revision by project.
    package var revisions: [String: String] = [:]
    /// The environment id of a variant whose image moved, as it was or is.
    package var environments: [String: String] = [:]

    /// Makes no overrides.
    package init() {}

    var isEmpty: Bool { sources.isEmpty && revisions.isEmpty && environments.isEmpty }
    var projects: [String] { (Array(sources.keys) + Array(revisions.keys)).sorted() }
}
