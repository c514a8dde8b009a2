// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryPages
import Foundation
import Testing

@testable import CanaryHistory

@Suite("Hostile text") struct HostileTextTests {
    /// Everything at once: markup, both quotes, escapes, direction marks, a long word, Mustache itself.
    static let hostile =
        "</title><script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u{1B}[31mred\u{1B}]8;;http://x\u{07}\u{202E}gnirts"
        + "\u{2066}\u{0}\u{85}{{frame.stack}}{{{frame.stack}}}&amp; javascript:alert(3) "
        + String(repeating: "w", count: 10_000)

    private func pages() async throws -> [String] {
        let samples = Samples(try SampleStack.family(), outside: { _ in Self.hostile })
        let context = samples.context()
        let job = try #require(JobID("openusd@vfx2026/head"))
        let expected = try #require(JobID("opencolorio@vfx2025/release"))
        return [
            Page.index(IndexView(context, samples.facts)), Page.job(JobView(context, samples.job(job))),
            Page.job(JobView(context, samples.job(expected))),
            Page.run(RunView(context, samples.run)), Page.search(SearchView(context, samples.search)),
            Page.log(LogView(context, await samples.log(Self.hostile + "\n" + Self.hostile, error: Self.hostile))),
            Page.problem(ProblemView(context, depth: 0, status: 404, text: Self.hostile)),
        ]
    }

    @Test func `it never becomes an element, an attribute or a script`() async throws {
        for page in try await pages() {
            #expect(page.contains("&lt;script&gt;alert(1)"))
            #expect(page.ranges(of: "<script").count == 1)
            #expect(!page.contains("<img"))
            #expect(!page.contains("href=\"javascript"))
            #expect(!page.contains("gnirts\u{202E}") && !page.unicodeScalars.contains("\u{202E}"))
            #expect(!page.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" && $0 != "\t" })
            #expect(page.contains("{{frame.stack}}"))
        }
    }

    @Test func `its markup stays balanced`() async throws {
        for page in try await pages() { try #expect(balance(page) == []) }
    }

    @Test func `only the log shows a long word completely`() async throws {
        for page in try await pages() where !page.contains("id=\"log\"") {
            #expect(!page.contains(String(repeating: "w", count: 600)))
        }
    }

    @Test func `direction marks and control characters are written out`() async throws {
        let page = try await pages()[6]
        #expect(page.contains("‹U+202E›gnirts‹U+2066›\u{FFFD}\u{FFFD}"))
    }

    @Test(arguments: [
        "javascript:alert(1)", "file:///etc/passwd", "/srv/git/a.git", "git@git.example:a/b.git", "https://",
        "https://git.example/a/b",
        "ssh://h/p",
    ]) func `a repository without a known forge gets no link`(address: String) throws {
        let project = Project(name: "a", location: .repository(address), builds: [:])
        let stack = Stack(name: "s", variants: [], graph: try ProjectGraph([project]))
        let good = LastKnownGood(variant: "v", at: now, run: "r1", revisions: ["a": sha(1)])
        let variant = Variant(name: "v", image: nil, lanes: [.head])
        let context = PageContext(
            stack: Stack(name: "s", variants: [variant], graph: stack.graph), site: .server, changedAt: nil,
            nextRunBy: nil)
        let page = Page.index(IndexView(context, IndexFacts(lastKnownGoods: [good])))
        #expect(page.contains("<span class=\"sha\">\(sha(1).prefix(10))</span>"))
    }

    @Test func `a password in a repository's address is on no page`() throws {
        let project = Project(
            name: "a", location: .repository("https://me:secret@gitlab.example/g/a.git"), builds: [:])
        let context = PageContext(
            stack: Stack(
                name: "s", variants: [Variant(name: "v", image: nil, lanes: [.head])],
                graph: try ProjectGraph([project])), site: .server, changedAt: nil, nextRunBy: nil)
        let good = LastKnownGood(variant: "v", at: now, run: "r1", revisions: ["a": sha(1)])
        let page = Page.index(IndexView(context, IndexFacts(lastKnownGoods: [good])))
        #expect(page.contains("https://gitlab.example/g/a/-/commit/"))
        #expect(!page.contains("secret"))
    }

    /// The names of elements that are opened and not closed, or closed and not opened.
    private func balance(_ page: String) throws -> [String] {
        let empty: Set = ["meta", "link", "br", "input", "path", "circle", "rect", "use"]
        var open: [String] = []
        var wrong: [String] = []
        for tag in page.matches(of: /<(\/?)([a-z][a-z0-9]*)[^>]*?(\/?)>/) {
            let name = String(tag.2)
            if empty.contains(name) || tag.3 == "/" { continue }
            if tag.1.isEmpty {
                open.append(name)
            } else if open.popLast() != name {
                wrong.append("</\(name)>")
            }
        }
        return wrong + open
    }
}
