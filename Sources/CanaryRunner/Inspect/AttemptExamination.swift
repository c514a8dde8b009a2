// SPDX-License-Identifier: Apache-2.0

import CanaryDiagnosis
package import CanaryFiles
import CanaryInspection
package import CanaryModel
import Foundation

/// What follows the stages of an attempt: its log is read, what it consumed is inspected, and what it installed is
/// hashed and described.
///
/// All of it reads files that strangers wrote. It stands under the attempt's deadline and ends when the task is
/// cancelled, and then nothing of it counts.
package struct AttemptExamination: Sendable {
    /// What an attempt came to.
    package struct Findings: Sendable {
        /// The outcome.
        package let outcome: Outcome
        /// What people should read beside the outcome's first error.
        package var detail: String?
        /// What was installed; nil unless all stages passed.
        package var tree: HashedTree?
        /// What that offers.
        package var surface: Surface?
        /// What was taken of the upstreams; nil unless all stages passed.
        package var consumption: Consumption?
        /// The tests that it reported; nil when it reported none.
        package var tests: TestReport?
    }

    private let order: WorkOrder
    private let state: StateFolder
    private let inspection: Inspection
    private let paths: AttemptPaths

    /// Examines what was made of `order` in `state`.
    ///
    /// - Parameter containers: the engine that carried it out; nil for processes.
    package init(
        of order: WorkOrder, in state: StateFolder, requirements: [ExpandedRecipe.Requirement],
        containers: ContainerEngine?
    ) {
        self.order = order
        self.state = state
        inspection = Inspection(of: order, in: state, requirements: requirements, containers: containers)
        paths = AttemptPaths(of: order, in: state)
    }

    /// Examines an attempt that ended with `end`, until `deadline`; an attempt at part of a project installs nothing
    /// that counts.
    ///
    /// Past the deadline the outcome is `limit.attempt`; a cancelled task makes it `cancelled`.
    package func findings(
        after end: AttemptEnd, isPartial: Bool, until deadline: ContinuousClock.Instant
    ) async -> Findings {
        guard end.cause.needsReading else { return Findings(outcome: diagnosis(of: end)) }
        let interrupted = await withTaskGroup(of: Step?.self) { group in
            group.addTask(executorPreference: FileReadingExecutor.shared) {
                await examine(end, isPartial: isPartial)
            }
            group.addTask {
                try? await Task.sleep(until: deadline, clock: .continuous)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            // Past the deadline the examination says where it was interrupted; what it found no longer counts.
            if let first { return first }
            let last = await group.next() ?? nil
            return last.flatMap { $0.outlastsDeadline ? $0 : nil } ?? .interrupted(.inspect, root)
        }
        switch interrupted {
        case .ended(let findings): return findings
        case .interrupted(let stage, let path):
            return Task.isCancelled
                ? Findings(outcome: Outcome(result: .cancelled, stage: stage)) : expired(in: stage, reading: path)
        }
    }

    /// How an examination ended.
    private enum Step: Sendable {
        case ended(Findings)
        /// In this stage, while this file was read.
        case interrupted(Stage, String)

        /// Whether it counts past the deadline: a failed build stays failed.
        var outlastsDeadline: Bool {
            switch self {
            case .ended(let findings): findings.outcome.result == .failed
            case .interrupted: true
            }
        }
    }

    private var root: String { state.prefix(of: order.project, key: order.prefixKey) }

    private func diagnosis(of end: AttemptEnd) -> Outcome {
        let log = LogExcerpt(ofLastStageIn: end, path: state.attempt(order.attempt).log, limit: order.limits.log)
        return Diagnosis.outcome(of: end, log: log, names: PathNames(paths))
    }

    private func examine(_ end: AttemptEnd, isPartial: Bool) async -> Step {
        let outcome = diagnosis(of: end)
        let stage = end.stages.last?.stage ?? .configure
        guard !Task.isCancelled else { return .interrupted(stage, state.attempt(order.attempt).log) }
        let report: Inspection.Report
        do { report = try await inspection.report(after: end) } catch {
            // A failed build stays failed, whatever cannot be read of what it left.
            return outcome.result == .passed ? ended(by: error, in: .inspect) : .ended(Findings(outcome: outcome))
        }
        guard !Task.isCancelled || outcome.result != .passed else { return .interrupted(.inspect, root) }
        var findings = Findings(outcome: report.outcome ?? outcome, detail: report.note)
        findings.consumption = report.consumption
        findings.readTests(in: state.attempt(order.attempt).build)
        guard findings.outcome.result == .passed, !isPartial else { return .ended(findings) }
        do {
            _ = try TreeListing.entries(below: root)
            if let unfit = try PrefixFitness(of: root).establish() {
                return .ended(failed(.installOther, in: .install, unfit))
            }
            let tree = try TreeHash.hash(of: root, replacing: paths.words)
            findings.tree = tree
            findings.surface = try SurfaceReader.surface(of: tree, in: root, replacing: paths.words)
        } catch { return ended(by: error, in: .install) }
        return .ended(findings)
    }

    private func ended(by error: any Error, in stage: Stage) -> Step {
        switch error {
        case let error as ReadingInterrupted: .interrupted(stage, error.path)
        case _ where Task.isCancelled: .interrupted(stage, root)
        case let error as InstalledTreeProblem: .ended(failed(.installOther, in: .install, error.description))
        case let error as RunnerFailure: .ended(failed(error.reason, in: stage, error.detail))
        case let error as FolderFailure where error.isOfBuild:
            .ended(failed(.installOther, in: .install, error.description))
        default:
            .ended(
                failed(
                    Disk.isFull(at: state.path, below: 1 << 20) ? .environmentDiskFull : .environmentEngine, in: stage,
                    "\(error)"))
        }
    }

    private func failed(_ reason: ReasonCode, in stage: Stage, _ text: String) -> Findings {
        let outcome = Diagnosis.outcome(of: reason, in: stage, saying: text, names: PathNames(paths))
        return Findings(outcome: outcome, detail: outcome.firstError?.text)
    }

    private func expired(in stage: Stage, reading path: String) -> Findings {
        let findings = failed(
            .limitAttempt, in: stage, "the limit of \(order.limits.attempt) ended while `\(seen(path))` was read")
        let hint = "hint: `limits: {attempt: ...}` counts until everything that was installed has been read"
        let detail = [findings.detail, hint].compactMap(\.self).joined(separator: "\n")
        return Findings(outcome: findings.outcome, detail: detail)
    }

    /// `path` as the stages saw it, which is what names shorten.
    private func seen(_ path: String) -> String {
        path.hasPrefix(root) ? paths.prefix + path.dropFirst(root.count) : path
    }
}

extension AttemptEnd.Cause {
    /// Whether what the attempt left decides its outcome; else how the stages ended does.
    fileprivate var needsReading: Bool {
        switch self {
        case .completed, .stageFailed: true
        case .limit, .cancelled, .infrastructure: false
        }
    }
}

extension FolderFailure {
    /// Whether it is how a build left its files, rather than something about this machine.
    fileprivate var isOfBuild: Bool { [EACCES, ENAMETOOLONG, ELOOP, ENOENT, ENOTDIR].contains(code) }
}
