// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryModel
import Foundation
import GRDB
import Testing

@testable import CanaryHistory

@Suite("Searches")
struct SearchRecordTests {
    let history: History

    init() async throws {
        history = try History.inMemory(stack: "aswf")
    }

    private static let subject = SearchSubject(
        commits: [1, 2].map { number in
            Commit(
                project: "imath", revision: "c\(number)", parents: ["c\(number - 1)"], subject: "change \(number) (#7)",
                author: "Ada", committedAt: Date(timeIntervalSince1970: 1000 + Double(number)))
        }, base: ["imath": "c0"])

    private func start(_ id: String, asking question: String, within: String? = nil, at second: Int = 0) -> SearchStart
    {
        SearchStart(
            id: id, kind: .upstream, question: question, job: job("imath"), within: within, subject: Self.subject,
            beganAt: minute(second))
    }

    @Test func `come back with their probes, and the first answer of a number counts`() async throws {
        var settings = SearchSettings()
        try await history.recorder.searches.begin(start("s1", asking: "q"), settings: settings)
        let probe = Probe(n: 1, phase: .search, point: ProbePoint(prefix: 1), answer: .fail)
        let record = ProbeRecord(probe: probe, beganAt: minute(1), seconds: 2.5, exitCode: 1)
        try await history.recorder.searches.record(record, of: "s1")
        let other = Probe(n: 1, phase: .search, point: ProbePoint(prefix: 2), answer: .pass)
        try await history.recorder.searches.record(ProbeRecord(probe: other, beganAt: minute(2), seconds: 1), of: "s1")
        settings.options.refused = [2]
        settings.evidence = NameEvidence(project: "imath", kind: "macro", name: "X", builds: 3)
        try await history.recorder.searches.resume(search: "s1", settings: settings)
        let found = try #require(try await history.reader.searches.search("s1"))
        #expect(found.start == start("s1", asking: "q") && found.probes == [record] && found.settings == settings)
        #expect(found.endedAt == nil && found.search.probes == [probe])
        try await history.recorder.searches.end(search: "s1", at: minute(9))
        #expect(try await history.reader.searches.search("s1")?.endedAt == minute(9))
        #expect(try await history.reader.kind(of: "s1") == .search("s1"))
        #expect(try await history.reader.searches.search("s9") == nil)
    }

    @Test func `are found by their question, the latest of them`() async throws {
        try await history.recorder.searches.begin(start("s1", asking: "q"), settings: SearchSettings())
        try await history.recorder.searches.begin(start("s2", asking: "q"), settings: SearchSettings())
        try await history.recorder.searches.begin(start("s3", asking: "in", within: "s2"), settings: SearchSettings())
        #expect(try await history.reader.searches.search(asking: "q")?.start.id == "s2")
        #expect(try await history.reader.searches.search(asking: "nothing") == nil)
        #expect(try await history.reader.searches.searches(within: "s2").map(\.start.id) == ["s3"])
        #expect(try await history.reader.searches.searches(about: job("imath")).map(\.start.id) == ["s2", "s1"])
    }

    @Test func `count the probes that were built`() async throws {
        try await history.recorder.searches.begin(start("s1", asking: "q"), settings: SearchSettings())
        for (n, reused) in [(1, false), (2, true), (3, false)] {
            let probe = Probe(n: n, phase: .search, point: ProbePoint(prefix: 1), answer: .pass, reused: reused)
            try await history.recorder.searches.record(
                ProbeRecord(probe: probe, beganAt: minute(n), seconds: 1), of: "s1")
        }
        #expect(try await history.reader.searches.probes(madeSince: minute(0)) == 2)
        #expect(try await history.reader.searches.probes(madeSince: minute(3)) == 1)
    }

    @Test(arguments: [
        "UPDATE probes SET answer = 'pass'", "DELETE FROM probes", "DELETE FROM searches",
        "UPDATE searches SET subject = '{}'", "UPDATE searches SET question = 'other'",
    ])
    func `stay as they are written, even by hand`(_ sql: String) async throws {
        try await history.recorder.searches.begin(start("s1", asking: "q"), settings: SearchSettings())
        let probe = Probe(n: 1, phase: .search, point: ProbePoint(prefix: 1), answer: .fail)
        try await history.recorder.searches.record(ProbeRecord(probe: probe, beganAt: minute(1), seconds: 1), of: "s1")
        await #expect(throws: HistoryError.self) { try await history.access.write { try $0.execute(sql: sql) } }
    }

    @Test func `tell a squash and a merge by the pull request in their subject`() {
        func commit(_ subject: String, parents: Int = 1) -> Commit {
            Commit(
                project: "p", revision: "r", parents: (0..<parents).map { "\($0)" }, subject: subject, author: "",
                committedAt: minute(0))
        }
        #expect(commit("Fix it (#12)").pullRequest == 12 && commit("Fix it (#12)").isSquash)
        #expect(commit("Merge pull request #9 from x/y", parents: 2).pullRequest == 9)
        #expect(!commit("Merge pull request #9 from x/y", parents: 2).isSquash)
        #expect(commit("See #12 and (#13) too").pullRequest == nil)
    }
}
