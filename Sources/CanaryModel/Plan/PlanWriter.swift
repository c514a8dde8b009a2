// SPDX-License-Identifier: Apache-2.0

/// Writes down what the targets of a plan come to: decisions with reasons, and the builds they need.
struct PlanWriter {
    let input: PlanInput
    let nodes: BuildNodes

    func plan(_ targets: [Target]) -> Plan {
        let forced = forcedNodes(targets)
        let jobs = targets.map { job($0, forced: forced) }
        let wanted = zip(targets, jobs).compactMap { target, job in job.finished == nil ? target.node : nil }
        let reasons = zip(targets, jobs).compactMap { target, job in target.node.map { ($0, job.reason) } }
        return Plan(
            jobs: jobs,
            builds: builds(
                for: wanted, targets: targets, reasons: Dictionary(reasons, uniquingKeysWith: { first, _ in first })))
    }

    private func forcedNodes(_ targets: [Target]) -> Set<Int> {
        guard input.selection.forced else { return [] }
        return Set(targets.filter { $0.obstacle == nil }.compactMap(\.node))
    }

    // MARK: - Jobs

    private func job(_ target: Target, forced: Set<Int>) -> PlannedJob {
        let node = target.node.map { nodes[$0] }
        let decision = decision(on: target, forced: target.node.map(forced.contains) ?? false)
        return PlannedJob(
            job: target.job, source: target.source, upstreams: node?.upstreams ?? [:], key: node?.key,
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
        switch target.obstacle {
        case .notSelected?:
            return JobDecision(
                action: .skip, reason: DecisionReason(.notSelected, "not asked for in this run"),
                finished: FinishedBuild(outcome: Outcome(result: .skipped)))
        case .held(let hold)?:
            return JobDecision(
                action: .skip, reason: DecisionReason(.held, hold.reason),
                finished: FinishedBuild(outcome: Outcome(result: .skipped)))
        case .blocked(let upstream, let detail)?:
            return JobDecision(
                action: .blocked,
                reason: DecisionReason(.upstreamRed, "\(detail), and nothing can stand in for `\(upstream)`"),
                finished: FinishedBuild(outcome: Outcome(result: .blocked)))
        case .unresolved(let code, let detail)?:
            let outcome = Outcome.ended(in: .fetch, reason: code, firstError: FirstError(text: detail))
            return JobDecision(
                action: .build, reason: Explanation(target, input: input).unresolved(code),
                finished: FinishedBuild(outcome: outcome))
        case nil:
            return decision(on: target, node: target.node.map { nodes[$0] }, forced: forced)
        }
    }

    private func decision(on target: Target, node: BuildNode?, forced: Bool) -> JobDecision {
        let explanation = Explanation(target, input: input)
        guard let node else { return JobDecision(action: .build, reason: explanation.building(nil)) }
        if node.finished == nil, !forced, let tree = node.tree {
            return JobDecision(
                action: .reuse, reason: explanation.reusing(node),
                finished: FinishedBuild(outcome: .passed, tree: tree))
        }
        let isStored = node.key.map { input.knowledge.prefixes[$0] != nil } ?? false
        let reason =
            forced && isStored
            ? DecisionReason(.forced, "built again as asked") : explanation.building(node)
        return JobDecision(action: .build, reason: reason, finished: node.finished)
    }

    // MARK: - Builds

    private func builds(for wanted: [Int], targets: [Target], reasons: [Int: DecisionReason]) -> [PlannedBuild] {
        let needed = needed(by: wanted)
        let ranks = ranks(of: needed)
        let targetsByNode = Dictionary(grouping: targets.filter { $0.node != nil }, by: { $0.node ?? -1 })
        var builds: [PlannedBuild] = []
        var positions: [String: Int] = [:]
        for index in needed {
            let build = build(index, for: targetsByNode[index] ?? [], rank: ranks[index] ?? 0, reason: reasons[index])
            if let key = build.key, let position = positions[key] {
                builds[position] = builds[position].merged(with: build)
            } else {
                if let key = build.key { positions[key] = builds.count }
                builds.append(build)
            }
        }
        return builds
    }

    /// The builds to make, upstreams first.
    private func needed(by wanted: [Int]) -> [Int] {
        var needed: Set<Int> = []
        var open = wanted
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

    /// A minute where nothing is known: longer than small projects, shorter than those worth starting first.
    private func expectedSeconds(_ node: BuildNode) -> Double {
        input.knowledge.durations["\(input.projects[node.project].name)@\(node.variant.name)"] ?? 60
    }

    private func build(_ index: Int, for targets: [Target], rank: Double, reason: DecisionReason?) -> PlannedBuild {
        let node = nodes[index]
        let project = input.projects[node.project]
        return PlannedBuild(
            key: node.key, project: project.name, source: node.source, variant: node.variant.name,
            lane: targets.first?.job.lane ?? node.lane, environment: node.environment, recipe: node.recipe,
            recipeDigest: node.recipeDigest,
            limits: project.builds[node.variant.name]?.limits ?? AttemptLimits(),
            upstreams: node.below.map { upstream in
                PlannedBuild.Input(
                    project: nodes.name(upstream), revision: nodes[upstream].source.revision,
                    key: nodes[upstream].key, direct: node.direct.contains(upstream))
            },
            jobs: targets.map(\.job),
            reason: reason ?? supportReason(node),
            partial: node.partial, rank: rank)
    }

    /// Why a build is made that decides no job.
    private func supportReason(_ node: BuildNode) -> DecisionReason {
        let project = input.projects[node.project].name
        let job = JobID(project: project, variant: node.variant.name, lane: node.lane)
        return Explanation(Target(job: job, source: node.source), input: input).building(node)
    }
}

extension PlannedBuild {
    /// The same build wanted twice: for jobs rather than as support.
    fileprivate func merged(with other: PlannedBuild) -> PlannedBuild {
        let (lane, reason) = jobs.isEmpty ? (other.lane, other.reason) : (lane, reason)
        return PlannedBuild(
            key: key, project: project, source: source, variant: variant, lane: lane, environment: environment,
            recipe: recipe, recipeDigest: recipeDigest, limits: limits, upstreams: upstreams,
            jobs: jobs + other.jobs.filter { !jobs.contains($0) }, reason: reason, partial: partial,
            rank: max(rank, other.rank))
    }
}
