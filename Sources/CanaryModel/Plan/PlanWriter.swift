// SPDX-License-Identifier: Apache-2.0

/// Makes a plan from targets: decisions with their reasons, and the builds that they need.
struct PlanWriter {
    let input: PlanInput
    let nodes: BuildNodes
    /// What earlier plans of this run have reported; nil for a whole plan.
    let reported: ReportedJobs?

    func plan(_ targets: [Target]) -> Plan {
        let forced = forcedNodes(targets)
        let open = targets.filter { isOpen($0, forced: forced) }
        return Plan(
            jobs: targets.filter { isReportable($0, forced: forced) }.map { job($0, forced: forced) },
            builds: builds(for: open.compactMap(\.node), targets: targets, forced: forced))
    }

    private func isOpen(_ target: Target, forced: Set<Int>) -> Bool {
        guard target.noBuildReason == nil, let index = target.node, nodes[index].finished == nil else { return false }
        return nodes[index].tree == nil || forced.contains(index)
    }

    private func isReportable(_ target: Target, forced: Set<Int>) -> Bool {
        guard let reported else { return true }
        return isOpen(target, forced: forced) ? !reported.open.contains(target.job) : true
    }

    private func forcedNodes(_ targets: [Target]) -> Set<Int> {
        guard input.selection.forced else { return [] }
        return Set(targets.filter { $0.noBuildReason == nil }.compactMap(\.node))
    }

    // MARK: - Jobs

    private func job(_ target: Target, forced: Set<Int>) -> PlannedJob {
        let node = target.node.map { nodes[$0] }
        let decision = decision(on: target, forced: target.node.map(forced.contains) ?? false)
        return PlannedJob(
            job: target.job, source: target.source, upstreams: target.node.map(nodes.upstreams(of:)) ?? [:],
            key: node?.key,
            conditional: node.map { $0.key == nil } ?? false, action: decision.action, reason: decision.reason,
            redUpstreams: target.red, fallback: target.fallback, finished: decision.finished,
            recipe: node?.recipeDigest, environment: node?.environment)
    }

    private struct JobDecision {
        let action: Action
        let reason: DecisionReason
        var finished: FinishedBuild?
    }

    private func decision(on target: Target, forced: Bool) -> JobDecision {
        switch target.noBuildReason {
        case .notSelected?:
            return JobDecision(
                action: .skip, reason: DecisionReason(.notSelected, "not selected in this run"),
                finished: FinishedBuild(outcome: Outcome(result: .skipped)))
        case .unaffordable?:
            return JobDecision(
                action: .skip, reason: DecisionReason(.budget, "the day's build hours are used up"),
                finished: FinishedBuild(outcome: Outcome(result: .skipped)))
        case .held(let hold)?:
            return JobDecision(
                action: .skip, reason: DecisionReason(.held, hold.reason),
                finished: FinishedBuild(outcome: Outcome(result: .skipped)))
        case .blocked(let upstream, let detail)?:
            return JobDecision(
                action: .blocked,
                reason: DecisionReason(.upstreamRed, "\(detail), and there is no fallback for `\(upstream)`"),
                finished: FinishedBuild(outcome: Outcome(result: .blocked)))
        case .unresolved(let code, let detail)?:
            let outcome = Outcome.ended(in: .fetch, reason: code, firstError: FirstError(text: detail))
            return JobDecision(
                action: .build, reason: Explanation(target, input: input).unresolved(code),
                finished: FinishedBuild(outcome: outcome))
        case nil:
            return target.node.map { decision(on: target, node: $0, forced: forced) }
                ?? JobDecision(action: .build, reason: Explanation(target, input: input).building(nil, on: [:]))
        }
    }

    private func decision(on target: Target, node index: Int, forced: Bool) -> JobDecision {
        let node = nodes[index]
        if node.finished == nil, !forced, let tree = node.tree {
            let reason = Explanation(target, input: input).reusing(node, on: nodes.upstreams(of: index))
            return JobDecision(action: .reuse, reason: reason, finished: FinishedBuild(outcome: .passed, tree: tree))
        }
        if let finished = node.finished, finished.outcome.result == .skipped {
            let detail = "broken, and the same inputs failed less than a day ago"
            return JobDecision(action: .skip, reason: DecisionReason(.stillBroken, detail), finished: finished)
        }
        return JobDecision(
            action: .build, reason: buildReason(target, node: index, forced: forced), finished: node.finished)
    }

