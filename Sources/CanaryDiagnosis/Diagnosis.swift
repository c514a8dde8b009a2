// SPDX-License-Identifier: Apache-2.0

package import CanaryModel

/// Makes an outcome of how an attempt ended and of what it printed: pure.
package enum Diagnosis {
    /// The most characters of a first error.
    static let textLimit = 500

    /// What `end` means, given what its last stage printed; `names` shortens the paths in it.
    package static func outcome(of end: AttemptEnd, log: LogExcerpt, names: PathNames) -> Outcome {
        switch end.cause {
        case .completed:
            return .passed
        case .cancelled(let stage):
            return Outcome(result: .cancelled, stage: stage)
        case .stageFailed(let stage, let status):
            let finder = FirstErrorFinder(stage: stage, status: status, names: names)
            return failed(stage, finder.find(in: log), names: names)
        case .limit(let reason, let stage):
            // What was printed last is chance: it says where it stood, not what is wrong.
            let last = Finding(reason, FirstErrorFinder.lastLine(of: log), cause: reason.rawValue)
            return failed(stage, last, names: names)
        case .infrastructure(let reason, let stage, let detail):
            return failed(stage, Finding(reason, detail), names: names)
        }
    }

    /// What an inspection found after `stage`, as an outcome; `text` says it with the paths of this attempt.
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
        let place = finding.places.first { names.isOurs($0.file) } ?? finding.places.first
        return FirstError(
            text: String(names.shortened(finding.text).prefix(textLimit)),
            file: place.map { names.shortened($0.file) }, line: place?.line)
    }
}
