// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import CanaryText
import Foundation
import Testing

@Suite("The text of a notice")
struct NoticeTextTests {
    @Test func `of a page begins with the commit and fits a phone`() throws {
        let text = try NoticeScene.notice(culprit: NoticeScene.culprit()).text
        #expect(
            text == """
                openimageio 2222222222 broke openusd@vfx2026/head
                commit: 222222222222 Remove OIIO_FOO by A. Author, 99 % sure, confirmed \
                https://github.com/AcademySoftwareFoundation/OpenImageIO/commit/\(NoticeScene.bad)
                since: 2027-01-14 08:00 UTC, 24 h
                first error: pxr/hio.cpp:12: 'OIIO_FOO' was not declared
                changed: openimageio 1111111111..2222222222 \
                https://github.com/AcademySoftwareFoundation/OpenImageIO/compare/\(NoticeScene.good)...\(NoticeScene.bad)
                good: 2027-01-13 06:00 UTC: openusd aaaaaaaaaaaa, openimageio 111111111111
                bad: 2027-01-14 08:00 UTC: openusd aaaaaaaaaaaa, openimageio 222222222222
                image: ci-vfxall-2026 \(NoticeScene.digest)
                held inside: osl@vfx2026/head
                reproduce: canary reproduce a77
                mute: canary mute openusd@vfx2026/head --until 2027-01-22
                episode: e1
                page: https://canary.example.org/jobs/openusd@vfx2026/head
                """)
    }

    @Test func `as Markdown has full revisions, formats all outside text as code, and mentions only owners`() throws {
        let markdown = try NoticeScene.notice(culprit: NoticeScene.culprit()).markdown
        #expect(
            markdown == """
                **`openimageio` `2222222222` broke `openusd@vfx2026/head`**

                - commit: `\(NoticeScene.bad)` `Remove OIIO_FOO` by `A. Author`, 99 % sure, confirmed \
                <https://github.com/AcademySoftwareFoundation/OpenImageIO/commit/\(NoticeScene.bad)>
                - since: 2027-01-14 08:00 UTC, 24 h
                - first error: `pxr/hio.cpp:12`: `'OIIO_FOO' was not declared`
                - changed: `openimageio` `1111111111..2222222222` \
                <https://github.com/AcademySoftwareFoundation/OpenImageIO/compare/\(NoticeScene.good)...\
                \(NoticeScene.bad)>
                - good: 2027-01-13 06:00 UTC: `openusd` `\(NoticeScene.usd)`, `openimageio` `\(NoticeScene.good)`
                - bad: 2027-01-14 08:00 UTC: `openusd` `\(NoticeScene.usd)`, `openimageio` `\(NoticeScene.bad)`
                - image: `ci-vfxall-2026` `\(NoticeScene.digest)`
                - held inside: `osl@vfx2026/head`
                - reproduce: `canary reproduce a77`
                - mute: `canary mute openusd@vfx2026/head --until 2027-01-22`
                - episode: `e1`
                - page: <https://canary.example.org/jobs/openusd@vfx2026/head>

                For @oiio-maintainers, @usd/build
                """)
    }

    @Test(arguments: [
        (Notice.Kind.flaky, "openusd@vfx2026/head failed and then passed on the same inputs"),
        (.suspected, "openusd@vfx2026/head failed, and may be broken; openimageio changed"),
        (.healed, "openusd@vfx2026/head passes again after 24 h; no fix was identified; openimageio changed"),
        (.page, "openimageio broke openusd@vfx2026/head"),
        (
            .environment,
            "the environment is at fault, not a change: the last known good of openusd@vfx2026/head no longer builds"
        ),
        (.recovered, "openusd@vfx2026/head has recovered after 24 h; openimageio changed"),
        (.changed, "openusd@vfx2026/head is broken, and now fails with a different error; openimageio changed"),
        (.unexpectedPass, "openusd@vfx2026/head passes, although a failure is expected"),
        (.stale, "no finished run of openusd@vfx2026/head for two schedule periods"),
    ])
    func `has a headline of each kind`(_ kind: Notice.Kind, _ headline: String) throws {
        #expect(try NoticeScene.notice(kind).headline == headline)
    }

    @Test func `without a suspect says that the job is broken`() throws {
        let event = NoticeEvent(kind: .page, job: NoticeScene.usdJob, number: 1)
        let notice = Notice(
            event, of: try NoticeScene.stack(siteURL: nil), in: NoticeContext(run: "r1", at: NoticeScene.now))
        #expect(
            notice.text == """
                openusd@vfx2026/head is broken
                image: ci-vfxall-2026 \(NoticeScene.digest)
                mute: canary mute openusd@vfx2026/head --until 2027-01-22
                """)
    }

    @Test func `never shows the password of a repository`() throws {
        let notice = try NoticeScene.notice(culprit: NoticeScene.culprit())
        #expect(notice.ranges.map(\.repository) == ["https://github.com/AcademySoftwareFoundation/OpenImageIO.git"])
        let all = try String(decoding: JSONEncoder().encode(notice), as: UTF8.self) + notice.text + notice.markdown
        #expect(!all.contains("secret"))
    }

    // MARK: - Hostile text

    private static let hostile = [
        "\u{1B}[31mred\u{1B}[0m\u{1B}]0;title\u{07}", "<img src=x onerror=alert(1)>",
        "@everyone @usd/build #1 fixes #2",
        "`` ` ```code``` [a](javascript:b)", "a\u{202E}gnp.exe\u{202C}\u{2066}\u{200B}b",
        "x\n- forged\n\n# forged\r\n---",
        "z" + String(repeating: "\u{0301}", count: 3000), String(repeating: "0123456789", count: 1000),
        "\u{9B}31mC1\u{85}x\0y",
    ]

    @Test(arguments: hostile)
    func `keeps its lines and its size, whatever the outside text`(_ text: String) throws {
        let error = FirstError(text: text, file: text, line: 1)
        let tame = try NoticeScene.notice(
            culprit: NoticeScene.culprit(subject: "s", author: "a"), error: FirstError(text: "t", file: "f", line: 1))
        let notice = try NoticeScene.notice(culprit: NoticeScene.culprit(subject: text, author: text), error: error)
        #expect(notice.text.split(separator: "\n").count == tame.text.split(separator: "\n").count)
        #expect(notice.markdown.split(separator: "\n").count == tame.markdown.split(separator: "\n").count)
        #expect(notice.text.unicodeScalars.count <= 2000 && notice.briefMarkdown.unicodeScalars.count <= 1900)
        #expect(notice.headline.unicodeScalars.count <= 240)
        for scalar in (notice.text + notice.markdown).unicodeScalars where scalar != "\n" {
            #expect(scalar.properties.generalCategory != .control && scalar.properties.generalCategory != .format)
        }
        // Outside code spans, Markdown is the same as that of the tame one.
        #expect(Self.withoutCode(notice.markdown) == Self.withoutCode(tame.markdown))
    }

    /// Markdown with each code span replaced by one word: a span ends with as many backticks as it began with.
    private static func withoutCode(_ markdown: String) -> String {
        var (rest, out) = (Substring(markdown), "")
        while let tick = rest.firstIndex(of: "`") {
            out += rest[..<tick]
            let fence = rest[tick...].prefix { $0 == "`" }
            var after = rest[fence.endIndex...]
            while let next = after.firstIndex(of: "`") {
                let run = after[next...].prefix { $0 == "`" }
                after = after[run.endIndex...]
                if run.count == fence.count { break }
            }
            out += "CODE"
            rest = after
        }
        return out + rest
    }
}
