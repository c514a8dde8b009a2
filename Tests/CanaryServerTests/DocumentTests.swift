// SPDX-License-Identifier: Apache-2.0

import CanaryHistory
import CanaryJudge
import CanaryModel
import CanaryPages
import CanaryTestSupport
import CanaryText
import Foundation
import Testing

@testable import CanaryServer

/// Compares documents with their JSON Schemas, the manual and earlier output.
@Suite("Documents") struct DocumentTests {
    private static let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// A history with a green run, a flaky one, an expected failure and an open episode.
    private func withHistory(site: String? = nil, _ body: (Publication, SiteFixture) async throws -> Void) async throws
    {
        try await SiteFixture.with(site: site) { fixture in
            try await fixture.run("r1", minute: 0, openexr: .passed, transitions: [(.unknown, .passing)])
            try await fixture.run("r2", minute: 5, openexr: .flaky)
            try await fixture.run("r3", minute: 10, openexr: .failed, transitions: [(.passing, .suspected)])
            try await body(Publication(stack: fixture.stack, history: fixture.history.reader), fixture)
        }
    }

    private func texts(_ publication: Publication, _ fixture: SiteFixture) async throws -> [String: String] {
        _ = try await fixture.history.inbox.ask(
            RequestStart(id: "q1", kind: .run, body: "{}", origin: "http", askedAt: SiteFixture.start))
        let request = RequestDocument(try #require(try await fixture.history.reader.requests.request("q1")))
        return [
            "status": try await publication.status().json(), "feed": try await publication.news().json(),
            "lkg": try #require(try await publication.lastKnownGood(of: "vfx2026")).json(),
            "badge": try #require(try await publication.badges()[SiteFixture.job("openexr")]).json(),
            "run": try #require(try await publication.run("r3")).json(),
            "graph": try GraphDocument(publication.stack.graph).json(), "request": try request.json(),
            "problem": try ProblemDocument(status: 404, error: "x", hint: nil).json(),
        ]
    }

    @Test func `every document is valid against its schema`() async throws {
        try await withHistory { publication, fixture in
            for (name, text) in try await texts(publication, fixture) {
                let file = "\(fixture.root)/\(name).json"
                try text.write(toFile: file, atomically: false, encoding: .utf8)
                #expect(try validate(file, against: name) == "", "\(text)")
                // The check itself must be able to fail.
                var object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
                object[try #require(object.keys.filter { $0 != "hint" && $0 != "detail" }.min())] = ["wrong": 1]
                try JSONSerialization.data(withJSONObject: object).write(to: URL(fileURLWithPath: file))
                #expect(try validate(file, against: name) != "", "\(name)")
            }
        }
    }

    @Test func `an empty history gives valid documents`() async throws {
        try await SiteFixture.with { fixture in
            for history in [nil, fixture.history.reader] {
                let publication = Publication(stack: fixture.stack, history: history)
                for (name, text) in [
                    ("status", try await publication.status().json()), ("feed", try await publication.news().json()),
                ] {
                    let file = "\(fixture.root)/\(name).json"
                    try text.write(toFile: file, atomically: false, encoding: .utf8)
                    #expect(try validate(file, against: name) == "")
                }
                #expect(try await publication.lastKnownGood(of: "vfx2026") == nil)
            }
        }
    }

    @Test func `the manual names every field`() async throws {
        let manual = try String(contentsOf: Self.repository.appending(path: "docs/feed.md"), encoding: .utf8)
        try await withHistory { publication, fixture in
            for (name, text) in try await texts(publication, fixture) {
                let keys = Self.keys(of: try JSONSerialization.jsonObject(with: Data(text.utf8)))
                let missing = keys.filter { !Self.isData($0) && !Self.isNamed($0, in: manual) }
                #expect(missing.isEmpty, "fields of \(name)")
            }
        }
    }

    private static func isNamed(_ key: String, in manual: String) -> Bool {
        ["`\(key)", ".\(key)"].contains { start in ["`", "[", "."].contains { manual.contains(start + $0) } }
    }

    private static func keys(of value: Any) -> Set<String> {
        if let object = value as? [String: Any] {
            return object.reduce(into: []) { $0.formUnion(keys(of: $1.value).union([$1.key])) }
        }
        return (value as? [Any] ?? []).reduce(into: []) { $0.formUnion(keys(of: $1)) }
    }

    /// Names of projects and variants are keys of maps.
    private static func isData(_ key: String) -> Bool {
        ["imath", "openexr", "vfx2026", "schema"].contains(key) || key.hasPrefix("key-")
    }

    @Test func `the badge is byte for byte as before`() async throws {
        try await withHistory { publication, _ in
            let badge = try #require(try await publication.badges()[SiteFixture.job("openexr")])
            #expect(
                try badge.json() == """
                    {
                      "color" : "yellow",
                      "isError" : false,
                      "label" : "openexr@vfx2026/head",
                      "message" : "suspected",
                      "schemaVersion" : 1
                    }
                    """)
        }
    }

    @Test func `the status of a job in an episode is as before`() async throws {
        try await withHistory { publication, _ in
            let text = try await publication.status(only: [SiteFixture.job("openexr")]).json()
            let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
            var job = try #require((object["jobs"] as? [[String: Any]])?.first)
            job["lastKnownGood"] = (job["lastKnownGood"] as? [String: Any])?["run"]
            job["firstKnownBad"] = (job["firstKnownBad"] as? [String: Any])?["run"]
            let flat = try JSONSerialization.data(
                withJSONObject: job, options: [.sortedKeys, .withoutEscapingSlashes])
            #expect(String(decoding: flat, as: UTF8.self) == Self.suspected)
        }
    }

    private static let suspected = """
        {"episode":{"culprit":null,"culprits":[],"fingerprint":"f1","firstError":{"file":"src/a.cpp","line":7,"names":[],"text":"'IMATH_OLD' was not declared"},"id":"e-r3","openedAt":"2027-01-15T08:10:00Z",\
        "url":"jobs/openexr@vfx2026/head.html"},"expectedFailure":null,"firstKnownBad":"r3","flaky":false,"held":false,\
        "job":"openexr@vfx2026/head","lastKnownGood":"r1","lastResult":"failed","lastRunAt":"2027-01-15T08:10:00Z",\
        "pagesAt":null,"since":"2027-01-15T08:10:00Z","stale":false,"tests":null,"verdict":"suspected"}
        """

    @Test func `the feed has the news, with ids that contain no address`() async throws {
        try await withHistory { publication, _ in
            let text = try await publication.news().json()
            #expect(text.contains(#""id" : "r3/openexr@vfx2026/head""#))
            #expect(text.contains(#""url" : "jobs/openexr@vfx2026/head.html""#))
            #expect(!text.contains("r1/openexr"), "a first pass is not news")
        }
        try await withHistory(site: "https://canary.example.org/x") { publication, _ in
            let text = try await publication.news().json()
            #expect(text.contains(#""id" : "r3/openexr@vfx2026/head""#))
            #expect(text.contains(#""url" : "https://canary.example.org/x/jobs/openexr@vfx2026/head.html""#))
            #expect(text.contains(#""feed_url" : "https://canary.example.org/x/feed.json""#))
        }
    }

    @Test func `the status and the page of a job say where its error was seen before`() async throws {
        try await withHistory { publication, fixture in
            #expect(try await publication.status().json().contains(#""fingerprint" : "f1""#))
            #expect(try await publication.status().clusters.isEmpty, "one episode alone is no cluster")
            try await fixture.run("r4", minute: 15, openexr: .passed, transitions: [(.suspected, .passing)])
            try await fixture.run("r5", minute: 20, openexr: .failed, transitions: [(.passing, .suspected)])
            let cluster = try #require(try await publication.status().clusters.first)
            #expect(cluster.fingerprint == "f1")
            #expect(cluster.since.value == SiteFixture.start + 1200)
            #expect(cluster.jobs.map(\.episode) == ["e-r5", "e-r3"])
            #expect(cluster.jobs.map(\.until.value) == [nil, SiteFixture.start + 600])
            let imath = try await publication.status(only: [SiteFixture.job("imath")])
            #expect(imath.clusters.isEmpty)
            let file = "\(fixture.root)/status.json"
            try await publication.status().json().write(toFile: file, atomically: false, encoding: .utf8)
            #expect(try validate(file, against: "status") == "")
            let notes = try await publication.notes(on: try await fixture.history.reader.jobs.overview())
            #expect(notes[SiteFixture.job("openexr")]?.sameError.map(\.episode) == ["e-r3"])
        }
    }

    @Test func `the last known good is the newest run in which every job passed`() async throws {
        try await withHistory { publication, fixture in
            func run() async throws -> String? { try await publication.lastKnownGood(of: "vfx2026")?.run }
            #expect(try await run() == "r1", "neither a flaky pass nor a failure")
            try await fixture.run("r4", minute: 15, openexr: .passed, judged: false)
            #expect(try await run() == "r1", "only judged runs")
            try await fixture.run("r5", minute: 20, openexr: .failedAsExpected("https://issue"))
            let lock = try #require(try await publication.lastKnownGood(of: "vfx2026"))
            #expect(lock.run == "r5" && lock.except == ["openexr"])
            #expect(
                lock.revisions == [
                    "imath": SiteFixture.source("a").revision, "openexr": SiteFixture.source("b").revision,
                ])
            #expect(lock.keys == ["imath": "key-imath", "openexr": "key-openexr"])
            #expect(lock.image.value?.digest == "sha256:11")
            let comparison = LockComparison(from: ["imath": "other", "gone": "x"], to: lock)
            #expect(
                comparison.text.split(separator: "\n").map { $0.prefix(12) } == [
                    "gone x -> -", "imath other ", "openexr - ->",
                ])
        }
    }

    @Test func `the status alone shows that a canary is dead`() async throws {
        try await withHistory { publication, fixture in
            let text = try await publication.status().json()
            #expect(text.contains(#""nextRunBy" : "2027-01-16T03:00:00Z""#))
            let variants = [
                Variant(name: "a", image: nil, lanes: [.head], schedule: try CronSchedule("0 1 * * *")),
                Variant(name: "b", image: nil, lanes: [.head]),
            ]
            let stack = Stack(
                name: "s", variants: variants, graph: fixture.stack.graph,
                operation: Operation(schedule: try CronSchedule("0 3 * * *")))
            #expect(stack.nextRun(after: SiteFixture.start)?.rfc3339 == "2027-01-16T01:00:00Z")
            #expect(stack.nextRun(after: nil) == nil)
        }
    }

    /// The findings of `scripts/validate-schema` in `file`; empty if there are none.
    private func validate(_ file: String, against schema: String) throws -> String {
        let words = [
            Self.repository.appending(path: "scripts/validate-schema").path,
            Self.repository.appending(path: "docs/schema/\(schema).schema.json").path, file,
        ]
        guard let ended = python(words) else { return "" }
        try #require(ended.status == 0 || ended.status == 1, "\(ended.testDescription)")
        return ended.status == 0 ? "" : ended.output
    }
}
