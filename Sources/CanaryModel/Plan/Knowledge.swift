// SPDX-License-Identifier: Apache-2.0

package import Foundation

/// What a plan needs to know from history.
package struct Knowledge: Sendable {
    /// The hash of the installed tree of each prefix that can be built upon, by build key.
    package var prefixes: [String: String]
    /// The last build of each job.
    package var lastBuilds: [JobID: JobBuild]
    /// The newest judged build of each job that passed, was not flaky and used no fallback.
    package var lastKnownGood: [JobID: JobBuild]
    /// Median seconds of past passes, by `project@variant`.
    package var durations: [String: Double]
    /// The jobs whose verdict is broken.
    package var broken: Set<JobID> = []

    /// Makes knowledge; by default nothing is known.
    package init(
        prefixes: [String: String] = [:], lastBuilds: [JobID: JobBuild] = [:],
        lastKnownGood: [JobID: JobBuild] = [:], durations: [String: Double] = [:]
    ) {
        self.prefixes = prefixes
        self.lastBuilds = lastBuilds
        self.lastKnownGood = lastKnownGood
        self.durations = durations
    }
}

extension Knowledge {
    /// A broken job with the same inputs is built once a day.
    private static let brokenPause: TimeInterval = 24 * 3600

    /// The keys that failed within the last day and that only broken jobs use.
    func stillBroken(at date: Date) -> Set<String> {
        guard !broken.isEmpty else { return [] }
        let failed = lastBuilds.filter { job, build in
            broken.contains(job) && build.result.isFailure && abs(date.timeIntervalSince(build.at)) < Self.brokenPause
        }
        let others = lastBuilds.filter { !broken.contains($0.key) }.map(\.value.key)
        return Set(failed.map(\.value.key)).subtracting(others)
    }
}

/// A build as a job of an earlier run used it: everything that its key depends on, and its result.
package struct JobBuild: Hashable, Sendable {
    /// The run.
    package let run: String
    /// When that run's snapshot was taken.
    package let at: Date
    /// The build's key.
    package let key: String
    /// The project's own source.
    package let source: Source
    /// The sources of all upstreams that were used, transitive ones too.
    package let upstreams: [String: Source]
    /// The digest of the expanded recipe.
    package let recipe: String
    /// The environment id.
    package let environment: String
    /// The result.
    package let result: Result

    /// Makes the record.
    package init(
        run: String, at: Date, key: String, source: Source, upstreams: [String: Source], recipe: String,
        environment: String, result: Result
    ) {
        self.run = run
        self.at = at
        self.key = key
        self.source = source
        self.upstreams = upstreams
        self.recipe = recipe
        self.environment = environment
        self.result = result
    }
}

/// A build that this run has finished.
package struct FinishedBuild: Hashable, Sendable {
    /// The outcome, after reruns.
    package let outcome: Outcome
    /// Whether it failed and passed on the same inputs.
    package let flaky: Bool
    /// The hash of the installed tree; nil unless a whole build passed.
    package let tree: String?

    /// Makes the record.
    package init(outcome: Outcome, flaky: Bool = false, tree: String? = nil) {
        self.outcome = outcome
        self.flaky = flaky
        self.tree = tree
    }
}
