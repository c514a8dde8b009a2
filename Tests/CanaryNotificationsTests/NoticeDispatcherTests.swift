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

@Suite("The courier", .timeLimit(.minutes(1)))
struct CourierTests {
    @Test func `sends a page at once, once, under its key`() async throws {
        let server = try LocalServer { _, _ in .status(200) }
        let box = try Outbox([.webhook()], server: server)
        try await box.put([try notice(), try notice()])
        try await box.deliver()
        let second = try await box.deliver(1)
        #expect(second.tries.isEmpty && second.next == nil)
        #expect(server.requests.map(\.key) == ["aswf:page:e1-n1"])
        let request = try #require(server.requests.first)
        #expect(request.method == "POST" && request.path == "/hook/s3cret")
        #expect(request.json["schema"] as? String == "canary.notice/1")
        #expect(request.json["key"] as? String == "aswf:page:e1-n1")
        #expect(request.headers["content-type"] == "application/json")
    }

    @Test func `tries a server that fails again, later each time, under the same key`() async throws {
        let server = try LocalServer { _, earlier in earlier < 3 ? .status(500, body: "<b>oops</b>") : .status(204) }
        let box = try Outbox([.webhook()], server: server)
        try await box.put([try notice()])
        let first = try await box.deliver(0)
        #expect(first.troubles == ["HTTP 500: <b>oops</b>"] && first.next == minute(0.5))
        #expect(try await box.deliver(0.4).tries.isEmpty)
        #expect(try await box.deliver(0.5).next == minute(1.5))
        #expect(try await box.deliver(1.5).next == minute(3.5))
        #expect(try await box.deliver(3.5).troubles == [nil])
        #expect(server.requests.map(\.key) == Array(repeating: "aswf:page:e1-n1", count: 4))
    }

