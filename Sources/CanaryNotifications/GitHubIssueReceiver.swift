// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import Foundation

/// Keeps one issue an episode: opened by its page, kept up to date, closed when it recovered.
///
/// The issue is found by a marker that nobody sees before one is made, and so is each comment: what was done before a
/// crash is not done again.
struct GitHubIssueReceiver: Receiver {
    private struct CommentFields: Encodable {
        let body: String
    }

    let name: String
    let gitHub: GitHub

    var wantsSingles: Bool { true }

    func take(_ dispatch: Dispatch) async -> Delivery {
        guard let notice = dispatch.letter.single, let thread = notice.thread else {
            return .refused("an issue needs one notice of one episode")
        }
        do throws(GitHub.Trouble) {
            let number: Int?
            if let known = dispatch.remote.flatMap({ Int($0) }) {
                number = known
            } else {
                number = try await find(thread, of: notice, at: dispatch.at)
            }
            return .taken(remote: try await tell(notice, thread, issue: number, at: dispatch.at).map(String.init))
        } catch {
            return error.delivery
        }
    }

    /// Brings the issue to what `notice` says, and gives its number.
    private func tell(_ notice: Notice, _ thread: String, issue number: Int?, at now: Date) async throws(GitHub.Trouble)
        -> Int?
    {
        guard let number else {
            // What was never told of needs no end.
            return notice.kind == .recovered ? nil : try await open(notice, thread, at: now)
        }
        let path = "/issues/\(number)"
        switch notice.kind {
        case .page, .updated:
            let fields = GitHub.IssueFields(title: notice.headline, body: body(notice, thread))
            _ = try await gitHub.change("PATCH", path, fields, at: now)
            if notice.kind == .updated { try await comment(notice, on: path, at: now) }
        case .recovered:
            try await comment(notice, on: path, at: now)
            let fields = GitHub.IssueFields(state: "closed", state_reason: "completed")
            _ = try await gitHub.change("PATCH", path, fields, at: now)
        default:
            try await comment(notice, on: path, at: now)
        }
        return number
    }

    private func open(_ notice: Notice, _ thread: String, at now: Date) async throws(GitHub.Trouble) -> Int {
        let fields = GitHub.IssueFields(title: notice.headline, body: body(notice, thread))
        let answer = try await gitHub.change("POST", "/issues", fields, at: now)
        let issue: GitHub.Issue = try gitHub.read(answer)
        return issue.number
    }

    /// The issue of `thread`; of several the first, so that nobody who copies a marker is followed.
    private func find(_ thread: String, of notice: Notice, at now: Date) async throws(GitHub.Trouble) -> Int? {
        let issues: [GitHub.Issue] = try await gitHub.list(
            "/issues", query: "&state=all&sort=created&direction=desc", since: lookBack(from: notice), at: now)
        let marker = Self.marker(notice.stack, thread)
        return issues.filter { $0.pull_request == nil && $0.body?.hasPrefix(marker) == true }.map(\.number).min()
    }

    private func comment(_ notice: Notice, on path: String, at now: Date) async throws(GitHub.Trouble) {
        let marker = Self.marker(notice.stack, notice.key)
        let comments: [GitHub.Comment] = try await gitHub.list(
            "\(path)/comments", since: lookBack(from: notice), at: now)
        guard !comments.contains(where: { $0.body?.hasPrefix(marker) == true }) else { return }
        _ = try await gitHub.change(
            "POST", "\(path)/comments", CommentFields(body: "\(marker)\n\(notice.markdown)"), at: now)
    }

    /// Nothing about it is older; a day more, for clocks differ.
    private func lookBack(from notice: Notice) -> Date {
        let start = min(notice.since ?? notice.at, notice.at).addingTimeInterval(-86400)
        return Date(timeIntervalSince1970: start.timeIntervalSince1970.rounded(.down))
    }

    private func body(_ notice: Notice, _ thread: String) -> String {
        "\(Self.marker(notice.stack, thread))\n\(notice.markdown)\n\n_Kept up to date by canary: what is edited here is lost._"
    }

    private static func marker(_ stack: String, _ name: String) -> String { "<!-- canary:\(stack):\(name) -->" }
}
