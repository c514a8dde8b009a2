// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryModel
import CanaryRunner
import Foundation

/// The work orders of a reproduction, made from records and manifests one after another in building order: pure.
struct ReproductionBuilder {
    /// A build, and where its source comes from.
    struct Build {
        let project: Project
        let order: WorkOrder
        let isStandIn: Bool
    }

    private let stack: Stack
    private let attempt: AttemptRecord
    private let use: PlannedJob?
    private var told: [String: ExpandedRecipe] = [:]
    private(set) var builds: [Build] = []
    private(set) var warnings: [String] = []

    /// Begins.
    ///
    /// - Parameter use: the job that the attempt decided in its run; nil for a build that only supports others.
    init(stack: Stack, attempt: AttemptRecord, use: PlannedJob?) {
        self.stack = stack
        self.attempt = attempt
        self.use = use
        if attempt.outcome?.stage == .inspect {
            warnings.append("what canary inspects behind the stages is no part of the script: it may end well")
        }
    }

    /// Adds the build of `record`, whose upstreams are there; the attempt's own comes last.
    ///
    /// - Throws: `EngineError` `badRequest` when the stack does not build its project in its variant any more.
    mutating func add(_ record: BuildRecord) throws {
        let isOwn = record.key == attempt.key
        guard let project = stack.graph[record.project], let build = project.builds[record.variant] else {
            throw EngineError(
                .badRequest,
                "the stack does not build `\(record.project)` in the variant `\(record.variant)` any more",
                hint: "its recipe is needed: name the manifests of that time with `--stack`")
        }
        let lane = use?.job.lane ?? .head
        let direct = record.upstreams.filter(\.direct).compactMap { stack.graph[$0.project] }
        let candidates = [build.recipe] + (record.partial ? Stage.scripted.map(build.recipe.until) : [])
        let expanded = candidates.map { recipe in
            ExpandedRecipe(
                recipe, of: project, on: direct.compactMap { direct in told[direct.name].map { (direct, expanded: $0) } },
                hides: !isOwn || lane != .platform)
        }
        let match = expanded.first { $0.digest == record.recipe }
        if match == nil {
            warnings.append(
                "the manifest of `\(project.name)` is not what it was: the recipe here is the present one")
        }
        let recipe = match?.recipe ?? build.recipe
        told[project.name] = expanded[0]
        let place = place(of: record, hiding: expanded[0].hidden.isEmpty ? [] : [project] + upstreams(of: record))
        let source = source(of: record, isOwn: isOwn)
        let order = WorkOrder(
            attempt: attempt.id, environment: record.environment, project: project.name, revision: source.revision,
            prefixKey: record.key, variant: record.variant, lane: lane,
            recipe: isOwn ? Self.cut(recipe, for: attempt) : recipe,
            upstreams: attempt.outcome?.stage == .fetch
                ? [] : record.upstreams.map { .init(project: $0.project, key: $0.key) },
            sourceDateEpoch: Int(source.committedAt.timeIntervalSince1970), jobs: 1, limits: build.limits,
            container: place)
        builds.append(
            Build(project: project, order: order, isStandIn: !isOwn && use?.fallback[project.name] != nil))
    }

    private func upstreams(of record: BuildRecord) -> [Project] {
        record.upstreams.compactMap { stack.graph[$0.project] }
    }

    /// What the run of the attempt used; a build's own record names the first of all revisions that share it.
    private func source(of record: BuildRecord, isOwn: Bool) -> Source {
        (isOwn ? use?.source : use?.upstreams[record.project]) ?? record.source
    }

    /// The container; nil for processes.
    private mutating func place(of record: BuildRecord, hiding projects: [Project]) -> ContainerSpec? {
        guard !record.environment.hasPrefix(ProcessEnvironment.mark) else { return nil }
        let image = stack.variant(record.variant)?.image
        if image == nil, record.key == attempt.key {
            warnings.append("the variant `\(record.variant)` has no image any more: only its digest is known")
        }
        let name = image.map { $0.digest == nil ? $0.reference : String($0.reference.prefix { $0 != "@" }) }
        return ContainerSpec(
            image: name.map { "\($0)@\(record.environment)" } ?? record.environment,
            variables: image?.environment ?? [:], hidden: Set(projects.flatMap(\.provides.files)).sorted())
    }

    /// The stages up to and with the one the attempt ended in; none when it ended before all, all when none of them did.
    static func cut(_ recipe: Recipe, for attempt: AttemptRecord) -> Recipe {
        guard let outcome = attempt.outcome, outcome.result != .passed else { return recipe }
        if outcome.stage == .fetch { return Recipe(stages: [], network: recipe.network) }
        let known = Set(recipe.stages.map(\.stage))
        let ran = attempt.stages.map(\.stage)
        let last = ([outcome.stage].compactMap { $0 } + ran.reversed()).first { known.contains($0) }
        return last.map(recipe.until) ?? recipe
    }
}
