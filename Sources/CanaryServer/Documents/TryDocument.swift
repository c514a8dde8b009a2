// SPDX-License-Identifier: Apache-2.0

package import CanaryModel
import CanaryText

/// `canary.try/1`: what unmerged changes do to the jobs that see them.
package struct TryDocument: Document {
    /// What a change does to one job.
    package struct Answer: Encodable, Sendable {
        let job: String
        let answer: String
        let detail: String
        let run: Nullable<String>
        let firstError: Nullable<OutcomeFields.Error>
        let revisions: [String: String]

        /// Makes an answer; `outcome` is what the job ended with, with the change.
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

    /// The document of `answers` about `changes`, commits by project, which left their branches at `bases`.
    package init(changes: [String: String], bases: [String: String], answers: [Answer]) {
        self.changes = changes
        self.bases = bases
        self.answers = answers
    }
}
