// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryText
import Foundation
import Testing

@testable import CanaryHistory
@testable import CanaryPages

@Suite("Pages") struct PageTests {
    private let samples: Samples

    init() throws { samples = Samples(try SampleStack.family()) }

    private func index() -> String { Page.index(IndexView(samples.context(), samples.facts)) }

    @Test func `the index begins with what is broken`() throws {
        let page = index()
        let title = try #require(page.range(of: "</svg>1 broken</span>"))
        let broken = try #require(page.range(of: "jobs/openusd@vfx2026/head"))
        let table = try #require(page.range(of: "<table class=\"matrix\">"))
        #expect(title.lowerBound < broken.lowerBound)
        #expect(broken.lowerBound < table.lowerBound)
        #expect(page.contains("api: clean up the namespace macros"))
        #expect(page.contains("99.4 %"))
        #expect(page.contains("OIIO_NAMESPACE_USING"))
    }

    @Test func `a suspected job says what the policy waits for and when it can page`() {
        let page = index()
        #expect(page.contains("waits for 1 of 2 failing heads at an age of 12 h"))
        #expect(page.contains("pages at <time datetime=\"\((now + 3600).rfc3339)\">"))
    }

    @Test(arguments: [
        ("openvdb@vfx2027-draft/head", "error"), ("openusd@vfx2027-draft/head", "blocked"),
        ("materialx@vfx2025/platform", "stale"), ("alembic@vfx2026/head", "held"),
    ]) func `lost coverage is shown as lost and never as a pass`(job: String, word: String) throws {
        let page = index()
        let cell = try #require(page.firstRange(of: "aria-label=\"\(word): \(job)\""))
        let link = page[..<cell.lowerBound].suffix(80)
        #expect(link.contains("class=\"lost\""))
        #expect(!page.contains("aria-label=\"passing: \(job)\""))
    }

    @Test func `jobs that fail for the same reason share one card`() throws {
        let samples = Samples(try SampleStack.large(50))
        let page = Page.index(IndexView(samples.context(), samples.facts))
        #expect(page.ranges(of: "<article class=\"card broken\"").count == 1)
        let others = #/<p class="others">and <a href="jobs/project-9@vfx2025/head">.*project-9@vfx2027-draft/head/#
        #expect(page.firstMatch(of: others) != nil)
    }

    @Test func `a failing job says who fails with the same error, since when, and where it was seen before`() throws {
        let broken = JobID(project: "openusd", variant: "vfx2026", lane: .head)
        let osl = JobID(project: "osl", variant: "vfx2025", lane: .head)
        var samples = samples
        samples.facts.notes[broken]?.sameError = [
            FailureCluster.Member(job: osl, episode: "e7", since: now - 7200),
            FailureCluster.Member(job: broken, episode: "e3", since: now - 9000, until: now - 8000),
        ]
        func time(_ date: Date) -> String { "<time datetime=\"\(date.rfc3339)\">\(date.minuteText)</time>" }
        let page = Page.index(IndexView(samples.context(), samples.facts))
        let link = "<a href=\"jobs/\(osl)\">\(osl)</a>"
        #expect(page.contains("<p class=\"same\">the same error as \(link) since \(time(now - 7200))</p>"))
        #expect(page.contains("the same error was seen in <span>this job</span> until \(time(now - 8000))</p>"))
        let own = Page.job(JobView(samples.context(), samples.job(broken)))
        #expect(own.contains(">\(osl)</a> since \(time(now - 7200))</p>"))
        #expect(own.contains("<span>this job</span> until \(time(now - 8000))</p>"))
    }

    @Test func `a failure that is expected is neither green nor broken`() throws {
        let page = index()
        #expect(page.contains("<a class=\"expected\" href=\"jobs/opencolorio@vfx2025/release\""))
    }

    @Test func `a missing job of a project says so`() {
        #expect(index().contains("<span class=\"none\">no job</span>"))
    }

    @Test func `changes since the last known good link to the comparison of the forge`() throws {
        let job = try #require(JobID("osl@vfx2026/head"))
        let page = Page.job(JobView(samples.context(), samples.job(job)))
        let compare =
            /https:\/\/github.com\/AcademySoftwareFoundation\/\w+\/compare\/[0-9a-f]{40}\.\.\.[0-9a-f]{40}/
        #expect(page.firstMatch(of: compare) != nil)
        #expect(page.contains("<b>image</b>"))
    }

