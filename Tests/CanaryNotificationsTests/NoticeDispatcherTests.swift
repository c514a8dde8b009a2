// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryNotifications
import CanaryTestSupport
import CanaryText
import Foundation
import Synchronization
import Testing

@Suite("The dispatcher", .timeLimit(.minutes(1)))
struct NoticeDispatcherTests {
    @Test func `sends a page at once, once, under its key`() async throws {
        let server = try LocalServer { _, _ in .status(200) }
        let box = try Outbox([.webhook()], server: server)
        try await box.put([try notice(), try notice()])
        try await box.deliver()
        let second = try await box.deliver(1)
        #expect(second.attempts.isEmpty && second.next == nil)
        #expect(server.requests.map(\.key) == ["aswf:page:e1-n1"])
        let request = try #require(server.requests.first)
        #expect(request.method == "POST" && request.path == "/hook/s3cret")
        #expect(request.json["schema"] as? String == "canary.notice/1")
        #expect(request.json["key"] as? String == "aswf:page:e1-n1")
        #expect(request.headers["content-type"] == "application/json")
    }

    @Test func `tries a failing server again, after longer pauses, under the same key`() async throws {
        let server = try LocalServer { _, earlier in earlier < 3 ? .status(500, body: "<b>oops</b>") : .status(204) }
        let box = try Outbox([.webhook()], server: server)
        try await box.put([try notice()])
        let first = try await box.deliver(0)
        #expect(first.errors == ["HTTP 500: <b>oops</b>"] && first.next == minute(0.5))
        #expect(try await box.deliver(0.4).attempts.isEmpty)
        #expect(try await box.deliver(0.5).next == minute(1.5))
        #expect(try await box.deliver(1.5).next == minute(3.5))
        #expect(try await box.deliver(3.5).errors == [nil])
        #expect(server.requests.map(\.key) == Array(repeating: "aswf:page:e1-n1", count: 4))
    }

