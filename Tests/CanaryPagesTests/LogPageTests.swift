// SPDX-License-Identifier: Apache-2.0

import CanaryPages
import Foundation
import Testing

@testable import CanaryHistory

@Suite("Log pages") struct LogPageTests {
    private let samples: Samples

    init() throws { samples = Samples(try SampleStack.family()) }

    private func page(
        _ text: String, stageStarts: [LogFacts.StageStart] = [], error: String? = nil, running: Bool = false
    ) async
        -> String
    {
        Page.log(
            LogView(
                samples.context(), await samples.log(text, stageStarts: stageStarts, running: running, error: error)))
    }

    @Test func `stages are marked where they begin and the first error can be jumped to`() async {
        let (text, stageStarts, error) = SiteSample.sampleLog(lines: 200)
        let page = await page(text, stageStarts: stageStarts, error: error)
        for stage in ["fetch", "configure", "build"] {
            #expect(page.contains("<a href=\"#stage-\(stage)\">\(stage)</a>"))
            #expect(page.ranges(of: "id=\"stage-\(stage)\"").count == 1)
        }
        #expect(page.contains("<a class=\"jump\" href=\"#L207\">"))
        #expect(page.contains("<span id=\"L207\" data-n=\"207\" class=\"first\">"))
    }

    @Test func `colours become classes and all other escapes are removed`() async {
        let page = await page(
            "\u{1B}[1;31merror:\u{1B}[0m x\u{1B}[2K\u{1B}]0;title\u{07}y\u{1B}[38;5;2mz\u{1B}[39m\u{1B}[48;2;1;2;3mw\n")
        #expect(page.contains("<span class=\"c1 bold\">error:</span> xy<span class=\"c2\">z</span>w\n</span>"))
        #expect(!page.contains("title\u{07}"))
    }

    @Test func `a colour continues in the next line and every line is closed`() async {
        let page = await page("\u{1B}[32mone\ntwo\u{1B}[0m\n")
        #expect(page.contains("data-n=\"1\"><span class=\"c2\">one</span>\n</span>"))
        #expect(page.contains("data-n=\"2\"><span class=\"c2\">two</span>\n</span>"))
    }

    @Test(arguments: [
        "\u{1B}", "\u{1B}[", "\u{1B}[31", "\u{1B}]8;;", "\u{1B}[;;;;;m", "\u{1B}[99999999999999999999m", "a\u{1B}[",
    ])
    func `a truncated sequence does no harm`(text: String) async {
        #expect(await page(text).contains("id=\"L1\""))
        #expect(await !page(text).unicodeScalars.contains("\u{1B}"))
    }

    @Test func `lines are counted as in the text of the log`() async {
        let page = await page("10%\r20%\r\nnext\r\n\r\nlast\r")
        for (number, text) in [(1, "10%"), (2, "20%"), (3, "next"), (4, ""), (5, "last")] {
            #expect(page.contains("data-n=\"\(number)\">\(text)\n</span>"))
        }
        #expect(!page.contains("id=\"L6\""))
    }

    @Test func `bytes that are not text are shown as replacement characters`() async {
        let log = LogFacts(
            attempt: await samples.log("").attempt, jobs: [],
            log: await LogText.of(
                LogBytes([0x61, 0xFF, 0xC3, 0x28, 0x0A, 0x00, 0x9B]), stageStarts: [], firstError: nil))
        let page = Page.log(LogView(samples.context(), log))
        #expect(page.contains("data-n=\"1\">a\u{FFFD}\u{FFFD}(\n</span>"))
    }

    @Test func `of a long log the beginning, the first error and the end are shown`() async {
        let lines = 20_000
        let text = (1...lines).map { $0 == 9000 ? "bad: it broke" : "line \($0)" }.joined(separator: "\n")
        let page = await page(text, error: "bad: it broke")
        for shown in [1, 300, 8700, 9000, 9300, 19_000, lines] { #expect(page.contains("id=\"L\(shown)\"")) }
        for hidden in [301, 8000, 12_000] { #expect(!page.contains("id=\"L\(hidden)\"")) }
        #expect(page.ranges(of: "class=\"gap\"").count == 2)
        #expect(page.contains("20000 lines"))
        #expect(page.utf8.count < 400_000)
    }

    @Test func `an empty log has no lines, and a missing log says why`() async {
        #expect(await !page("").contains("id=\"L1\""))
        let absent = LogFacts(
            attempt: await samples.log("").attempt, jobs: [], log: nil, absence: "removed by `canary gc`")
        #expect(Page.log(LogView(samples.context(), absent)).contains("removed by `canary gc`"))
    }

    @Test func `the log of a running attempt is followed`() async {
        let page = await page("a\n", running: true)
        #expect(page.contains("data-follow=\"../attempts/a0992/log?follow=1\""))
    }
}
