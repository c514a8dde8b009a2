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

    /// A request that did not do what was asked.
    struct Failure: Error {
        let result: DeliveryAttempt.Result
    }

    /// The fields of an issue that are set or changed.
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

    /// The items of a list that changed since `date`, newest first; at most 2000.
    func list<Item: Decodable>(
        _ path: String, query: String = "", since date: Date?, at now: Date
    ) async throws(Failure) -> [Item] {
        var items: [Item] = []
        for page in 1...Self.pages {
            let since = date.map { "&since=\($0.rfc3339)" } ?? ""
            let response = try await send(
                "GET", "\(path)?per_page=\(Self.page)&page=\(page)\(query)\(since)", body: nil, at: now)
            let found: [Item] = try read(response)
            items += found
            if found.count < Self.page { break }
        }
        return items
    }

    /// Posts or patches `body` and returns the response.
    func change(_ method: String, _ path: String, _ body: some Encodable, at now: Date) async throws(Failure)
        -> HTTPResponse
    {
        let data: Data
        do { data = try JSONEncoder().encode(body) } catch {
            throw Failure(result: .refused("the notice cannot be written as JSON"))
        }
        return try await send(method, path, body: data, at: now)
    }

    /// Reads a response as JSON.
    func read<Value: Decodable>(_ response: HTTPResponse) throws(Failure) -> Value {
        do { return try JSONDecoder().decode(Value.self, from: response.body) } catch {
            throw Failure(result: .unavailable("the response is not a response of GitHub"))
        }
    }

    private func send(_ method: String, _ path: String, body: Data?, at now: Date) async throws(Failure) -> HTTPResponse
    {
        var text = base.absoluteString
        while text.hasSuffix("/") { text.removeLast() }
        guard let address = URL(string: "\(text)/repos/\(repository)\(path)") else {
            throw Failure(result: .refused("`\(repository)` does not form an address"))
        }
        let headers = [
            "Accept": "application/vnd.github+json", "Authorization": "Bearer \(token)",
            "X-GitHub-Api-Version": "2022-11-28",
        ]
        let response: HTTPResponse
        do { response = try await client.send(method, address, headers: headers, body: body) } catch {
            throw Failure(result: .unavailable(error.text))
        }
        guard !response.isSuccess else { return response }
        throw Failure(result: rateLimit(response, at: now) ?? response.failure(at: now))
    }

    /// GitHub also answers 403 if there were too many requests.
    private func rateLimit(_ response: HTTPResponse, at now: Date) -> DeliveryAttempt.Result? {
        guard response.status == 403 || response.status == 429 else { return nil }
        if let date = response.retryAfter(from: now) {
            return .unavailable("HTTP \(response.status): rate limit", notBefore: date)
        }
        guard response.headers["x-ratelimit-remaining"] == "0" else { return nil }
        let reset = response.headers["x-ratelimit-reset"].flatMap(Double.init).map(Date.init(timeIntervalSince1970:))
        return .unavailable("HTTP \(response.status): rate limit", notBefore: reset)
    }
}