    @Test(arguments: [
        ("120", 2.0), ("Fri, 15 Jan 2027 08:07:00 GMT", 7.0), ("99999999", 360.0), ("soon", 0.5),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 1.0 / 60),
    ])
    func `waits as long as the server asks`(_ retryAfter: String, _ minutes: Double) async throws {
        let server = try LocalServer { _, _ in .status(429, headers: ["Retry-After": retryAfter]) }
        let box = try Outbox([.webhook()], server: server)
        try await box.put([try notice()])
        let report = try await box.deliver()
        #expect(report.next == minute(minutes) && report.errors == ["HTTP 429"])
        let other = try notice(.stale, run: "r2")
        try await box.put([other])
        #expect(try await box.deliver(minutes - 0.01).attempts.isEmpty, "other batches wait as well")
    }

    @Test func `sends again if the connection drops after the request`() async throws {
        let server = try LocalServer { _, earlier in earlier == 0 ? .drop : .status(200) }
        let box = try Outbox([.webhook()], server: server)
        try await box.put([try notice()])
        #expect(try await box.deliver().errors == ["the connection was dropped before an answer"])
        #expect(try await box.deliver(1).errors == [nil])
        #expect(server.requests.map(\.key) == ["aswf:page:e1-n1", "aswf:page:e1-n1"])
    }

    @Test func `survives a server that drops the connection during a large batch`() async throws {
        let server = try LocalServer(readsAll: false) { _, _ in .drop }
        let box = try Outbox([.webhook()], server: server)
        try await box.put(try (1...100).map { try notice(.suspected, run: "r\($0)") })
        let errors = try await box.deliver(1440).errors
        // Which end of the connection notices it first varies.
        #expect(errors.count == 1)
        let error = errors.first ?? nil
        #expect(error == "the connection failed" || error == "the connection was dropped before an answer")
    }

    @Test func `makes rounds until the time is over`() async throws {
        let server = try LocalServer { _, earlier in earlier < 2 ? .status(500) : .status(200) }
        var box = try Outbox([.webhook()], server: server)
        box.policy.firstBackoff = 0.05
        try await box.put([try notice()])
        let dispatcher = NoticeDispatcher(outbox: box.history.outbox, receivers: box.receivers, policy: box.policy)
        let began = Date()
        let now: @Sendable () -> Date = { minute(0).addingTimeInterval(Date().timeIntervalSince(began)) }
        #expect(
            try await dispatcher.deliver(within: .seconds(20), now: now).flatMap(\.errors) == [
                "HTTP 500", "HTTP 500", nil,
            ])
        #expect(try await dispatcher.deliver(within: .seconds(20), now: now).flatMap(\.attempts).isEmpty)
    }

    @Test(arguments: [Answer.hang, .drip])
    func `waits a bounded time for a server that hangs`(_ answer: Answer) async throws {
        let server = try LocalServer { _, _ in answer }
        let box = try Outbox([.webhook()], server: server, timeout: .seconds(1))
        try await box.put([try notice()])
        let began = ContinuousClock.now
        let errors = try await box.deliver().errors
        #expect(errors == ["no answer within 1 s"])
        #expect(ContinuousClock.now - began < .seconds(60))
    }

    @Test func `tries again if nobody listens`() async throws {
        let box = try Outbox([.webhook()])
        try await box.put([try notice()])
        #expect(try await box.deliver().errors == ["the host refuses connections"])
    }

    @Test func `ends with its task`() async throws {
        let server = try LocalServer { _, _ in .hang }
        let box = try Outbox([.webhook()], server: server, timeout: .seconds(50))
        try await box.put([try notice()])
        let task = Task { try await box.deliver() }
        while server.requests.isEmpty { await Task.yield() }
        task.cancel()
        #expect(try await task.value.errors == ["cancelled"])
    }

    @Test func `gives up after three refusals, and records why`() async throws {
        let server = try LocalServer { _, _ in .status(404, body: "no such hook") }
        let box = try Outbox([.webhook()], server: server)
        try await box.put([try notice()])
        try await box.deliver(0)
        try await box.deliver(1)
        #expect(try await box.deliver(10).attempts.map(\.isGivenUp) == [true])
        #expect(try await box.deliver(100).attempts.isEmpty)
        let stuck = try await box.history.reader.notices.stuckBatches(attempts: 3, givenUpSince: minute(0))
        #expect(stuck.map(\.state) == [.givenUp] && stuck.map(\.lastError) == ["HTTP 404: no such hook"])
    }

    @Test func `follows no redirect, which would carry the notice to another server`() async throws {
        let other = try LocalServer { _, _ in .status(200) }
        let address = other.url
        let server = try LocalServer { _, _ in .status(307, headers: ["Location": "\(address)/elsewhere"]) }
        let box = try Outbox([.webhook()], server: server)
        try await box.put([try notice()])
        #expect(
            try await box.deliver().errors == ["HTTP 307: redirects are not followed; correct the address"])
        #expect(other.requests.isEmpty)
    }

    @Test func `sends again under the same key if it was killed between sending and recording`() async throws {
        let folder = TemporaryFolder()
        let (live, after) = (folder.path + "/live.sqlite", folder.path + "/after.sqlite")
        // The disk at the moment when the server has the batch is what a kill leaves.
        let server = try LocalServer { _, earlier in
            guard earlier == 0 else { return .status(200) }
            for end in ["", "-wal"] {
                try? FileManager.default.copyItem(atPath: live + end, toPath: after + end)
            }
            return .status(200)
        }
        let first = try Outbox(
            [.webhook()], server: server, history: History.open(path: live, stack: "aswf") { minute(0) })
        try await first.put([try notice(), try notice(.stale, run: "r2")])
        try await first.deliver()
        try #require(server.requests.count == 2)
        let next = try Outbox(
            [.webhook()], server: server, history: History.open(path: after, stack: "aswf") { minute(0) })
        try await next.put([try notice()])
        try await next.deliver(1)
        #expect(try await next.deliver(2).attempts.isEmpty)
        let keys = server.requests.map(\.key)
        try #require(keys.count == 4)
        #expect(keys == [keys[0], keys[1], keys[0], keys[1]], "the second had not been sent")
    }

    @Test func `sends the rest of an hour as one batch`() async throws {
        let server = try LocalServer { _, _ in .status(200) }
        var box = try Outbox([.webhook()], server: server)
        box.policy.batchesPerHour = 3
        try await box.put(try (1...7).map { try notice(.stale, run: "r\($0)") })
        try await box.deliver()
        #expect(
            server.requests.map { $0.json["schema"] as? String } == [
                "canary.notice/1", "canary.notice/1", "canary.notice-digest/1",
            ])
        #expect((server.requests.last?.json["notices"] as? [Any])?.count == 5)
        try await box.put([try notice()])
        #expect(try await box.deliver(10).next == minute(20), "the hour is full")
        #expect(try await box.deliver(61).errors == [nil])
    }

    @Test func `sends late pages as one batch, which keeps its key and its content`() async throws {
        let server = try LocalServer { _, earlier in earlier == 0 ? .status(503) : .status(200) }
        let box = try Outbox([.webhook()], server: server)
        try await box.put(try (1...3).map { try notice(.stale, run: "r\($0)") })
        try await box.deliver(90)
        try await box.put([try notice(.stale, run: "r4")])
        try await box.deliver(91)
        let bodies = server.requests.map(\.text)
        try #require(bodies.count == 3)
        #expect(bodies[0] == bodies[1])
        #expect((server.requests[0].json["notices"] as? [Any])?.count == 3)
        #expect(server.requests[0].key == server.requests[1].key)
    }

    @Test func `sends digest lines as one batch at the time of the digest, weekly ones on Monday`() async throws {
        let server = try LocalServer { _, _ in .status(200) }
        let box = try Outbox([.webhook()], server: server)
        let weekly = NoticeEvent(kind: .flaky, job: job("openusd"), isWeekly: true)
        try await box.put([
            try notice(.suspected), try notice(.healed, run: "r2"),
            Notice(weekly, of: box.stack, in: NoticeContext(run: "r3", at: minute(0))),
        ])
        let day = 24.0 * 60
        #expect(try await box.deliver().next == minute(day))
        try await box.deliver(day)
        #expect((server.requests.first?.json["notices"] as? [Any])?.count == 2)
        #expect(try await box.deliver(2 * day).attempts.isEmpty)
        #expect(try await box.deliver(3 * day).attempts.count == 1, "2027-01-18 is a Monday")
    }

    @Test func `does not let a batch that always fails hold back others for ever`() async throws {
        let server = try LocalServer { request, _ in request.text.contains("stale") ? .status(500) : .status(200) }
        let box = try Outbox([.webhook()], server: server)
        try await box.put([try notice(.stale)])
        var now = 0.0
        for _ in 1...4 {
            let next = try #require(try await box.deliver(now).next)
            now = next.timeIntervalSince(minute(0)) / 60
        }
        try await box.put([try notice()])
        #expect(try await box.deliver(now - 0.1).attempts.isEmpty)
        #expect(try await box.deliver(now).errors == ["HTTP 500", nil])
        #expect(try await box.deliver(now + 3 * 1440).attempts.map(\.isGivenUp) == [true])
    }

    @Test func `never lets a recovery overtake its page`() async throws {
        let server = try LocalServer { request, _ in
            request.text.contains(#""kind" : "page""#) ? .status(500) : .status(200)
        }
        let box = try Outbox([.webhook()], server: server)
        try await box.put([try notice()])
        var now = 0.0
        for _ in 1...5 {
            let next = try #require(try await box.deliver(now).next)
            now = next.timeIntervalSince(minute(0)) / 60
        }
        try await box.put([try notice(.recovered, thread: "e1-n1"), try notice(.stale, run: "r9")])
        #expect(try await box.deliver(now).attempts.count == 2)
        #expect(!server.requests.contains { $0.text.contains("recovered") })
    }

    @Test func `delays nothing if the clock was set back`() async throws {
        let server = try LocalServer { _, earlier in earlier == 0 ? .status(500) : .status(200) }
        let box = try Outbox([.webhook()], server: server, now: minute(120))
        try await box.put([try notice(at: minute(120))])
        try await box.deliver(120)
        #expect(try await box.deliver(0).errors == [nil])
        try await box.put([try notice(.stale, run: "r2", at: minute(0))])
        #expect(try await box.deliver(1).errors == [nil])
    }

    @Test func `reports what waits for a receiver that is gone, and gives it up in the end`() async throws {
        let box = try Outbox([.webhook()])
        try await box.put([try notice()])
        let gone = NoticeDispatcher(outbox: box.history.outbox, receivers: [])
        #expect(try await gone.deliver(at: minute(0)).unknown == ["chat"])
        _ = try await gone.deliver(at: minute(3 * 1440))
        #expect(try await gone.deliver(at: minute(3 * 1440)).unknown.isEmpty)
        let stuck = try await box.history.reader.notices.stuckBatches(attempts: 3, givenUpSince: minute(0))
        #expect(stuck.map(\.lastError) == ["the stack has no receiver `chat`"])
    }
}
