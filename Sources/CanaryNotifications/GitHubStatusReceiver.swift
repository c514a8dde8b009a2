// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import CanaryText
import Foundation

/// Marks a confirmed culprit's commit as failed, once for a stack: a later status takes the place of an earlier one.
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

    var wantsSingles: Bool { true }

    func take(_ dispatch: Dispatch) async -> Delivery {
        guard let notice = dispatch.letter.single, let culprit = notice.culprit, culprit.isConfirmed else {
            return .refused("a status needs one confirmed commit")
        }
        let jobs = notice.jobs.map(\.description).joined(separator: ", ")
        let fields = StatusFields(
            context: "canary/\(notice.stack)",
            description: SanitizedText.line("breaks \(jobs)", limit: Self.descriptionLimit), target_url: notice.page)
        do throws(GitHub.Trouble) {
            _ = try await gitHub.change("POST", "/statuses/\(culprit.commit.revision)", fields, at: dispatch.at)
            return .taken(remote: nil)
        } catch {
            return error.delivery
        }
    }
}