    @Test func `links are relative and contain literal job names`() throws {
        let job = try #require(JobID("openusd@vfx2026/head"))
        #expect(index().contains("href=\"jobs/openusd@vfx2026/head\""))
        let page = Page.job(JobView(samples.context(), samples.job(job)))
        #expect(page.contains("<link rel=\"stylesheet\" href=\"../../style.css\">"))
        #expect(page.contains("href=\"../../runs/r0112\""))
        #expect(page.contains("href=\"../../attempts/a1000\""))
    }

    @Test func `in a folder, links lead to files and to nothing that only a server has`() throws {
        let job = try #require(JobID("openusd@vfx2026/head"))
        let index = Page.index(IndexView(samples.context(.files), samples.facts))
        let page = Page.job(JobView(samples.context(.files), samples.job(job)))
        #expect(index.contains("href=\"jobs/openusd@vfx2026/head.html\""))
        #expect(Links.file(of: job) == "jobs/openusd@vfx2026/head.html")
        #expect(page.contains("href=\"../../index.html\""))
        for html in [index, page] {
            for address in ["runs/", "attempts/", "searches/", "data-events"] {
                #expect(!html.contains("=\"\(address)") && !html.contains("../\(address)"))
            }
        }
    }

    @Test func `an empty history has a page too`() {
        let context = PageContext(stack: samples.stack, site: .server, changedAt: nil, nextRunBy: nil)
        let page = Page.index(IndexView(context, IndexFacts()))
        #expect(page.contains("<title>2 lost, 48 unknown · "))
        #expect(page.contains("no runs yet"))
        #expect(!page.contains("Open breakage"))
    }

    @Test func `the page is a function of its facts alone`() {
        #expect(index() == index())
    }

    @Test func `the other pages have their contents`() {
        let context = samples.context()
        let run = Page.run(RunView(context, samples.run))
        #expect(run.contains("<h1>Run r0112</h1>") && run.contains("no tag of the repository is a release"))
        let search = Page.search(SearchView(context, samples.search))
        #expect(search.contains("culprit found") && search.contains("<svg class=\"plot\""))
        #expect(search.contains("<td class=\"number\">90 %</td>"))
        let problem = Page.problem(ProblemView(context, depth: 2, status: 404, text: "there is no such job"))
        #expect(problem.contains("../../style.css") && problem.contains("there is no such job"))
    }

    @Test func `tests are shown where a build reported them, and what is news about them`() throws {
        let context = samples.context()
        let job = try #require(samples.stack.jobs.first)
        let facts = samples.job(job)
        #expect(!Page.job(JobView(context, facts)).contains("tests of the last build"))
        var notes = facts.notes
        notes.tests = JobTests(
            attempt: "a1", isPassed: true, counts: TestCounts(ran: 3, failed: 1, skipped: 0), before: nil,
            newlyFailing: JobTests.Names(count: 1, first: ["<b>"]))
        let shown = JobFacts(job: job, overview: facts.overview, entries: facts.entries, notes: notes)
        let text = "3 ran, 1 failed; <bdi>1 newly failing in a passed build: &lt;b&gt;</bdi>"
        #expect(Page.job(JobView(context, shown)).contains(text))
    }

    @Test func `every page is one document with landmarks and a level-one heading`() async throws {
        let context = samples.context()
        let job = try #require(samples.stack.jobs.first)
        for page in [
            index(), Page.job(JobView(context, samples.job(job))), Page.run(RunView(context, samples.run)),
            Page.search(SearchView(context, samples.search)), Page.log(LogView(context, await samples.log("a\n"))),
            Page.problem(ProblemView(context, depth: 0, status: 500, text: "x")),
        ] {
            #expect(page.hasPrefix("<!doctype html>\n<html lang=\"en\""))
            for part in ["<main id=\"main\"", "<header", "<footer>", "<h1", "href=\"#main\"", "</html>"] {
                #expect(page.ranges(of: part).count == 1, "\(part)")
            }
            #expect(!page.contains("{{") && !page.contains("}}"))
            #expect(!page.contains("style=\"") && !page.contains("<style") && !page.contains(" on" + "click"))
            #expect(!page.contains("Optional("))
        }
    }

    @Test func `every file of a template is registered`() throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/CanaryPages/Templates")
        let files = try FileManager.default.contentsOfDirectory(atPath: sources.path())
        #expect(files.sorted() == Templates.files.map { "\($0.0).mustache" }.sorted())
    }
}