    private func buildReason(_ target: Target, node index: Int, forced: Bool) -> DecisionReason {
        let isStored = nodes[index].key.map { input.knowledge.prefixes[$0] != nil } ?? false
        guard !forced || !isStored else { return DecisionReason(.forced, "built again as asked") }
        return Explanation(target, input: input).building(nodes[index], on: nodes.upstreams(of: index))
    }

    // MARK: - Builds

    private func builds(for open: [Int], targets: [Target], forced: Set<Int>) -> [PlannedBuild] {
        let needed = needed(by: open)
        let ranks = ranks(of: needed)
        let targetsByNode = Dictionary(grouping: targets.filter { $0.node != nil }, by: { $0.node ?? -1 })
        var builds: [PlannedBuild] = []
        var positions: [String: Int] = [:]
        for index in needed where reported == nil || nodes[index].key != nil {
            let build = build(
                index, for: targetsByNode[index] ?? [], rank: ranks[index] ?? 0, forced: forced.contains(index))
            if let key = build.key, let position = positions[key] {
                let known = builds[position]
                builds[position] = build.comes(before: known) ? build.merged(with: known) : known.merged(with: build)
            } else {
                if let key = build.key { positions[key] = builds.count }
                builds.append(build)
            }
        }
        return builds
    }

    /// The builds to make, upstreams first.
    private func needed(by start: [Int]) -> [Int] {
        var needed: Set<Int> = []
        var open = start
        while let index = open.popLast() {
            guard needed.insert(index).inserted else { continue }
            open += nodes[index].direct.filter { nodes[$0].tree == nil && nodes[$0].finished == nil }
        }
        return needed.sorted()
    }

    private func ranks(of needed: [Int]) -> [Int: Double] {
        var ranks: [Int: Double] = [:]
        for index in needed.reversed() {
            let node = nodes[index]
            let rank = expectedSeconds(node) + (ranks[index] ?? 0)
            ranks[index] = rank
            for upstream in node.direct { ranks[upstream] = max(ranks[upstream] ?? 0, rank) }
        }
        return ranks
    }

    /// A minute where nothing is known: more than a small project needs, less than one that is worth starting first.
    private func expectedSeconds(_ node: BuildNode) -> Double {
        input.knowledge.durations["\(input.projects[node.project].name)@\(node.variant.name)"] ?? 60
    }

    private func build(_ index: Int, for targets: [Target], rank: Double, forced: Bool) -> PlannedBuild {
        let node = nodes[index]
        let project = input.projects[node.project]
        return PlannedBuild(
            key: node.key, project: project.name, source: node.source, variant: node.variant.name,
            lane: targets.first?.job.lane ?? node.lane, environment: node.environment,
            recipe: node.expanded.recipe, recipeDigest: node.recipeDigest, requirements: node.expanded.requirements,
            limits: project.builds[node.variant.name]?.limits ?? AttemptLimits(), hidden: nodes.hiddenFiles(of: index),
            upstreams: nodes.below(index).map { upstream in
                PlannedBuild.Input(
                    project: nodes.name(upstream), revision: nodes[upstream].source.revision,
                    key: nodes[upstream].key, direct: node.direct.contains(upstream))
            },
            jobs: targets.map(\.job),
            reason: buildReason(targets.first ?? support(node), node: index, forced: forced),
            partial: node.partial, rank: rank)
    }

    /// The target of a build that decides no job.
    private func support(_ node: BuildNode) -> Target {
        let project = input.projects[node.project].name
        return Target(job: JobID(project: project, variant: node.variant.name, lane: node.lane), source: node.source)
    }
}

extension PlannedBuild {
    /// Whether the first job of this build comes before that of an `other` with the same key; no job comes last.
    fileprivate func comes(before other: PlannedBuild) -> Bool {
        guard let own = jobs.first else { return false }
        return other.jobs.first.map { (own.variant, own.lane) < ($0.variant, $0.lane) } ?? true
    }

    /// The same build for the jobs of both.
    fileprivate func merged(with other: PlannedBuild) -> PlannedBuild {
        PlannedBuild(
            key: key, project: project, source: source, variant: variant, lane: lane, environment: environment,
            recipe: recipe, recipeDigest: recipeDigest, requirements: requirements, limits: limits, hidden: hidden,
            upstreams: upstreams,
            jobs: Set(jobs + other.jobs).sorted { ($0.variant, $0.lane) < ($1.variant, $1.lane) }, reason: reason,
            partial: partial,
            rank: max(rank, other.rank))
    }
}
