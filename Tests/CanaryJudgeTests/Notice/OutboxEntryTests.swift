// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import Foundation
import Testing

@Suite("A notice goes")
struct OutboxEntryTests {
    private static func file(_ name: String, _ projects: [String] = []) -> NotifyTarget {
        NotifyTarget(name: name, kind: .file(name), projects: projects)
    }

    private func receivers(_ notice: Notice, _ targets: [NotifyTarget]) throws -> [String] {
        try NoticeScene.stack(notify: targets).outboxEntries(for: notice).map(\.receiver)
    }

    @Test func `to receivers of projects that are red, are held inside it, or broke it`() throws {
        let targets = [
            Self.file("all"), Self.file("usd", ["openusd"]), Self.file("oiio", ["openimageio"]),
            Self.file("osl", ["osl"]), Self.file("none", ["imath"]),
        ]
        #expect(try receivers(try NoticeScene.notice(), targets) == ["all", "usd", "oiio", "osl"])
    }

    @Test(arguments: [Notice.Kind.environment, .stale])
    func `to operators when no change is to blame`(_ kind: Notice.Kind) throws {
        #expect(
            try receivers(try NoticeScene.notice(kind), [Self.file("all"), Self.file("usd", ["openusd"])]) == ["all"])
    }

    @Test func `at once if it is a page, else with the digest, and nowhere without a digest`() throws {
        let stack = try NoticeScene.stack(notify: [Self.file("all")])
        #expect(stack.outboxEntries(for: try NoticeScene.notice()).map(\.at) == [.distantPast])
        let next = NoticeScene.now.addingTimeInterval(86400)
        #expect(stack.outboxEntries(for: try NoticeScene.notice(.suspected)).map(\.at) == [next])
        let monday = NoticeScene.now.addingTimeInterval(3 * 86400)
        #expect(stack.outboxEntries(for: try NoticeScene.notice(.flaky, isWeekly: true)).map(\.at) == [monday])
        let silent = try NoticeScene.stack(notify: [Self.file("all")], digest: nil)
        #expect(silent.outboxEntries(for: try NoticeScene.notice(.suspected)).isEmpty)
        #expect(silent.outboxEntries(for: try NoticeScene.notice()).count == 1)
    }

    @Test func `under a key that is the same for every receiver and every try`() throws {
        #expect(try NoticeScene.notice().key == "aswf:page:e1-n1")
        #expect(try NoticeScene.notice(run: "r2").key == "aswf:page:e1-n1", "a page is sent once per episode")
        #expect(try NoticeScene.notice(.suspected).key == "aswf:suspected:openusd@vfx2026/head:r1")
    }

    @Test func `several at once in one batch, pages first, cut to size`() throws {
        let notices = try (1...200).map { try NoticeScene.notice(.suspected, run: "r\($0)") } + [NoticeScene.notice()]
        let entries = notices.map { OutboxEntry(receiver: "chat", notice: $0) }
        let batch = try #require(NoticeBatch(entries, at: NoticeScene.now))
        let lines = batch.text.split(separator: "\n")
        #expect(lines.first == "aswf: 201 notices" && lines.last == "and 171 more" && lines.count == 32)
        #expect(lines[1] == "- openimageio broke openusd@vfx2026/head")
        #expect(batch.briefMarkdown.unicodeScalars.count <= 1900)
        #expect(batch.urgency == .page && batch.key.hasPrefix("aswf:digest:"))
        let again = NoticeBatch(entries, at: NoticeScene.hours(1))
        let fewer = NoticeBatch(Array(entries.dropLast()), at: NoticeScene.now)
        #expect(again?.key == batch.key && fewer?.key != batch.key)
    }
}
