// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import CanaryText
import Foundation
import Testing

@Suite("A notice goes")
struct PostingTests {
    private static func file(_ name: String, _ projects: [String] = []) -> NotifyTarget {
        NotifyTarget(name: name, kind: .file(name), projects: projects)
    }

    private func receivers(_ notice: Notice, _ targets: [NotifyTarget]) throws -> [String] {
        try NoticeScene.stack(notify: targets).postings(of: notice).map(\.receiver)
    }

    @Test func `to those of the projects that are red, wait inside, or broke it`() throws {
        let targets = [
            Self.file("all"), Self.file("usd", ["openusd"]), Self.file("oiio", ["openimageio"]),
            Self.file("osl", ["osl"]), Self.file("none", ["imath"]),
        ]
        #expect(try receivers(try NoticeScene.notice(), targets) == ["all", "usd", "oiio", "osl"])
    }

    @Test(arguments: [Message.Kind.environment, .stale])
    func `to operators when no change is to blame`(_ kind: Message.Kind) throws {
        #expect(
            try receivers(try NoticeScene.notice(kind), [Self.file("all"), Self.file("usd", ["openusd"])]) == ["all"])
    }

    @Test func `at once when it is a page, with the digest when not, nowhere without a digest`() throws {
        let stack = try NoticeScene.stack(notify: [Self.file("all")])
        #expect(stack.postings(of: try NoticeScene.notice()).map(\.due) == [nil])
        let next = NoticeScene.now.addingTimeInterval(86400)
        #expect(stack.postings(of: try NoticeScene.notice(.suspected)).map(\.due) == [next])
        let monday = NoticeScene.now.addingTimeInterval(3 * 86400)
        #expect(stack.postings(of: try NoticeScene.notice(.flaky, isWeekly: true)).map(\.due) == [monday])
        let silent = try NoticeScene.stack(notify: [Self.file("all")], digest: nil)
        #expect(silent.postings(of: try NoticeScene.notice(.suspected)).isEmpty)
        #expect(silent.postings(of: try NoticeScene.notice()).count == 1)
    }

    @Test func `under a key that is the same for each receiver and each try`() throws {
        #expect(try NoticeScene.notice().key == "aswf:page:e1-n1")
        #expect(try NoticeScene.notice(run: "r2").key == "aswf:page:e1-n1", "a page is told once an episode")
        #expect(try NoticeScene.notice(.suspected).key == "aswf:suspected:openusd@vfx2026/head:r1")
    }

    @Test func `several at once in one letter, pages first, cut to size`() throws {
        let notices = try (1...200).map { try NoticeScene.notice(.suspected, run: "r\($0)") } + [NoticeScene.notice()]
        let letter = try #require(Letter(notices))
        let lines = letter.text.split(separator: "\n")
        #expect(lines.first == "aswf: 201 notices" && lines.last == "and 171 more" && lines.count == 32)
        #expect(lines[1] == "- openimageio broke openusd@vfx2026/head")
        #expect(letter.briefMarkdown.unicodeScalars.count <= 1900)
        #expect(letter.urgency == .page && letter.key.hasPrefix("aswf:digest:"))
        #expect(Letter(notices)?.key == letter.key && Letter(Array(notices.dropLast()))?.key != letter.key)
    }
}