    @Test(arguments: [
        ("120", 2.0), ("Fri, 15 Jan 2027 08:07:00 GMT", 7.0), ("99999999", 360.0), ("soon", 0.5),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 1.0 / 60),
    ])
    func `waits as long as a server asks`(_ retryAfter: String, _ minutes: Double) async throws {
        let server = try LocalServer { _, _ in .status(429, headers: ["Retry-After": retryAfter]) }
        let box = try Outbox([.webhook()], server: server)
        try await box.put([try notice()])
        let report = try await box.deliver()
        #expect(report.next == minute(minutes) && report.troubles == ["HTTP 429"])
        let other = try notice(.stale, run: "r2")
        try await box.put([other])
        #expect(try await box.deliver(minutes - 0.01).tries.isEmpty, "other letters wait as well")
    }

    @Test func `sends again when the connection drops behind the request`() async throws {
        let server = try LocalServer { _, earlier in earlier == 0 ? .drop : .status(200) }
        let box = try Outbox([.webhook()], server: server)
        try await box.put([try notice()])
        #expect(try await box.deliver().troubles == ["the connection was dropped before an answer"])
        #expect(try await box.deliver(1).troubles == [nil])
        #expect(server.requests.map(\.key) == ["aswf:page:e1-n1", "aswf:page:e1-n1"])
    }

    @Test func `survives a server that drops a large letter on its way`() async throws {
        let server = try LocalServer(readsAll: false) { _, _ in .drop }
        let box = try Outbox([.webhook()], server: server)
        try await box.put(try (1...100).map { try notice(.suspected, run: "r\($0)", number: nil) })
        let troubles = try await box.deliver(1440).troubles
        // Whether the writing or the reading end of the connection hears of it first is chance.
        #expect(troubles.count == 1)
        let heard = troubles.first ?? nil
        #expect(heard == "the connection failed" || heard == "the connection was dropped before an answer")
    }

    @Test func `makes rounds as long as there is time`() async throws {
        let server = try LocalServer { _, earlier in earlier < 2 ? .status(500) : .status(200) }
        var box = try Outbox([.webhook()], server: server)
        box.terms.firstPause = 0.05
        try await box.put([try notice()])
        let courier = NoticeDispatcher(history: box.history, receivers: box.receivers, terms: box.terms)
        let began = Date()
        let now: @Sendable () -> Date = { minute(0).addingTimeInterval(Date().timeIntervalSince(began)) }
        #expect(
            try await courier.deliver(within: .seconds(20), now: now).flatMap(\.troubles) == [
                "HTTP 500", "HTTP 500", nil,
            ])
        #expect(try await courier.deliver(within: .seconds(20), now: now).flatMap(\.tries).isEmpty)
    }

    @Test(arguments: [Answer.hang, .drip])
    func `gives a server that hangs a bounded time`(_ answer: Answer) async throws {
        let server = try LocalServer { _, _ in answer }
        let box = try Outbox([.webhook()], server: server, timeout: .seconds(1))
        try await box.put([try notice()])
        let began = ContinuousClock.now
        let troubles = try await box.deliver().troubles
        #expect(troubles == ["no answer within 1 s"])
        #expect(ContinuousClock.now - began < .seconds(60))
    }

    @Test func `tries again where nobody listens`() async throws {
        let box = try Outbox([.webhook()])
        try await box.put([try notice()])
        #expect(try await box.deliver().troubles == ["the host takes no connection"])
    }

    @Test func `ends with its task`() async throws {
        let server = try LocalServer { _, _ in .hang }
        let box = try Outbox([.webhook()], server: server, timeout: .seconds(50))
        try await box.put([try notice()])
        let task = Task { try await box.deliver() }
        while server.requests.isEmpty { await Task.yield() }
        task.cancel()
        #expect(try await task.value.troubles == ["cancelled"])
    }

    @Test func `gives up what is refused after three tries, and says so`() async throws {
        let server = try LocalServer { _, _ in .status(404, body: "no such hook") }
        let box = try Outbox([.webhook()], server: server)
        try await box.put([try notice()])
        try await box.deliver(0)
        try await box.deliver(1)
        #expect(try await box.deliver(10).tries.map(\.isGivenUp) == [true])
        #expect(try await box.deliver(100).tries.isEmpty)
        let stuck = try await box.history.stuckLetters(attempts: 3, givenUpSince: minute(0))
        #expect(stuck.map(\.state) == [.givenUp] && stuck.map(\.trouble) == ["HTTP 404: no such hook"])
    }

    @Test func `follows no redirect, which would carry the notice elsewhere`() async throws {
        let other = try LocalServer { _, _ in .status(200) }
        let address = other.url
        let server = try LocalServer { _, _ in .status(307, headers: ["Location": "\(address)/elsewhere"]) }
        let box = try Outbox([.webhook()], server: server)
        try await box.put([try notice()])
        #expect(
            try await box.deliver().troubles == ["HTTP 307: redirects are not followed; correct the address"])
        #expect(other.requests.isEmpty)
    }

    @Test func `killed between sending and recording sends once more under the same key`() async throws {
        let folder = TemporaryFolder()
        let (live, after) = (folder.path + "/live.sqlite", folder.path + "/after.sqlite")
        // What the disk holds while the server already has the letter is what a kill leaves.
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
        #expect(try await next.deliver(2).tries.isEmpty)
        let keys = server.requests.map(\.key)
        try #require(keys.count == 4)
        #expect(keys == [keys[0], keys[1], keys[0], keys[1]], "the second had not been sent")
    }

    @Test func `the rest of an hour comes in one letter`() async throws {
        let server = try LocalServer { _, _ in .status(200) }
        var box = try Outbox([.webhook()], server: server)
        box.terms.lettersAnHour = 3
        try await box.put(try (1...7).map { try notice(.stale, run: "r\($0)") })
        try await box.deliver()
        #expect(
            server.requests.map { $0.json["schema"] as? String } == [
                "canary.notice/1", "canary.notice/1", "canary.notice-digest/1",
            ])
        #expect((server.requests.last?.json["notices"] as? [Any])?.count == 5)
        try await box.put([try notice()])
        #expect(try await box.deliver(10).next == minute(20), "the hour is full")
        #expect(try await box.deliver(61).troubles == [nil])
    }

    @Test func `late pages come in one letter, which keeps its key and its content`() async throws {
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

    @Test func `digest lines wait for the digest and come in one letter, the weekly ones on Monday`() async throws {
        let server = try LocalServer { _, _ in .status(200) }
        let box = try Outbox([.webhook()], server: server)
        let weekly = Message(kind: .flaky, job: job("openusd"), isWeekly: true)
        try await box.put([
            try notice(.suspected, number: nil), try notice(.healed, run: "r2", number: nil),
            Notice(weekly, of: box.stack, in: NoticeContext(run: "r3", at: minute(0))),
        ])
        let day = 24.0 * 60
        #expect(try await box.deliver().next == minute(day))
        try await box.deliver(day)
        #expect((server.requests.first?.json["notices"] as? [Any])?.count == 2)
        #expect(try await box.deliver(2 * day).tries.isEmpty)
        #expect(try await box.deliver(3 * day).tries.count == 1, "2027-01-18 is a Monday")
    }

    @Test func `a poisonous letter does not keep others waiting for ever`() async throws {
        let server = try LocalServer { request, _ in request.text.contains("stale") ? .status(500) : .status(200) }
        let box = try Outbox([.webhook()], server: server)
        try await box.put([try notice(.stale)])
        var now = 0.0
        for _ in 1...4 {
            let next = try #require(try await box.deliver(now).next)
            now = next.timeIntervalSince(minute(0)) / 60
        }
        try await box.put([try notice()])
        #expect(try await box.deliver(now - 0.1).tries.isEmpty)
        #expect(try await box.deliver(now).troubles == ["HTTP 500", nil])
        #expect(try await box.deliver(now + 3 * 1440).tries.map(\.isGivenUp) == [true])
    }

    @Test func `a recovery does not overtake its page`() async throws {
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
        try await box.put([try notice(.recovered, thread: "e1-n1"), try notice(.stale, run: "r9", number: nil)])
        #expect(try await box.deliver(now).tries.count == 2)
        #expect(!server.requests.contains { $0.text.contains("recovered") })
    }

    @Test func `a clock that went back delays nothing`() async throws {
        let server = try LocalServer { _, earlier in earlier == 0 ? .status(500) : .status(200) }
        let box = try Outbox([.webhook()], server: server, now: minute(120))
        try await box.put([try notice(at: minute(120))])
        try await box.deliver(120)
        #expect(try await box.deliver(0).troubles == [nil])
        try await box.put([try notice(.stale, run: "r2", at: minute(0))])
        #expect(try await box.deliver(1).troubles == [nil])
    }

    @Test func `what waits for a receiver that is gone is told, and given up in the end`() async throws {
        let box = try Outbox([.webhook()])
        try await box.put([try notice()])
        let gone = NoticeDispatcher(history: box.history, receivers: [])
        #expect(try await gone.deliver(at: minute(0)).unknown == ["chat"])
        _ = try await gone.deliver(at: minute(3 * 1440))
        #expect(try await gone.deliver(at: minute(3 * 1440)).unknown.isEmpty)
        let stuck = try await box.history.stuckLetters(attempts: 3, givenUpSince: minute(0))
        #expect(stuck.map(\.trouble) == ["the stack has no receiver `chat`"])
    }
}
