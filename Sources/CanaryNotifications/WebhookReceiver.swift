// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import CanaryText
import Foundation

/// Posts batches to an address.
struct WebhookReceiver: Receiver {
    let name: String
    let format: NotifyTarget.WebhookFormat
    let address: URL
    let client: HTTPClient

    var takesSingleNotices: Bool { false }

    func deliver(_ batch: NoticeBatch, at date: Date, remote: String?) async -> DeliveryAttempt.Result {
        do {
            let response = try await client.send(
                "POST", address, headers: ["Idempotency-Key": batch.key], body: body(batch))
            return response.isSuccess ? .delivered(remote: nil) : response.failure(at: date)
        } catch let failure as HTTPFailure {
            return .unavailable(failure.text)
        } catch {
            return .refused("the notice cannot be written as JSON")
        }
    }

    private func body(_ batch: NoticeBatch) throws -> Data {
        switch format {
        case .json: Data(try batch.document.json().utf8)
        case .slack: try JSONEncoder().encode(SlackMessage(text: SlackMessage.escaped(batch.text)))
        case .discord: try JSONEncoder().encode(DiscordMessage(content: batch.briefMarkdown))
        }
    }
}

/// What Slack's incoming webhooks accept: text without markup and without mentions.
private struct SlackMessage: Encodable {
    let text: String
    var mrkdwn = false
    var link_names = false
    var unfurl_links = false

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}

/// What Discord's webhooks accept: at most 2000 characters, without mentions.
private struct DiscordMessage: Encodable {
    struct Mentions: Encodable {
        let parse: [String] = []
    }

    let content: String
    var allowed_mentions = Mentions()
}
