// SPDX-License-Identifier: Apache-2.0

/// Bounds a run by build hours: the newest variant and the `head` lane first, the rest is left out; pure.
package enum Budget {
    /// What a build is taken to last of which none has passed yet, in seconds.
    static let unknownBuild = 600.0

    /// `input` with those jobs left out that `hours` do not reach for.
    package static func applied(to input: PlanInput, hours: Double) -> PlanInput {
        let plan = Planner.plan(input)
        let building = Set(plan.jobs.filter { $0.action == .build && $0.finished == nil }.map(\.job))
        var left = hours * 3600
        var isOver = false
        var unaffordable: Set<JobID> = []
        for job in order(of: input.stack) where building.contains(job) {
            left -= input.knowledge.durations["\(job.project)@\(job.variant)"] ?? unknownBuild
            // Once over, over for all that come later: what follows may need what was left out.
            isOver = isOver || left < 0
            if isOver { unaffordable.insert(job) }
        }
        guard !unaffordable.isEmpty else { return input }
        var bounded = input
        bounded.selection = Selection(
            jobs: input.selection.jobs, forced: input.selection.forced, until: input.selection.until,
            unaffordable: unaffordable)
        return bounded
    }

    /// The jobs of `stack`, dearest first: by the variant's year, then lane, then the order of building.
    static func order(of stack: Stack) -> [JobID] {
        let places = stack.variants.enumerated().sorted { left, right in
            let years = (left.element.image?.year ?? .max, right.element.image?.year ?? .max)
            return years.0 == years.1 ? left.offset < right.offset : years.0 > years.1
        }
        let ranks = Dictionary(
            places.enumerated().map { ($1.element.name, $0) }, uniquingKeysWith: { first, _ in first })
        return stack.jobs.enumerated().sorted { left, right in
            let (first, second) = (left.element, right.element)
            return (ranks[first.variant] ?? 0, first.lane, left.offset)
                < (ranks[second.variant] ?? 0, second.lane, right.offset)
        }.map(\.element)
    }
}
