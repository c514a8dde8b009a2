// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryNotifications
import Foundation
import Synchronization
import Testing

@Suite("GitHub", .timeLimit(.minutes(1)))
struct GitHubTests {
    private let gitHub = GitHubStandIn()
    private static let marker = "<!-- canary:aswf:e1-n1 -->"

    private func box(_ targets: [NotifyTarget] = [.issues], history: History? = nil) throws -> Outbox {
        let gitHub = gitHub
        let server = try LocalServer { request, _ in gitHub.answer(request) }
        return try Outbox(targets, server: server, history: history)
    }

    @Test func `has one issue per episode: opened, brought up to date, closed`() async throws {
        let box = try box()
        try await box.put([try notice()])
        try await box.deliver()
        #expect(gitHub.issues.map(\.title) == ["openimageio broke openusd@vfx2026/head"])
        #expect(gitHub.issues.map(\.state) == ["open"])

        let found = NoticeEvent(
            kind: .updated, job: job("openusd"), upstream: "openimageio",
            culprit: Commit(project: "openimageio", revision: badImageio), number: 1, since: minute(-1440))
        var context = NoticeContext(run: "r2", at: minute(60))
        context.facts = [job("openusd"): facts()]
        (context.thread, context.culprit) = (try await box.history.reader.notices.thread(ofNotice: 1), culprit)
        try await box.put([Notice(found, of: box.stack, in: context)])
        try await box.put([try notice(.changed, run: "r3", thread: "e1-n1")])
        try await box.deliver(60)
        #expect(gitHub.issues.map(\.title) == ["update: openimageio 2222222222 broke openusd@vfx2026/head"])
        #expect(gitHub.issues[0].comments.count == 2)

        try await box.put([try notice(.recovered, run: "r4", at: minute(120), thread: "e1-n1")])
        try await box.deliver(120)
        #expect(gitHub.issues.map(\.state) == ["closed"])
        #expect(gitHub.issues[0].comments.count == 3)
        #expect(gitHub.issues[0].comments[2].contains("recovered"))
        #expect(gitHub.count(Self.marker) == 1 && gitHub.violations == [])
    }

    @Test(arguments: 0..<9)
    func `gets nothing twice, wherever the connection drops`(_ drop: Int) async throws {
        let gitHub = gitHub
        // The request is carried out, but the response is lost.
        let server = try LocalServer { request, earlier in
            let answer = gitHub.answer(request)
            return earlier == drop ? .drop : answer
        }
        let box = try Outbox([.issues], server: server)
        try await box.put([try notice()])
        try await box.put([try notice(.changed, run: "r2", thread: "e1-n1")])
        try await box.put([try notice(.recovered, run: "r3", thread: "e1-n1")])
        for round in 0..<6 { try await box.deliver(Double(round) * 60) }
        #expect(gitHub.issues.map(\.state) == ["closed"])
        #expect(gitHub.issues.first?.comments.count == 2)
        #expect(gitHub.violations == [])
    }

    @Test func `is asked for the issue if a crash lost its number`() async throws {
        let first = try box()
        try await first.put([try notice()])
        try await first.deliver()
        // Another history that does not know the batch.
        let second = try Outbox([.issues], server: first.server)
        try await second.put([try notice(), try notice(.recovered, run: "r2", thread: "e1-n1")])
        try await second.deliver()
        #expect(gitHub.issues.map(\.state) == ["closed"] && gitHub.count(Self.marker) == 1)
    }

    @Test func `has many issues: the first with the marker counts, pull requests never do`() async throws {
        let box = try box()
        gitHub.add("text before \(Self.marker)")
        gitHub.add(Self.marker, isPullRequest: true)
        gitHub.add("\(Self.marker)\nours")
        for _ in 0..<150 { gitHub.add("another") }
        gitHub.add("\(Self.marker)\ncopied")
        try await box.put([try notice()])
        try await box.deliver()
        #expect(gitHub.issues.count == 154 && gitHub.violations == [])
        #expect(gitHub.issues[2].body.contains("openimageio") && gitHub.issues[153].body.hasSuffix("copied"))
    }

    @Test func `that limits the rate is not asked again before the time it gives`() async throws {
        let box = try box()
        gitHub.limit(1)
        try await box.put([try notice()])
        let report = try await box.deliver()
        #expect(report.next == minute(42) && report.errors == ["HTTP 403: rate limit"])
        #expect(try await box.deliver(41).attempts.isEmpty)
        #expect(try await box.deliver(42).errors == [nil])
    }

    @Test func `that sends an invalid response is asked again`() async throws {
        let server = try LocalServer { _, _ in .status(200, body: "<html>") }
        let box = try Outbox([.issues], server: server)
        try await box.put([try notice()])
        #expect(try await box.deliver().errors == ["the response is not a response of GitHub"])
    }

    @Test func `gets no issue for a notice without an episode, nor for a recovery without a page`() async throws {
        let box = try box()
        try await box.put([try notice(.environment), try notice(.suspected), try notice(.recovered)])
        #expect(try await box.deliver().errors == [nil])
        #expect(gitHub.issues.isEmpty)
    }

    @Test func `gets a status on a confirmed culprit of that repository, and on nothing else`() async throws {
        let name = "AcademySoftwareFoundation/OpenImageIO"
        let status = NotifyTarget(
            name: "status", kind: .githubStatus(repository: name, tokenVariable: "GITHUB_TOKEN"))
        let stack = try stack(notify: [status])
        let guess = Notice.Culprit(culprit.commit, confidence: 0.99)
        let other = Notice.Culprit(Commit(project: "openusd", revision: usd), confidence: 0.99, isConfirmed: true)
        #expect(status.accepts(try notice(culprit: culprit), of: stack))
        #expect(!status.accepts(try notice(), of: stack))
        #expect(!status.accepts(try notice(culprit: guess), of: stack))
        #expect(!status.accepts(try notice(culprit: other), of: stack))
        #expect(!status.accepts(try notice(.recovered, culprit: culprit), of: stack))

        let target = NotifyTarget(
            name: "status", kind: .githubStatus(repository: "aswf/canary", tokenVariable: "GITHUB_TOKEN"))
        let box = try box([target])
        try await box.history.outbox.put([OutboxEntry(receiver: "status", notice: try notice(culprit: culprit))])
        try await box.deliver()
        #expect(
            gitHub.statuses == [
                badImageio: [
                    "state": "failure", "context": "canary/aswf", "description": "breaks openusd@vfx2026/head",
                    "target_url": "https://canary.example.org/jobs/openusd@vfx2026/head",
                ]
            ])
        #expect(gitHub.violations == [])
    }
}
