// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
import CanaryJudge
package import CanaryModel
import CanaryText

/// A badge in the endpoint schema of shields.io (https://shields.io/badges/endpoint-badge), which allows no other fields.
package struct BadgeDocument: Encodable, Sendable {
    let schemaVersion = 1
    let label: String
    let message: String
    let color: String
    let isError: Bool

    /// The badge of `job`.
    ///
    /// - Parameter isHeld: whether its project is on hold.
    package init(job: JobID, overview: JobOverview?, isHeld: Bool) {
        let verdict = overview?.verdict ?? .unknown
        label = job.description
        let culprit = overview?.episode?.culprit?.commit
        let cause = culprit.map { " by \($0.project) \($0.revision.shortRevision)" } ?? ""
        message = isHeld ? "held" : verdict.rawValue + cause
        color = isHeld ? "lightgrey" : Self.colour(of: verdict)
        isError = verdict == .broken && !isHeld
    }

    private static func colour(of verdict: Verdict) -> String {
        switch verdict {
        case .passing: "brightgreen"
        case .suspected: "yellow"
        case .broken: "red"
        case .unknown: "lightgrey"
        }
    }
}
