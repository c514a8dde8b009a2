// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import CanaryText
import Foundation

/// Sets the status of a confirmed culprit to failed, one per stack: a later status replaces an earlier one.
struct GitHubStatusReceiver: Receiver {
    private struct StatusFields: Encodable {
        let state = "failure"
        let context: String
        let description: String
        let target_url: String?
    }

    private static let descriptionLimit = 140

    let name: String
    let gitHub: GitHub

    var takesSingleNotices: Bool { true }

    func deliver(_ batch: NoticeBatch, at date: Date, remote: String?) async -> DeliveryAttempt.Result {
        guard let notice = batch.single, let culprit = notice.culprit, culprit.isConfirmed else {
            return .refused("a status needs one confirmed commit")
        }
        let jobs = notice.jobs.map(\.description).joined(separator: ", ")
        let fields = StatusFields(
            context: "canary/\(notice.stack)",
            description: SanitizedText.line("breaks \(jobs)", limit: Self.descriptionLimit), target_url: notice.page)
        do throws(GitHub.Failure) {
            _ = try await gitHub.change("POST", "/statuses/\(culprit.commit.revision)", fields, at: date)
            return .delivered(remote: nil)
        } catch {
            return error.result
        }
    }
}
