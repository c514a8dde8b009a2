// SPDX-License-Identifier: Apache-2.0

/// Limits a run to a number of build hours: the newest variant and lane `head` come first, the rest is skipped.
package enum Budget {
    /// The expected seconds of a build that never passed yet.
    static let unknownBuild = 600.0

    /// `input` without the jobs that do not fit into `hours`.
    package static func applied(to input: PlanInput, hours: Double) -> PlanInput {
        let plan = Planner.plan(input)
        let building = Set(plan.jobs.filter { $0.action == .build && $0.finished == nil }.map(\.job))
        var left = hours * 3600
        var isSpent = false
        var unaffordable: Set<JobID> = []
        for job in order(of: input.stack) where building.contains(job) {
            left -= input.knowledge.durations["\(job.project)@\(job.variant)"] ?? unknownBuild
            // Once the budget is spent, later jobs are skipped too: they may need what was left out.
            isSpent = isSpent || left < 0
            if isSpent { unaffordable.insert(job) }
        }
        guard !unaffordable.isEmpty else { return input }
        var bounded = input
        bounded.selection = Selection(
            jobs: input.selection.jobs, forced: input.selection.forced, until: input.selection.until,
            unaffordable: unaffordable)
        return bounded
    }

    /// The jobs of `stack`, the most important first: by the year of the variant, then by lane, then in building order.
    static func order(of stack: Stack) -> [JobID] {
        let newestFirst = stack.variants.enumerated().sorted { left, right in
            let years = (left.element.image?.year ?? .max, right.element.image?.year ?? .max)
            return years.0 == years.1 ? left.offset < right.offset : years.0 > years.1
        }
        let ranks = Dictionary(
            newestFirst.enumerated().map { ($1.element.name, $0) }, uniquingKeysWith: { first, _ in first })
        return stack.jobs.enumerated().sorted { left, right in
            let (first, second) = (left.element, right.element)
            return (ranks[first.variant] ?? 0, first.lane, left.offset)
                < (ranks[second.variant] ?? 0, second.lane, right.offset)
        }.map(\.element)
    }
}
