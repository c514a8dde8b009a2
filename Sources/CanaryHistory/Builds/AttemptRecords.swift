// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// An attempt as it begins.
package struct AttemptStart: Hashable, Sendable {
    /// Its id, `a...`; never used again.
    package let id: String
    /// Its purpose.
    package let purpose: AttemptPurpose
    /// When it begins.
    package let startedAt: Date
    /// The process that executes it.
    package let driver: StateHolder

    /// Makes the start of an attempt.
    package init(id: String, purpose: AttemptPurpose, startedAt: Date, driver: StateHolder) {
        self.id = id
        self.purpose = purpose
        self.startedAt = startedAt
        self.driver = driver
    }
}

/// How an attempt ended.
package struct AttemptFinish: Hashable, Sendable {
    /// When; a time before the attempt's start is taken as its start.
    package let finishedAt: Date
    /// What it ended with.
    package let outcome: Outcome
    /// What else people should read about it.
    package let detail: String?
    /// What it took of its upstreams, if that was looked at.
    package let consumption: Consumption?
    /// Its stages, in the order they ran.
    package let stages: [StageRun]
    /// The size of its log in bytes.
    package let logBytes: Int
    /// The tree it installed for good; recorded only if it passed.
    package let prefix: StoredPrefix?
    /// What the tree it installed offers; recorded only if the tree is stored.
    package let surface: InstalledSurface?
    /// The tests it reported; nil when it reported none.
    package let tests: TestReport?
    /// Whether it installed a different tree than the stored one of the same key.
    package let unreproducible: Bool

    /// Makes the end of an attempt.
    package init(
        finishedAt: Date, outcome: Outcome, detail: String? = nil, consumption: Consumption? = nil,
        stages: [StageRun] = [], logBytes: Int = 0, prefix: StoredPrefix? = nil, surface: InstalledSurface? = nil,
        tests: TestReport? = nil, unreproducible: Bool = false
    ) {
        self.finishedAt = finishedAt
        self.outcome = outcome
        self.detail = detail
        self.consumption = consumption
        self.stages = stages
        self.logBytes = logBytes
        self.prefix = prefix
        self.surface = surface
        self.tests = tests
        self.unreproducible = unreproducible
    }
}

/// Everything that history knows about one attempt.
package struct AttemptRecord: Hashable, Sendable {
    /// How it began.
    package let start: AttemptStart
    /// The run that executed it.
    package let run: String
    /// The build.
    package let key: String
    /// The build's project.
    package let project: String
    /// The build's variant.
    package let variant: String
    /// Its state.
    package let state: AttemptState
    /// When it ended; nil while it runs.
    package let finishedAt: Date?
    /// What it ended with; nil while it runs.
    package let outcome: Outcome?
    /// What else people should read about it.
    package let detail: String?
    /// What it took of its upstreams; nil when that was not looked at.
    package let consumption: Consumption?
    /// Its stages, in the order they ran.
    package let stages: [StageRun]
    /// The size of its log in bytes; nil while it runs or when it was interrupted.
    package let logBytes: Int?
    /// Whether it installed a different tree than the stored one of the same key.
    package let unreproducible: Bool

    /// Its id.
    package var id: String { start.id }

    /// How long it took; nil while it runs.
    package var seconds: Double? { finishedAt.map { $0.timeIntervalSince(start.startedAt) } }
}
