// SPDX-License-Identifier: Apache-2.0

/// Turns what is wanted and what is known into decisions; pure.
///
/// Asked again after every finished build: reuse, cut-off, fallback and blocking are this function seeing more.
package enum Planner {
    /// Decides every job of the stack and lists the builds still to be made.
    package static func plan(_ input: PlanInput) -> Plan {
        var planning = Planning(input)
        let targets = input.stack.jobs.map { planning.target(of: $0) }
        return PlanWriter(input: input, nodes: planning.nodes, told: nil).plan(targets)
    }
}

/// What a job comes down to.
struct Target {
    /// What stands between a job and its build.
    enum Obstacle {
        case notSelected
        case unaffordable
        case held(Hold)
        case unresolved(ReasonCode, detail: String)
        case blocked(upstream: String, detail: String)
    }

    let job: JobID
    var source: Source?
    var node: Int?
    var obstacle: Obstacle?
    var red: [String] = []
    var fallback: [String: String] = [:]
}
