// SPDX-License-Identifier: Apache-2.0

/// The plans of one pass, each made when a build has finished: only what changed is told, and keys are kept.
package struct Replanner: Sendable {
    /// What is wanted and known by now.
    package private(set) var input: PlanInput
    private var planning: Planning
    private var told = Told()

    /// Begins with what is known before the first build.
    package init(_ input: PlanInput) {
        self.input = input
        planning = Planning(input)
    }

    /// Notes what became of a build.
    package mutating func note(_ finished: FinishedBuild, of key: String) {
        input.finished[key] = finished
        planning = Planning(input, continuing: planning)
    }

    /// The jobs that no plan told before or that have ended since, and the builds that can start.
    package mutating func next() -> Plan {
        let targets = input.stack.jobs.filter { !told.settled.contains($0) }.map { planning.target(of: $0) }
        let plan = PlanWriter(input: input, nodes: planning.nodes, told: told).plan(targets)
        for job in plan.jobs {
            if job.finished == nil { told.open.insert(job.job) } else { told.settled.insert(job.job) }
        }
        return plan
    }
}

/// What need not be told again: plans are made after every build, and most of a plan is as it was.
struct Told {
    /// Jobs whose decision is final.
    var settled: Set<JobID> = []
    /// Jobs that were told while open; they are told again when that changes.
    var open: Set<JobID> = []
}
