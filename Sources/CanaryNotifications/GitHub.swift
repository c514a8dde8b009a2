// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText
import Foundation

/// One repository of GitHub, as far as notices need it.
struct GitHub: Sendable {
    /// An issue, as a list of them shows it.
    struct Issue: Decodable {
        struct PullRequest: Decodable {}

        let number: Int
        let body: String?
        let pull_request: PullRequest?
    }

    /// A comment on an issue.
    struct Comment: Decodable {
        let body: String?
    }

    /// An exchange that did not come to what was asked.
    struct Trouble: Error {
        let delivery: Delivery
    }

    /// What an issue is made of, or what of it changes.
    struct IssueFields: Encodable {
        var title: String?
        var body: String?
        var state: String?
        var state_reason: String?
    }

    private static let page = 100
    private static let pages = 20

    let base: URL
    /// `owner/name`.
    let repository: String
    let token: String
    let client: HTTPClient

    /// All of a list that changed since `date`, newest first, up to 2000 of it.
    func list<Item: Decodable>(
        _ path: String, query: String = "", since date: Date?, at now: Date
    ) async throws(Trouble) -> [Item] {
        var items: [Item] = []
        for page in 1...Self.pages {
            let since = date.map { "&since=\($0.rfc3339)" } ?? ""
            let answer = try await send(
                "GET", "\(path)?per_page=\(Self.page)&page=\(page)\(query)\(since)", body: nil, at: now)
            let found: [Item] = try read(answer)
            items += found
            if found.count < Self.page { break }
        }
        return items
    }

    /// Posts or patches `body` and gives what comes back.
    func change(_ method: String, _ path: String, _ body: some Encodable, at now: Date) async throws(Trouble)
        -> HTTPAnswer
    {
        let data: Data
        do { data = try JSONEncoder().encode(body) } catch {
            throw Trouble(delivery: .refused("the notice cannot be written as JSON"))
        }
        return try await send(method, path, body: data, at: now)
    }

    /// Reads an answer as JSON.
    func read<Value: Decodable>(_ answer: HTTPAnswer) throws(Trouble) -> Value {
        do { return try JSONDecoder().decode(Value.self, from: answer.body) } catch {
            throw Trouble(delivery: .busy("the answer is not what GitHub answers"))
        }
    }

    private func send(_ method: String, _ path: String, body: Data?, at now: Date) async throws(Trouble) -> HTTPAnswer {
        var text = base.absoluteString
        while text.hasSuffix("/") { text.removeLast() }
        guard let address = URL(string: "\(text)/repos/\(repository)\(path)") else {
            throw Trouble(delivery: .refused("`\(repository)` makes no address"))
        }
        let headers = [
            "Accept": "application/vnd.github+json", "Authorization": "Bearer \(token)",
            "X-GitHub-Api-Version": "2022-11-28",
        ]
        let answer: HTTPAnswer
        do { answer = try await client.send(method, address, headers: headers, body: body) } catch {
            throw Trouble(delivery: .busy(error.text))
        }
        guard !answer.isFine else { return answer }
        throw Trouble(delivery: rateLimit(answer, at: now) ?? answer.failure(at: now))
    }

    /// GitHub tells with 403 too that it was asked too often.
    private func rateLimit(_ answer: HTTPAnswer, at now: Date) -> Delivery? {
        guard answer.status == 403 || answer.status == 429 else { return nil }
        if let date = answer.retryAfter(from: now) {
            return .busy("HTTP \(answer.status): rate limit", notBefore: date)
        }
        guard answer.headers["x-ratelimit-remaining"] == "0" else { return nil }
        let reset = answer.headers["x-ratelimit-reset"].flatMap(Double.init).map(Date.init(timeIntervalSince1970:))
        return .busy("HTTP \(answer.status): rate limit", notBefore: reset)
    }
}
