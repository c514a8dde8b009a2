// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import Foundation

/// An address that letters are posted to.
struct WebhookReceiver: Receiver {
    let name: String
    let format: NotifyTarget.WebhookFormat
    let address: URL
    let client: HTTPClient

    var wantsSingles: Bool { false }

    func take(_ dispatch: Dispatch) async -> Delivery {
        do {
            let answer = try await client.send(
                "POST", address, headers: ["Idempotency-Key": dispatch.letter.key], body: body(dispatch.letter))
            return answer.isFine ? .taken(remote: nil) : answer.failure(at: dispatch.at)
        } catch let trouble as HTTPTrouble {
            return .busy(trouble.text)
        } catch {
            return .refused("the notice cannot be written as JSON")
        }
    }

    private func body(_ letter: Letter) throws -> Data {
        switch format {
        case .json: Data(try LetterDocument.json(letter).utf8)
        case .slack: try JSONEncoder().encode(SlackMessage(text: SlackMessage.escaped(letter.text)))
        case .discord: try JSONEncoder().encode(DiscordMessage(content: letter.briefMarkdown))
        }
    }
}

/// What Slack's incoming webhooks take: text in which nothing is marked up and nobody is called.
private struct SlackMessage: Encodable {
    let text: String
    var mrkdwn = false
    var link_names = false
    var unfurl_links = false

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}

/// What Discord's webhooks take: at most 2000 characters, nobody called.
private struct DiscordMessage: Encodable {
    struct Mentions: Encodable {
        let parse: [String] = []
    }

    let content: String
    var allowed_mentions = Mentions()
}
