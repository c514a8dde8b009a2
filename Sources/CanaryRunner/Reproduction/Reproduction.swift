// SPDX-License-Identifier: Apache-2.0

package import CanaryModel

/// Everything that reproduces an attempt on another machine: its build and its upstream builds, each with its source.
package struct Reproduction: Hashable, Sendable {
    /// One project, and how it is built.
    package struct Build: Hashable, Sendable {
        /// The order, without paths and parallel jobs, which the script chooses; its stages are those to run.
        package let order: WorkOrder
        /// The repository: a URL, an absolute path or `file://`.
        package let address: String
        /// The folder of the repository that is the source; nil means all of it.
        package let folder: String?
        /// Whether submodules are checked out.
        package let submodules: Bool
        /// Whether a last known good stood in for a red upstream.
        package let isStandIn: Bool

        /// Describes a build.
        package init(
            order: WorkOrder, address: String, folder: String? = nil, submodules: Bool = false, isStandIn: Bool = false
        ) {
            self.order = order
            self.address = address
            self.folder = folder
            self.submodules = submodules
            self.isStandIn = isStandIn
        }
    }

    /// The attempt's id.
    package let attempt: String
    /// The outcome of the attempt; nil if it has none.
    package let outcome: Outcome?
    /// The upstream builds, in build order.
    package let upstreams: [Build]
    /// The attempt's own build, up to the stage it ended in.
    package let build: Build
    /// What a reader must know before believing the result: one line each.
    package let warnings: [String]

    /// Makes a reproduction.
    package init(attempt: String, outcome: Outcome?, upstreams: [Build], build: Build, warnings: [String] = []) {
        self.attempt = attempt
        self.outcome = outcome
        self.upstreams = upstreams
        self.build = build
        self.warnings = warnings
    }

    /// The stage that did not pass and is run again; nil when all pass, or when it is none of the recipe's.
    package var failing: Stage? {
        guard let stage = outcome?.stage, build.order.recipe.stages.contains(where: { $0.stage == stage }) else {
            return nil
        }
        return stage
    }
}
