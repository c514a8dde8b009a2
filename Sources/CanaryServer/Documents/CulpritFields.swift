// SPDX-License-Identifier: Apache-2.0

package import CanaryHistory
import CanaryModel
import CanaryText

/// The commit that a search found to have caused an episode, in documents.
struct CulpritFields: Encodable, Sendable {
    let project: String
    let revision: String
    let subject: Nullable<String>
    let confidence: Double
    let confirmed: Bool
    let search: String

    init(_ culprit: EpisodeCulprit) {
        project = culprit.commit.project
        revision = culprit.commit.revision
        subject = Nullable(culprit.commit.subject)
        confidence = culprit.confidence
        confirmed = culprit.isConfirmed
        search = culprit.search
    }
}

extension EpisodeCulprit {
    /// The commit and how sure it is: `imath 1a2b3c4d5e, 99.2 %, not confirmed yet`.
    package var sentence: String {
        "\(commit.project) \(commit.revision.shortRevision), \(confidence.percentText), "
            + (isConfirmed ? "confirmed" : "not confirmed yet")
    }
}
