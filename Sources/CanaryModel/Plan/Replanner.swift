// SPDX-License-Identifier: Apache-2.0

/// The plans of one run, each made after a build has finished: they report only what has changed, and keep keys.
package struct Replanner: Sendable {
    /// The input as it is known so far.
    package private(set) var input: PlanInput
    private var planning: Planning
    private var reported = ReportedJobs()

    /// Starts with what is known before the first build.
    package init(_ input: PlanInput) {
        self.input = input
        planning = Planning(input)
    }

    /// Records the end of a build.
    package mutating func note(_ finished: FinishedBuild, of key: String) {
        input.finished[key] = finished
        planning = Planning(input, continuing: planning)
    }

    /// The jobs that no plan has reported before or that have ended since, and the builds that can start.
    package mutating func next() -> Plan {
        let targets = input.stack.jobs.filter { !reported.settled.contains($0) }.map { planning.target(of: $0) }
        let plan = PlanWriter(input: input, nodes: planning.nodes, reported: reported).plan(targets)
        for job in plan.jobs {
            if job.finished == nil { reported.open.insert(job.job) } else { reported.settled.insert(job.job) }
        }
        return plan
    }
}

/// What earlier plans have reported: a plan is made after every build, and most of it does not change.
struct ReportedJobs {
    /// Jobs whose decision is final.
    var settled: Set<JobID> = []
    /// Jobs that were reported while open; they are reported again when they end.
    var open: Set<JobID> = []
}
