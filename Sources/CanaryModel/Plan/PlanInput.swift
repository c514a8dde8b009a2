// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// All that a plan depends on.
package struct PlanInput: Sendable {
    /// The manifests.
    package let stack: Stack
    /// What the names in them stand for now.
    package var snapshot: Snapshot
    /// What history knew when the run began.
    package let knowledge: Knowledge
    /// What this run has finished so far, by key.
    package var finished: [String: FinishedBuild]
    /// What was asked for.
    package let selection: Selection
    /// The time that holds are compared with.
    package let now: Date
    /// What earlier plans of the same run have told already; nil asks for the whole plan.
    package var told: Told?

    /// What need not be told again: plans are made after every build, and most of a plan is as it was.
    package struct Told: Sendable {
        /// Jobs whose decision is final.
        package var settled: Set<JobID> = []
        /// Jobs that were told while open; they are told again when that changes.
        package var open: Set<JobID> = []

        /// Nothing was told.
        package init() {}
    }

    /// Makes the input.
    package init(
        stack: Stack, snapshot: Snapshot, knowledge: Knowledge = Knowledge(),
        finished: [String: FinishedBuild] = [:], selection: Selection = Selection(), now: Date
    ) {
        self.stack = stack
        self.snapshot = snapshot
        self.knowledge = knowledge
        self.finished = finished
        self.selection = selection
        self.now = now
    }

    var projects: [Project] { stack.graph.projects }
}
