// SPDX-License-Identifier: Apache-2.0

package import CanaryModel

/// Turns the end of an attempt and its log into an outcome; pure.
package enum Diagnosis {
    /// The maximum number of characters of a first error.
    static let textLimit = 500

    /// The outcome for `end` and the log of its last stage; `names` shortens paths.
    package static func outcome(of end: AttemptEnd, log: LogExcerpt, names: PathNames) -> Outcome {
        switch end.cause {
        case .completed:
            return .passed
        case .cancelled(let stage):
            return Outcome(result: .cancelled, stage: stage)
        case .stageFailed(let stage, let status):
            let finder = FirstErrorFinder(
                stage: stage, status: status, names: names, denied: end.machine?.denied ?? [])
            return failed(stage, finder.find(in: log), names: names)
        case .limit(let reason, let stage):
            // The last line is random: it shows how far the attempt got, not what is wrong.
            let last = Finding(reason, FirstErrorFinder.lastLine(of: log), cause: reason.rawValue)
            return failed(stage, last, names: names)
        case .infrastructure(let reason, let stage, let detail):
            return failed(stage, Finding(reason, detail), names: names)
        }
    }

    /// The outcome for a finding of the inspection after `stage`; `text` contains paths of this attempt.
    package static func outcome(
        of reason: ReasonCode, in stage: Stage, saying text: String, names: PathNames
    ) -> Outcome {
        failed(stage, Finding(reason, text), names: names)
    }

    private static func failed(_ stage: Stage, _ finding: Finding, names: PathNames) -> Outcome {
        let error = firstError(finding, names: names)
        return .ended(
            in: stage, reason: finding.reason, firstError: error,
            fingerprint: Fingerprint.of(stage, finding.reason, error, cause: finding.cause.map(names.shortened)))
    }

    private static func firstError(_ finding: Finding, names: PathNames) -> FirstError? {
        guard !finding.text.isEmpty else { return nil }
        let location = finding.locations.first { names.isOurs($0.file) } ?? finding.locations.first
        return FirstError(
            text: String(names.shortened(finding.text).prefix(textLimit)),
            file: location.map { names.shortened($0.file) }, line: location?.line)
    }
}
