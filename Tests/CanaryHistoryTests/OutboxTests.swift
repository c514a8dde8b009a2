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

    private func posting(_ run: String = "r1", to receiver: String = "chat", due: Date? = nil) throws -> Posting {
        let stack = Stack(name: "aswf", variants: [], graph: try ProjectGraph([]))
        let message = Message(kind: .page, job: job("imath"), notice: 7, since: minute(-9))
        return Posting(
            receiver: receiver, notice: Notice(message, of: stack, in: NoticeContext(run: run, at: minute(0))), due: due
        )
    }

    private func bag(_ minutes: Int = 0) async throws -> Mailbag {
        try await history.outbox.mailbag(of: "chat", at: minute(minutes))
    }

    @Test func `takes each notice once for each receiver, whole`() async throws {
        let posting = try posting()
        try await history.outbox.put([posting, posting, try self.posting(to: "mail")])
        try await history.outbox.put([posting])
        #expect(try await bag().pile.map(\.notice) == [posting.notice])
        #expect(try await history.outbox.awaitedReceivers() == ["chat", "mail"])
        #expect(try await history.reader.notices.thread(ofNotice: 7) == "r1-n7")
        #expect(try await history.reader.notices.thread(ofNotice: 8) == nil)
    }

    @Test func `holds back what is not due`() async throws {
        try await history.outbox.put([try posting(due: minute(5))])
        #expect(try await bag(4).pile.isEmpty)
        #expect(try await bag(4).nextDue == minute(5))
        #expect(try await bag(5).pile.count == 1)
    }

    @Test func `keeps a letter as it was put together until it ends`() async throws {
        try await history.outbox.put([try posting("r1"), try posting("r2")])
        let pile = try await bag().pile
        let sealed = try await history.outbox.seal(pile, for: "chat", at: minute(1))
        #expect(sealed.letter.notices == pile.map(\.notice))
        try await history.outbox.put([try posting("r3")])
        #expect(try await bag(1).letters == [sealed])
        #expect(try await bag(1).pile.count == 1)
        #expect(try await bag(1).lettersOfTheHour == 1)
        #expect(try await bag(62).lettersOfTheHour == 0)
        #expect(await code { _ = try await history.outbox.seal(pile, for: "chat", at: minute(1)) } == .contradiction)

        try await history.outbox.putOff(sealed.id, at: minute(2), until: minute(9), trouble: "HTTP 500")
        let waiting = try #require(try await bag(2).letters.first)
        #expect(waiting.attempts == 1 && waiting.dueAt == minute(9) && waiting.letter == sealed.letter)
        #expect(try await bag(1).letters.first?.dueAt == minute(1), "the clock went back")
        #expect(
            try await history.reader.notices.stuckLetters(attempts: 1, givenUpSince: minute(0)).map(\.trouble) == [
                "HTTP 500"
            ])
        #expect(try await history.reader.notices.stuckLetters(attempts: 2, givenUpSince: minute(0)).isEmpty)

        try await history.outbox.noteSent(sealed.id, at: minute(9), remote: "17")
        #expect(try await bag(9).letters.isEmpty)
        #expect(try await history.outbox.remote(of: "r1-n7", at: "chat") == "17")
        #expect(try await history.outbox.remote(of: "r1-n7", at: "mail") == nil)
        #expect(
            await code { try await history.outbox.giveUp(sealed.id, at: minute(9), trouble: "x") } == .contradiction)
    }

    @Test func `tells how each notice about a job fared`() async throws {
        try await history.outbox.put([try posting(), try posting(to: "mail"), try posting("r2", due: minute(60))])
        let letter = try await history.outbox.seal(try await bag().pile, for: "chat", at: minute(1))
        try await history.outbox.noteSent(letter.id, at: minute(2), remote: nil)
        let told = try await history.reader.notices.deliveries(about: job("imath"), since: minute(0))
        #expect(told.map(\.receiver) == ["chat", "mail", "chat"])
        #expect(told.map(\.state) == [.sent, nil, nil])
        #expect(told.map(\.at) == [minute(2), minute(0), minute(60)])
        #expect(try await history.reader.notices.deliveries(about: job("fmt"), since: minute(0)).isEmpty)
        #expect(try await history.reader.notices.deliveries(about: job("imath"), since: minute(1)).isEmpty)
    }

    @Test(arguments: Notice.Kind.allCases)
    func `takes every kind`(_ kind: Notice.Kind) async throws {
        let stack = Stack(name: "aswf", variants: [], graph: try ProjectGraph([]))
        var context = NoticeContext(run: "r1", at: minute(0))
        context.isUpdate = kind == .updated
        let message = Message(kind: Message.Kind(rawValue: kind.rawValue) ?? .page, job: job("imath"))
        let notice = Notice(message, of: stack, in: context)
        #expect(notice.kind == kind)
        try await history.outbox.put([Posting(receiver: "chat", notice: notice)])
        #expect(try await bag().pile.map(\.notice.kind) == [kind])
    }

    @Test(arguments: [
        "DELETE FROM notices", "DELETE FROM letters", "UPDATE notices SET payload = '{}'",
        "UPDATE letters SET key = 'other'", "UPDATE letters SET state = 'sent'", "UPDATE notices SET letter = NULL",
        "UPDATE letters SET attempts = -1",
    ])
    func `is not rewritten`(_ sql: String) async throws {
        try await history.outbox.put([try posting()])
        _ = try await history.outbox.seal(try await bag().pile, for: "chat", at: minute(1))
        #expect(await code { try await history.access.write { try $0.execute(sql: sql) } } == .contradiction)
    }
}
