// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import CanaryNotifications
import CanaryText
import Foundation
import Testing

@Suite("The document of a notice")
struct NoticeDocumentTests {
    private static let stem = "https://github.com/AcademySoftwareFoundation/OpenImageIO"

    @Test func `has everything that the text says`() throws {
        let notice = try notice(culprit: culprit)
        let document = try NoticeDocument(notice).json()
        let text = notice.text.replacing("\n", with: "\\n")
        let markdown = notice.markdown.replacing("\n", with: "\\n")
        #expect(document == Self.golden(text: text, markdown: markdown))
    }

    private static func golden(text: String, markdown: String) -> String {
        template.replacing("TEXT", with: text).replacing("MARKDOWN", with: markdown)
    }

    private static let template = """
        {
          "at" : "2027-01-15T08:00:00Z",
          "attempt" : "a77",
          "audience" : "maintainers",
          "culprit" : {
            "author" : "A. Author",
            "confidence" : 0.9971,
            "confirmed" : true,
            "parent" : "\(goodImageio)",
            "project" : "openimageio",
            "revision" : "\(badImageio)",
            "subject" : "Remove OIIO_FOO",
            "url" : null
          },
          "episode" : "e1",
          "firstError" : {
            "file" : "pxr/hio.cpp",
            "line" : 12,
            "text" : "'OIIO_FOO' was not declared"
          },
          "firstKnownBad" : {
            "at" : "2027-01-14T08:00:00Z",
            "revisions" : {
              "openimageio" : "\(badImageio)",
              "openusd" : "\(usd)"
            }
          },
          "held" : [

          ],
          "image" : {
            "digest" : "sha256:\(String(repeating: "e", count: 64))",
            "name" : "ci-vfxall-2026"
          },
          "issue" : null,
          "job" : "openusd@vfx2026/head",
          "jobs" : [
            "openusd@vfx2026/head"
          ],
          "key" : "aswf:page:e1-n1",
          "kind" : "page",
          "lastKnownGood" : {
            "at" : "2027-01-13T06:00:00Z",
            "revisions" : {
              "openimageio" : "\(goodImageio)",
              "openusd" : "\(usd)"
            }
          },
          "markdown" : "MARKDOWN",
          "mute" : "canary mute openusd@vfx2026/head --until 2027-01-22",
          "owners" : [
            "@oiio-maintainers",
            "a@example.org",
            "@usd/build"
          ],
          "ranges" : [
            {
              "from" : "\(goodImageio)",
              "project" : "openimageio",
              "repository" : "\(stem).git",
              "to" : "\(badImageio)",
              "url" : "\(stem)/compare/\(goodImageio)...\(badImageio)"
            }
          ],
          "reproduce" : "canary reproduce a77",
          "schema" : "canary.notice/1",
          "since" : "2027-01-14T08:00:00Z",
          "stack" : "aswf",
          "text" : "TEXT",
          "thread" : "e1-n1",
          "title" : "openimageio 2222222222 broke openusd@vfx2026/head",
          "upstream" : "openimageio",
          "urgency" : "page",
          "url" : "https://canary.example.org/jobs/openusd@vfx2026/head"
        }
        """

    @Test func `is harmless and small, whatever the log says`() throws {
        let hostile = "\u{1B}[31m\u{202E}<b>" + String(repeating: "x", count: 10_000)
        let document = try NoticeDocument(try notice(error: FirstError(text: hostile, file: hostile, line: 1))).json()
        #expect(document.utf8.count < 8000)
        #expect(!document.contains("\u{202E}") && !document.contains("u001b") && !document.contains("[31m"))
    }
}
