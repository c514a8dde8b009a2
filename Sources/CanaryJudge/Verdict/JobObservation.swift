// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// The inputs of one job in one judged run.
package struct Inputs: Hashable, Codable, Sendable {
    /// When they were resolved: the start of the run.
    package let at: Date
    /// The hash of the source trees of the project and all its upstreams.
    package let inputsHash: String
    /// The project's own source tree; nil if only the hash is known.
    package let tree: String?
    /// The source tree of each upstream, by name; nil if not known.
    package let upstreams: [String: String]?
    /// The environment id; nil if not known.
    package let environment: String?

    private enum CodingKeys: String, CodingKey {
        case at
        case inputsHash = "head"
        case tree, upstreams, environment
    }

    /// Creates the inputs of a run.
    package init(
        at date: Date, inputsHash: String, tree: String? = nil, upstreams: [String: String]? = nil,
        environment: String? = nil
    ) {
        self.at = date
        self.inputsHash = inputsHash
        self.tree = tree
        self.upstreams = upstreams
        self.environment = environment
    }
}

/// What one judged run says about one job.
package struct JobObservation: Hashable, Sendable {
    /// The run; it counts once, however often it is observed.
    package let run: String
    /// The job.
    package let job: JobID
    /// What was built.
    package let inputs: Inputs
    /// What the attempts on these inputs, including reruns, say.
    package let evidence: Evidence
    /// What failures with the same cause have in common; nil if it passed or if not known.
    package let fingerprint: String?
    /// Whether the last known good of a red upstream was used instead of its head.
    package let onFallback: Bool
    /// The issue of the expected failure that occurred, or that a pass contradicts; nil if none was declared.
    package let expectedIssue: String?

    /// Creates an observation.
    package init(
        run: String, job: JobID, inputs: Inputs, evidence: Evidence, fingerprint: String? = nil,
        onFallback: Bool = false, expectedIssue: String? = nil
    ) {
        self.run = run
        self.job = job
        self.inputs = inputs
        self.evidence = evidence
        self.fingerprint = fingerprint
        self.onFallback = onFallback
        self.expectedIssue = expectedIssue
    }

    /// What it says about the job: an expected failure says nothing.
    var weight: Evidence { expectedIssue != nil && evidence == .fail ? .none : evidence }
}

extension Inputs {
    /// The inputs of `job` on these sources, in a run that began at `date`.
    package init(
        of job: JobID, _ source: Source, on upstreams: [String: Source], environment: String?, at date: Date
    ) {
        let trees = upstreams.mapValues(\.tree)
        var hasher = FieldHasher()
        for (project, tree) in [(job.project, source.tree)] + trees.sorted(by: { $0.key < $1.key }) {
            hasher.add(project)
            hasher.add(tree)
        }
        self.init(
            at: date, inputsHash: hasher.finish(), tree: source.tree, upstreams: trees, environment: environment)
    }
}

extension JobObservation {
    /// What a run that began at `date` says about `planned`; nil for a job without a source, or that has not finished.
    package init?(of planned: PlannedJob, in run: String, at date: Date, expectedIssue: String? = nil) {
        guard let source = planned.source, let finished = planned.finished else { return nil }
        let inputs = Inputs(
            of: planned.job, source, on: planned.upstreams, environment: planned.environment, at: date)
        self.init(
            run: run, job: planned.job, inputs: inputs, evidence: Evidence(of: finished),
            fingerprint: finished.outcome.fingerprint, onFallback: !planned.fallback.isEmpty,
            expectedIssue: expectedIssue)
    }
}

/// What the builds that the judge asked for say about a job.
package struct Answers: Hashable, Sendable {
    /// What the same inputs said when they were built again after a pass.
    package private(set) var confirmation: Evidence?
    /// What the last known good inputs said when they were built again from scratch, in order.
    package private(set) var controls: [Evidence] = []

    /// Creates answers of which there are none yet.
    package init() {}

    /// Adds what a build for `purpose` says; only confirm and control count.
    package mutating func add(_ evidence: Evidence, to purpose: AttemptPurpose) {
        switch purpose {
        case .confirm: confirmation = evidence
        case .control: controls.append(evidence)
        case .first, .rerun, .probe, .forced: break
        }
    }

    /// Whether the control passed; nil while not known, or if infrastructure failed.
    var controlPasses: Bool? {
        if controls.contains(.pass) { return true }
        return controls.count { $0 == .fail } >= 2 ? false : nil
    }

    /// A control that does not pass is retried once.
    var owesControl: Bool { !controls.contains(.pass) && controls.count < 2 }
}
