// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import Foundation
import GRDB
import Testing

@testable import CanaryHistory

@Suite("The outbox")
struct OutboxTests {
    private let history: History

    init() throws { history = try History.inMemory(stack: "aswf") { minute(0) } }

    private func entry(_ run: String = "r1", to receiver: String = "chat", due: Date = .distantPast) throws
        -> OutboxEntry
    {
        let stack = Stack(name: "aswf", variants: [], graph: try ProjectGraph([]))
        let event = NoticeEvent(kind: .page, job: job("imath"), number: 7, since: minute(-9))
        return OutboxEntry(
            receiver: receiver, notice: Notice(event, of: stack, in: NoticeContext(run: run, at: minute(0))), at: due)
    }

    private func queue(_ minutes: Int = 0) async throws -> ReceiverQueue {
        try await history.outbox.queue(of: "chat", at: minute(minutes))
    }

    @Test func `takes each notice once for each receiver, whole`() async throws {
        let entry = try self.entry()
        try await history.outbox.put([entry, entry, try self.entry(to: "mail")])
        try await history.outbox.put([entry])
        #expect(try await queue().entries.map(\.notice) == [entry.notice])
        #expect(try await history.outbox.awaitedReceivers() == ["chat", "mail"])
        #expect(try await history.reader.notices.thread(ofNotice: 7) == "r1-n7")
        #expect(try await history.reader.notices.thread(ofNotice: 8) == nil)
    }

    @Test func `holds back what is not due`() async throws {
        try await history.outbox.put([try entry(due: minute(5))])
        #expect(try await queue(4).entries.isEmpty)
        #expect(try await queue(4).nextDue == minute(5))
        #expect(try await queue(5).entries.count == 1)
    }

    @Test func `keeps a batch as it was put together until its delivery is over`() async throws {
        try await history.outbox.put([try entry("r1"), try entry("r2")])
        let entries = try await queue().entries
        let batch = try await history.outbox.batch(entries, at: minute(1))
        #expect(batch.notices == entries.map(\.notice))
        try await history.outbox.put([try entry("r3")])
        #expect(try await queue(1).batches == [batch])
        #expect(try await queue(1).entries.count == 1)
        #expect(try await queue(1).batchesInLastHour == 1)
        #expect(try await queue(62).batchesInLastHour == 0)
        #expect(await code { _ = try await history.outbox.batch(entries, at: minute(1)) } == .contradiction)

        try await history.outbox.postpone(batch, at: minute(2), until: minute(9), error: "HTTP 500")
        let waiting = try #require(try await queue(2).batches.first)
        #expect(
            waiting.attempts == 1 && waiting.dueAt == minute(9) && waiting.notices == batch.notices
                && waiting.key == batch.key)
        #expect(try await queue(1).batches.first?.dueAt == minute(1), "the clock was set back")
        #expect(
            try await history.reader.notices.stuckBatches(attempts: 1, givenUpSince: minute(0)).map(\.lastError) == [
                "HTTP 500"
            ])
        #expect(try await history.reader.notices.stuckBatches(attempts: 2, givenUpSince: minute(0)).isEmpty)

        try await history.outbox.noteSent(batch, at: minute(9), remote: "17")
        #expect(try await queue(9).batches.isEmpty)
        #expect(try await history.outbox.remote(of: "r1-n7", at: "chat") == "17")
        #expect(try await history.outbox.remote(of: "r1-n7", at: "mail") == nil)
        #expect(await code { try await history.outbox.giveUp(batch, at: minute(9), error: "x") } == .contradiction)
    }

    @Test func `reports how each notice about a job was delivered`() async throws {
        try await history.outbox.put([try entry(), try entry(to: "mail"), try entry("r2", due: minute(60))])
        let batch = try await history.outbox.batch(try await queue().entries, at: minute(1))
        try await history.outbox.noteSent(batch, at: minute(2), remote: nil)
        let entries = try await history.reader.notices.deliveries(about: job("imath"), since: minute(0))
        #expect(entries.map(\.receiver) == ["chat", "mail", "chat"])
        #expect(entries.map(\.state) == [.sent, .waiting, .waiting])
        #expect(entries.map(\.at) == [minute(2), minute(0), minute(60)])
        #expect(try await history.reader.notices.deliveries(about: job("fmt"), since: minute(0)).isEmpty)
        #expect(try await history.reader.notices.deliveries(about: job("imath"), since: minute(1)).isEmpty)
    }

    @Test func `sends a batch that an older version left, under its key`() async throws {
        let payload = """
            {"key": "aswf:page:e1-n1", "kind": "page", "urgency": "page", "audience": "maintainers", "stack": "aswf",
            "thread": "e1-n1", "number": 1, "at": 1, "job": \(try JSON.text(job("imath"))),
            "jobs": [\(try JSON.text(job("imath")))], "held": [], "ranges": [], "owners": [], "isWeekly": false,
            "lastKnownGood": {"at": 1, "revisions": {"imath": "a"}}, "image": {"name": "i", "digest": "d"}}
            """
        try await history.access.write { connection in
            try connection.execute(
                sql: """
                    INSERT INTO letters (receiver, key, state, created_at, tried_at, due_at, attempts)
                    VALUES ('chat', 'aswf:page:e1-n1', 'waiting', 0, 0, 0, 1);
                    INSERT INTO notices (receiver, key, kind, payload, created_at, due_at, letter)
                    VALUES ('chat', 'aswf:page:e1-n1', 'page', ?, 0, 0, 1)
                    """, arguments: [payload])
        }
        let batch = try #require(try await queue().batches.first)
        #expect(batch.key == "aswf:page:e1-n1" && batch.attempts == 1 && batch.dueAt == Date(timeIntervalSince1970: 0))
        #expect(batch.single?.lastKnownGood?.revisions == ["imath": "a"] && batch.single?.image?.name == "i")
        try await history.outbox.noteSent(batch, at: minute(1), remote: nil)
        #expect(try await history.outbox.awaitedReceivers().isEmpty)
    }

    @Test(arguments: Notice.Kind.allCases)
    func `takes every kind`(_ kind: Notice.Kind) async throws {
        let stack = Stack(name: "aswf", variants: [], graph: try ProjectGraph([]))
        let event = NoticeEvent(kind: kind, job: job("imath"))
        let notice = Notice(event, of: stack, in: NoticeContext(run: "r1", at: minute(0)))
        #expect(notice.kind == kind)
        try await history.outbox.put([OutboxEntry(receiver: "chat", notice: notice)])
        #expect(try await queue().entries.map(\.notice.kind) == [kind])
    }

    @Test(arguments: [
        "DELETE FROM notices", "DELETE FROM letters", "UPDATE notices SET payload = '{}'",
        "UPDATE letters SET key = 'other'", "UPDATE letters SET state = 'sent'", "UPDATE notices SET letter = NULL",
        "UPDATE letters SET attempts = -1",
    ])
    func `is not rewritten`(_ sql: String) async throws {
        try await history.outbox.put([try entry()])
        _ = try await history.outbox.batch(try await queue().entries, at: minute(1))
        #expect(await code { try await history.access.write { try $0.execute(sql: sql) } } == .contradiction)
    }
}
