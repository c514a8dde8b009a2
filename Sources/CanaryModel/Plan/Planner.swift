// SPDX-License-Identifier: Apache-2.0

/// Decides what a run does; pure.
///
/// It is called again after every finished build. Reuse, early cut-off, fallback and blocking are this function with
/// more input.
package enum Planner {
    /// Decides every job of the stack and lists the builds that are still to be made.
    package static func plan(_ input: PlanInput) -> Plan {
        var planning = Planning(input)
        let targets = input.stack.jobs.map { planning.target(of: $0) }
        return PlanWriter(input: input, nodes: planning.nodes, reported: nil).plan(targets)
    }
}

/// What a job resolves to: its build, or the reason why there is none.
struct Target {
    /// Why a job has no build.
    enum NoBuildReason {
        case notSelected
        case unaffordable
        case held(Hold)
        case unresolved(ReasonCode, detail: String)
        case blocked(upstream: String, detail: String)
    }

    let job: JobID
    var source: Source?
    var node: Int?
    var noBuildReason: NoBuildReason?
    var red: [String] = []
    var fallback: [String: String] = [:]
}
