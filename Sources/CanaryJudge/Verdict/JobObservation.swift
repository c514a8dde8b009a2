// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
package import Foundation

/// What one judged run was of one job.
package struct Inputs: Hashable, Codable, Sendable {
    /// When they were looked up: the start of the run.
    package let at: Date
    /// What the vector of source trees of the project and all its upstreams is known by.
    package let head: String
    /// The project's own source tree; nil where only the head is known.
    package let tree: String?
    /// The source of each upstream, by name; nil where it is not known.
    package let upstreams: [String: String]?
    /// The environment id; nil where it is not known.
    package let environment: String?

    /// Names the inputs of a run.
    package init(
        at date: Date, head: String, tree: String? = nil, upstreams: [String: String]? = nil,
        environment: String? = nil
    ) {
        self.at = date
        self.head = head
        self.tree = tree
        self.upstreams = upstreams
        self.environment = environment
    }
}

/// What one judged run saw of one job.
package struct JobObservation: Hashable, Sendable {
    /// The run; the same run is counted once, however often it is delivered.
    package let run: String
    /// The job.
    package let job: JobID
    /// What was built.
    package let inputs: Inputs
    /// What the attempts on these inputs said, reruns included.
    package let evidence: Evidence
    /// What failures of one cause share; nil when it passed or is not known.
    package let fingerprint: String?
    /// Whether a red upstream's last known good stood in for it.
    package let onFallback: Bool
    /// The issue of the expected failure that was met, or that a pass contradicts; nil when none was declared.
    package let expectedIssue: String?

    /// Makes a sighting.
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

    /// What it says about the job: a failure as expected says nothing.
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
            at: date, head: hasher.finish(), tree: source.tree, upstreams: trees, environment: environment)
    }
}

extension JobObservation {
    /// What a run that began at `date` says of `planned`; nil for a job without source or end.
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

/// What builds beyond the run's own said about a job.
package struct Answers: Hashable, Sendable {
    /// What the same inputs said when built once more after a pass.
    package private(set) var confirmation: Evidence?
    /// What the last-known-good inputs said when rebuilt clean, in order.
    package private(set) var controls: [Evidence] = []

    /// Starts without any.
    package init() {}

    /// Adds what a build made for `purpose`, confirm or control, said.
    package mutating func add(_ evidence: Evidence, to purpose: AttemptPurpose) {
        switch purpose {
        case .confirm: confirmation = evidence
        case .control: controls.append(evidence)
        case .first, .rerun, .probe, .forced: break
        }
    }

    /// Whether the control passed or failed; nil while that is open, or when infrastructure spoiled it.
    var controlPasses: Bool? {
        if controls.contains(.pass) { return true }
        return controls.count { $0 == .fail } >= 2 ? false : nil
    }

    /// A control that does not pass is retried once.
    var owesControl: Bool { !controls.contains(.pass) && controls.count < 2 }
}
