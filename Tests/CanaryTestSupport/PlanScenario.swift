// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import Foundation

/// A small stack with its heads, what history knows of it and what the run has finished so far.
///
/// Edges are written `imath`, `openvdb?` when optional, `fmt=11.2.0` when pinned.
package struct PlanScenario {
    package var edges: [(project: String, upstreams: [String])]
    package var lanes: [Lane] = [.head]
    package var variants = ["v"]
    package var fallback = Fallback.lastKnownGood
    package var holds: [String: Hold] = [:]
    package var provides: [String: Provides] = [:]
    package var recipes: [String: Recipe] = [:]
    /// By project; every project has release tags when any release is written.
    package var releases: [String: String] = [:]
    package var snapshot = Snapshot()
    package var knowledge = Knowledge()
    package var finished: [String: FinishedBuild] = [:]
    package var jobs: Set<JobID>?
    package var forced = false
    package var until: Stage?

    /// Every project at a head called `<project>-1`, every variant in the environment `env-<variant>`.
    package init(_ edges: [(project: String, upstreams: [String])], lanes: [Lane] = [.head], variants: [String] = ["v"])
    {
        self.edges = edges
        self.lanes = lanes
        self.variants = variants
        for (project, _) in edges { head(project, "\(project)-1") }
        for variant in variants { snapshot.environments[variant] = "env-\(variant)" }
    }

    package static let recipe = Recipe(
        stages: [.configure, .build, .install, .test].map { StageScript(stage: $0, run: "do \($0.rawValue)") },
        network: false)

    // MARK: - Setting it up

    /// Moves the head of `project`; `tree` is that of another revision when only ignored paths differ.
    package mutating func head(_ project: String, _ revision: String, tree: String? = nil) {
        snapshot.revisions[project] = .source(Self.source(revision, tree: tree))
    }

    package mutating func release(_ project: String, _ revision: String, tree: String? = nil) {
        releases[project] = revision
        snapshot.releases[project] = .source(Self.source(revision, tree: tree))
    }

    package mutating func pin(_ project: String, at text: String, to revision: String) {
        snapshot.pins[PinnedRevision(project: project, revision: text)] = .source(Self.source(revision))
    }

    package static func source(_ revision: String, tree: String? = nil) -> Source {
        Source(revision: revision, tree: "tree of \(tree ?? revision)", committedAt: hour(0))
    }

    // MARK: - Asking

    package var input: PlanInput {
        PlanInput(
            stack: stack, snapshot: snapshot, knowledge: knowledge, finished: finished,
            selection: Selection(jobs: jobs, forced: forced, until: until), now: hour(0))
    }

    package var plan: Plan { Planner.plan(input) }

    package func job(_ name: String) -> PlannedJob {
        let plan = plan
        guard let job = plan.jobs.first(where: { $0.job == Self.id(name) }) else { fatalError("no job \(name)") }
        return job
    }

    /// The builds of `project` that the plan lists.
    package func builds(_ project: String) -> [PlannedBuild] { plan.builds.filter { $0.project == project } }

    /// `imath` is short for `imath@v/head`, `imath/release` for `imath@v/release`.
    package static func id(_ name: String) -> JobID {
        let parts = name.split(separator: "/")
        let project = parts[0].contains("@") ? String(parts[0]) : "\(parts[0])@v"
        guard let id = JobID("\(project)/\(parts.count > 1 ? String(parts[1]) : "head")") else {
            fatalError("no job \(name)")
        }
        return id
    }

    package var stack: Stack {
        guard let graph = try? ProjectGraph(edges.map(project)) else { fatalError("a ring of upstreams") }
        let places = variants.map { Variant(name: $0, image: nil, lanes: lanes) }
        return Stack(name: "test", fallback: fallback, variants: places, graph: graph)
    }

    private func project(_ name: String, _ upstreams: [String]) -> Project {
        let build = VariantBuild(recipe: recipes[name] ?? Self.recipe)
        return Project(
            name: name, location: .folder("."), releaseTags: releases.isEmpty ? nil : "v*",
            upstreams: upstreams.map(Self.edge), provides: provides[name] ?? Provides(),
            builds: Dictionary(uniqueKeysWithValues: variants.map { ($0, build) }), hold: holds[name])
    }

    private static func edge(_ text: String) -> Upstream {
        let parts = text.split(separator: "=").map(String.init)
        if parts.count == 2 { return Upstream(project: parts[0], pin: Pin(revision: parts[1])) }
        let optional = text.hasSuffix("?")
        return Upstream(project: optional ? String(text.dropLast()) : text, optional: optional)
    }

    // MARK: - Living on

    /// Ends every build of `project` that can start now; a pass installs `tree`, by default one of its own.
    package mutating func end(_ project: String, _ outcome: Outcome = .passed, tree: String? = nil) {
        for build in builds(project) {
            guard let key = build.key else { continue }
            finished[key] = Self.finish(build, key: key, outcome, tree: tree)
        }
    }

    /// Builds all that can be built; the projects in `red` fail.
    package mutating func endAll(red: Set<String> = [], tree: (PlannedBuild) -> String? = { _ in nil }) {
        while let build = plan.builds.first(where: { $0.isReady && finished[$0.key ?? ""] == nil }), let key = build.key
        {
            let outcome = red.contains(build.project) ? Self.failure : .passed
            finished[key] = Self.finish(build, key: key, outcome, tree: tree(build))
        }
    }

    /// Ends the run: history learns all it finished, the next run begins with nothing finished.
    package mutating func nextRun(_ name: String = "run") {
        for job in plan.jobs {
            guard let key = job.key, let source = job.source, let result = job.finished?.outcome.result else {
                continue
            }
            let build = JobBuild(
                run: name, at: hour(0), key: key, source: source, upstreams: job.upstreams, recipe: job.recipe ?? "",
                environment: job.environment ?? "", result: result)
            knowledge.lastBuilds[job.job] = build
            if result == .passed { knowledge.lastKnownGood[job.job] = build }
        }
        for (key, build) in finished { if let tree = build.tree { knowledge.prefixes[key] = tree } }
        finished = [:]
    }

    /// Builds everything well and ends the run: all is known and good.
    package mutating func settle() {
        endAll()
        nextRun()
    }

    package static let failure = Outcome.ended(in: .build, reason: .buildCompiler)
    package static let outage = Outcome.ended(in: .fetch, reason: .environmentEngine)

    package static func finish(_ build: PlannedBuild, key: String, _ outcome: Outcome, tree: String?) -> FinishedBuild {
        let installs = outcome.result == .passed && !build.partial
        return FinishedBuild(outcome: outcome, tree: installs ? tree ?? "installed by \(key)" : nil)
    }
}

extension PlannedJob {
    /// The revisions really used, by project.
    package var used: [String: String] { upstreams.mapValues(\.revision) }
    package var result: Result? { finished?.outcome.result }
    package var code: DecisionCode { reason.code }
}
