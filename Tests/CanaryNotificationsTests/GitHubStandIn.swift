// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// As much of GitHub as the canary may use; whatever else it asks for or sends is refused and remembered.
final class GitHubStandIn: Sendable {
    struct Issue: Sendable {
        var number: Int
        var title: String
        var body: String
        var state = "open"
        var comments: [String] = []
        var isPullRequest = false
    }

    private struct State {
        var issues: [Issue] = []
        var statuses: [String: [String: String]] = [:]
        var violations: [String] = []
        var limitsLeft = 0
    }

    private let state = Mutex(State())
    static let token = "t0ken"

    var issues: [Issue] { state.withLock { $0.issues } }
    /// The newest status of each commit, by its SHA.
    var statuses: [String: [String: String]] { state.withLock { $0.statuses } }
    /// What was asked that GitHub does not know.
    var violations: [String] { state.withLock { $0.violations } }

    /// How many issues begin with `marker`.
    func count(_ marker: String) -> Int { issues.count { $0.body.hasPrefix(marker) } }

    /// Puts an issue there that the canary did not make.
    func add(_ body: String, isPullRequest: Bool = false) {
        state.withLock { state in
            state.issues.append(
                Issue(number: state.issues.count + 1, title: "x", body: body, isPullRequest: isPullRequest))
        }
    }

    /// The next `count` requests are told that they are too many.
    func limit(_ count: Int) { state.withLock { $0.limitsLeft = count } }

    func answer(_ request: ReceivedRequest) -> Answer {
        state.withLock { state in
            if state.limitsLeft > 0 {
                state.limitsLeft -= 1
                let reset = Int(minute(42).timeIntervalSince1970)
                return .status(403, headers: ["x-ratelimit-remaining": "0", "x-ratelimit-reset": "\(reset)"])
            }
            guard request.headers["authorization"] == "Bearer \(Self.token)" else { return .status(401) }
            let isPlain =
                request.headers["accept"] == "application/vnd.github+json" && request.headers["user-agent"] != nil
            guard isPlain, request.path.hasPrefix("/repos/aswf/canary/") else { return refuse(request, 404, &state) }
            let path = request.path.dropFirst("/repos/aswf/canary/".count).split(separator: "/").map(String.init)
            switch (request.method, path.first, path.count) {
            case ("GET", "issues", 1): return list(request, &state)
            case ("POST", "issues", 1): return create(request, &state)
            case ("PATCH", "issues", 2): return change(request, Int(path[1]), &state)
            case ("GET", "issues", 3) where path[2] == "comments": return comments(request, Int(path[1]), &state)
            case ("POST", "issues", 3) where path[2] == "comments": return comment(request, Int(path[1]), &state)
            case ("POST", "statuses", 2): return status(request, path[1], &state)
            default: return refuse(request, 404, &state)
            }
        }
    }

    private func refuse(_ request: ReceivedRequest, _ code: Int, _ state: inout State) -> Answer {
        state.violations.append("\(code) \(request.method) \(request.path) \(request.query) \(request.text)")
        return .status(code, body: #"{"message": "refused"}"#)
    }

    /// The texts of the body, when it has these fields and no others.
    private func fields(_ request: ReceivedRequest, of known: Set<String>, needing needed: Set<String>) -> [String:
        String]?
    {
        guard let fields = request.json as? [String: String], Set(fields.keys).isSubset(of: known),
            needed.isSubset(of: fields.keys), request.headers["content-type"] == "application/json"
        else { return nil }
        return fields
    }

    private func page(_ items: [[String: Any]], _ request: ReceivedRequest) -> Answer {
        let size = Int(request.query["per_page"] ?? "") ?? 30
        let first = ((Int(request.query["page"] ?? "") ?? 1) - 1) * size
        let shown = Array(items.dropFirst(first).prefix(size))
        let data = (try? JSONSerialization.data(withJSONObject: shown)) ?? Data()
        return .status(200, body: String(decoding: data, as: UTF8.self))
    }

    private func isTime(_ text: String?) -> Bool {
        text.map { $0.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil } ?? true
    }

    private func object(_ issue: Issue) -> [String: Any] {
        var object: [String: Any] = ["number": issue.number, "body": issue.body, "state": issue.state]
        if issue.isPullRequest { object["pull_request"] = ["url": "x"] }
        return object
    }

    private func list(_ request: ReceivedRequest, _ state: inout State) -> Answer {
        let known: Set = ["state", "per_page", "page", "since", "sort", "direction"]
        guard Set(request.query.keys).isSubset(of: known), request.query["state"] == "all",
            isTime(request.query["since"])
        else { return refuse(request, 422, &state) }
        return page(state.issues.reversed().map(object), request)
    }

    private func create(_ request: ReceivedRequest, _ state: inout State) -> Answer {
        guard let fields = fields(request, of: ["title", "body"], needing: ["title", "body"]), fields["title"] != "",
            (fields["title"] ?? "").count <= 256, (fields["body"] ?? "").count <= 65536
        else { return refuse(request, 422, &state) }
        state.issues.append(
            Issue(number: state.issues.count + 1, title: fields["title"] ?? "", body: fields["body"] ?? ""))
        return .status(201, body: #"{"number": \#(state.issues.count)}"#)
    }

    private func change(_ request: ReceivedRequest, _ number: Int?, _ state: inout State) -> Answer {
        guard let index = state.issues.firstIndex(where: { $0.number == number }),
            let fields = fields(request, of: ["title", "body", "state", "state_reason"], needing: [])
        else { return refuse(request, 422, &state) }
        state.issues[index].title = fields["title"] ?? state.issues[index].title
        state.issues[index].body = fields["body"] ?? state.issues[index].body
        state.issues[index].state = fields["state"] ?? state.issues[index].state
        return .status(200, body: #"{"number": \#(number ?? 0)}"#)
    }

    private func comments(_ request: ReceivedRequest, _ number: Int?, _ state: inout State) -> Answer {
        guard let issue = state.issues.first(where: { $0.number == number }),
            Set(request.query.keys).isSubset(of: ["per_page", "page", "since"]), isTime(request.query["since"])
        else { return refuse(request, 404, &state) }
        return page(issue.comments.map { ["body": $0] }, request)
    }

    private func comment(_ request: ReceivedRequest, _ number: Int?, _ state: inout State) -> Answer {
        guard let index = state.issues.firstIndex(where: { $0.number == number }),
            let fields = fields(request, of: ["body"], needing: ["body"])
        else { return refuse(request, 422, &state) }
        state.issues[index].comments.append(fields["body"] ?? "")
        return .status(201, body: #"{"id": 1}"#)
    }

    private func status(_ request: ReceivedRequest, _ revision: String, _ state: inout State) -> Answer {
        guard
            let fields = fields(
                request, of: ["state", "target_url", "description", "context"], needing: ["state", "context"]),
            ["error", "failure", "pending", "success"].contains(fields["state"]), revision.count == 40,
            (fields["description"] ?? "").count <= 140
        else { return refuse(request, 422, &state) }
        state.statuses[revision] = fields
        return .status(201, body: #"{"id": 1}"#)
    }
}
