// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import CanaryText

/// `canary.try/1`: the effect of unmerged changes on the jobs that depend on them.
package struct TryDocument: Document {
    /// The effect of the changes on one job.
    package struct Answer: Encodable, Sendable {
        let job: String
        let answer: String
        let detail: String
        let run: Nullable<String>
        let firstError: Nullable<OutcomeFields.Error>
        let revisions: [String: String]

        /// Creates an answer; `outcome` is the outcome of the job with the changes.
        package init(
            job: JobID, answer: String, detail: String, run: String?, outcome: Outcome?, revisions: [String: String]
        ) {
            self.job = job.description
            self.answer = answer
            self.detail = detail
            self.run = Nullable(run)
            firstError = Nullable(outcome?.firstError.map(OutcomeFields.Error.init))
            self.revisions = revisions
        }
    }

    package let schema = "canary.try/1"
    let changes: [String: String]
    let bases: [String: String]
    let answers: [Answer]

    /// The document of `answers` about `changes`, commits by project, with their merge bases in `bases`.
    package init(changes: [String: String], bases: [String: String], answers: [Answer]) {
        self.changes = changes
        self.bases = bases
        self.answers = answers
    }
}
