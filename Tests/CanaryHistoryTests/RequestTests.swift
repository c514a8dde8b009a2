// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import GRDB
import Testing

@testable import CanaryHistory

@Suite("Requests") struct RequestTests {
    private func request(_ id: String, _ kind: RequestKind = .run) -> RequestStart {
        RequestStart(id: id, kind: kind, body: "{}", origin: "http", askedAt: minute(0))
    }

    @Test func `wait in the order they came, and only move forward`() async throws {
        let history = try History.inMemory(stack: "aswf")
        for (id, kind) in [("q1", RequestKind.run), ("q2", .attempt), ("q3", .search), ("q4", .cancel)] {
            #expect(try await history.inbox.ask(request(id, kind)))
        }
        #expect(try await history.reader.requests.open().map(\.start.id) == ["q1", "q2", "q3", "q4"])
        #expect(try await history.reader.requests.open().map(\.start.kind) == [.run, .attempt, .search, .cancel])
        #expect(try await history.inbox.startRequest("q1", at: minute(1)))
        try await history.inbox.noteRun("r1", of: "q1")
        #expect(try await history.inbox.startRequest("q1", at: minute(2)), "the next daemon takes it up again")
        #expect(try await history.reader.requests.request("q1")?.startedAt == minute(1))
        #expect(try await history.inbox.endRequest("q1", .finished, at: minute(3)))
        #expect(try await history.inbox.endRequest("q1", .failed, detail: "late", at: minute(4)) == false)
        #expect(try await history.inbox.startRequest("q1", at: minute(5)) == false)
        let record = try #require(try await history.reader.requests.request("q1"))
        #expect(record.state == .finished && record.run == "r1" && record.endedAt == minute(3) && record.detail == nil)
        #expect(try await history.reader.requests.open().map(\.start.id) == ["q2", "q3", "q4"])
        #expect(try await history.reader.requests.request("q9") == nil)
    }

    @Test func `are bounded`() async throws {
        let history = try History.inMemory(stack: "aswf")
        for number in 0..<RequestInbox.openRequests { #expect(try await history.inbox.ask(request("q\(number)"))) }
        #expect(try await history.inbox.ask(request("more")) == false)
        #expect(try await history.inbox.endRequest("q7", .cancelled, at: minute(1)))
        #expect(try await history.inbox.ask(request("more")))
    }

    @Test func `are never changed or deleted`() async throws {
        let history = try History.inMemory(stack: "aswf")
        _ = try await history.inbox.ask(request("q1"))
        for sql in [
            "DELETE FROM requests", "UPDATE requests SET body = '[]'", "UPDATE requests SET asked_at = 0",
            "UPDATE requests SET state = 'running'",
        ] {
            #expect(
                await code { try await history.access.write { try $0.execute(sql: sql) } } == .contradiction, "\(sql)")
        }
    }

    @Test func `a watch sees what others commit, and nothing else`() async throws {
        let folder = TemporaryFolder()
        let history = try History.open(path: folder.database, stack: "aswf")
        let watch = try HistoryWatch(history.reader)
        let first = try watch.version()
        _ = try await history.reader.requests.open()
        #expect(try watch.version() == first)
        _ = try await history.inbox.ask(request("q1"))
        let second = try watch.version()
        #expect(second != first)
        let other = try History.open(path: folder.database, stack: "aswf")
        _ = try await other.inbox.ask(request("q2"))
        #expect(try watch.version() != second)
        let memory = try History.inMemory(stack: "aswf")
        let inMemory = try HistoryWatch(memory.reader)
        let before = try inMemory.version()
        _ = try await memory.inbox.ask(request("q1"))
        #expect(try inMemory.version() != before)
    }

    @Test func `build hours count running attempts, and the part after midnight of others`() async throws {
        let history = try History.inMemory(stack: "aswf")
        try await history.recorder.begin(start("r1"))
        try await history.execute("a1", build("k1"), in: "r1", seconds: 1800)
        try await history.recorder.begin(opened("a2", at: minute(40)), of: build("k2", "openexr"), in: "r1")
        func hours(_ start: Int, _ now: Int, ofSearches: Bool = false) async throws -> Double {
            try await history.reader.builds.buildHours(since: minute(start), now: minute(now), ofSearches: ofSearches)
        }
        #expect(try await hours(0, 100) == 1.5)
        #expect(try await hours(16, 70) == 0.75)
        #expect(try await hours(200, 190) == 0)
        #expect(try await hours(0, 100, ofSearches: true) == 0)
    }
}
