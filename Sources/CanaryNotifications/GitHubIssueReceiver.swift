// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import Foundation

/// Maintains one issue per episode: opened by its page, kept up to date, closed by its recovery.
///
/// Before an issue or a comment is created, it is looked up by an invisible marker, so that what was done before a crash
/// is not done again.
struct GitHubIssueReceiver: Receiver {
    private struct CommentFields: Encodable {
        let body: String
    }

    let name: String
    let gitHub: GitHub

    var takesSingleNotices: Bool { true }

    func deliver(_ batch: NoticeBatch, at date: Date, remote: String?) async -> DeliveryAttempt.Result {
        guard let notice = batch.single, let thread = notice.thread else {
            return .refused("an issue needs one notice of one episode")
        }
        do throws(GitHub.Failure) {
            let number: Int?
            if let known = remote.flatMap({ Int($0) }) {
                number = known
            } else {
                number = try await find(thread, of: notice, at: date)
            }
            return .delivered(remote: try await update(notice, thread, issue: number, at: date).map(String.init))
        } catch {
            return error.result
        }
    }

    /// Brings the issue up to date with `notice`, and returns its number; nil if there is no issue and none is needed.
    private func update(_ notice: Notice, _ thread: String, issue number: Int?, at now: Date) async throws(GitHub
        .Failure)
        -> Int?
    {
        guard let number else {
            // A recovery without an issue has nothing to close.
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

    private func open(_ notice: Notice, _ thread: String, at now: Date) async throws(GitHub.Failure) -> Int {
        let fields = GitHub.IssueFields(title: notice.headline, body: body(notice, thread))
        let response = try await gitHub.change("POST", "/issues", fields, at: now)
        let issue: GitHub.Issue = try gitHub.read(response)
        return issue.number
    }

    /// The issue of `thread`; the first of several, so that a copied marker has no effect.
    private func find(_ thread: String, of notice: Notice, at now: Date) async throws(GitHub.Failure) -> Int? {
        let issues: [GitHub.Issue] = try await gitHub.list(
            "/issues", query: "&state=all&sort=created&direction=desc", since: lookBack(from: notice), at: now)
        let marker = Self.marker(notice.stack, thread)
        return issues.filter { $0.pull_request == nil && $0.body?.hasPrefix(marker) == true }.map(\.number).min()
    }

    private func comment(_ notice: Notice, on path: String, at now: Date) async throws(GitHub.Failure) {
        let marker = Self.marker(notice.stack, notice.key)
        let comments: [GitHub.Comment] = try await gitHub.list(
            "\(path)/comments", since: lookBack(from: notice), at: now)
        guard !comments.contains(where: { $0.body?.hasPrefix(marker) == true }) else { return }
        _ = try await gitHub.change(
            "POST", "\(path)/comments", CommentFields(body: "\(marker)\n\(notice.markdown)"), at: now)
    }

    /// Nothing about it is older; one day earlier, because clocks differ.
    private func lookBack(from notice: Notice) -> Date {
        let start = min(notice.since ?? notice.at, notice.at).addingTimeInterval(-86400)
        return Date(timeIntervalSince1970: start.timeIntervalSince1970.rounded(.down))
    }

    private func body(_ notice: Notice, _ thread: String) -> String {
        "\(Self.marker(notice.stack, thread))\n\(notice.markdown)\n\n_Updated by canary: edits here are overwritten._"
    }

    private static func marker(_ stack: String, _ name: String) -> String { "<!-- canary:\(stack):\(name) -->" }
}
