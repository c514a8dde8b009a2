// SPDX-License-Identifier: Apache-2.0

import CanaryBisection
import CanaryModel
import CanaryTestSupport
import Foundation
import GRDB
import Testing

@testable import CanaryHistory

@Suite("Surfaces of installed trees")
struct SurfaceRecordTests {
    let history: History

    init() async throws {
        history = try History.inMemory(stack: "aswf")
        try await history.recorder.begin(start("r1"))
    }

    private func surface(macro: String = "A", symbols: String...) -> Surface {
        Surface([
            .macro: Surface.Part([macro: "a.h: 1\nb.h: \"2\""]),
            .symbol: Surface.Part(Dictionary(uniqueKeysWithValues: symbols.map { ($0, "") }), isComplete: false),
        ])
    }

    private func install(
        _ attempt: String, _ key: String, tree: String, _ surface: Surface, outcome: Outcome = .passed,
        stored: Bool = true
    ) async throws {
        try await history.recorder.begin(opened(attempt), of: build(key), in: "r1")
        let end = AttemptFinish(
            finishedAt: minute(2), outcome: outcome,
            prefix: stored ? StoredPrefix(tree: tree, files: 1, bytes: 1) : nil,
            surface: InstalledSurface(tree: tree, surface: surface))
        #expect(try await history.recorder.finish(attempt, with: end))
    }

    private func count(_ table: String) async throws -> Int? {
        try await history.access.reading.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") }
    }

    @Test func `are kept with the prefix and outlive it`() async throws {
        try await install("a1", "k1", tree: "t1", surface(symbols: "f", "g"))
        #expect(try await history.reader.builds.build("k1")?.lastTree == "t1")
        try await history.recorder.retention.forgetPrefixes(["k1"])
        #expect(try await history.reader.builds.storedPrefix(of: "k1") == nil)
        #expect(try await history.reader.builds.build("k1")?.lastTree == "t1")
        #expect(try await history.reader.builds.surface(of: "t1") == surface(symbols: "f", "g"))
        #expect(try await history.reader.builds.surface(of: "t2") == nil)
    }

    @Test func `share the parts that are the same`() async throws {
        try await install("a1", "k1", tree: "t1", surface(symbols: "f"))
        try await install("a2", "k2", tree: "t2", surface(macro: "B", symbols: "f"))
        try await install("a3", "k3", tree: "t1", surface(symbols: "f"))
        #expect(try await count("surfaces") == 2 * Surface.Kind.allCases.count)
        #expect(try await count("surface_parts") == 4, "two of macros, one of symbols, the empty one")
        #expect(try await history.reader.builds.surface(of: "t2") == surface(macro: "B", symbols: "f"))
    }

    @Test func `of failures and of trees that are not stored are not kept`() async throws {
        try await install("a1", "k1", tree: "t1", surface(), outcome: compilerError)
        #expect(try await history.reader.builds.surface(of: "t1") == nil)
        #expect(try await history.reader.builds.build("k1")?.lastTree == nil)
        try await install("a2", "k1", tree: "t1", Surface([:]))
        #expect(
            try await history.reader.builds.surface(of: "t1") == Surface([:]),
            "a tree that offers nothing is known, too")
        try await install("a3", "k1", tree: "t2", surface(), stored: false)
        #expect(try await history.reader.builds.surface(of: "t2") == nil)
        #expect(try await history.reader.builds.build("k1")?.lastTree == "t1")
    }

    @Test func `of a prefix from before they were recorded come with its next attempt`() async throws {
        try await history.execute("a1", build("k1"), in: "r1", tree: "t1")
        #expect(try await history.reader.builds.surface(of: "t1") == nil)
        try await install("a2", "k1", tree: "t1", surface(), stored: false)
        #expect(try await history.reader.builds.surface(of: "t1") == surface())
    }

    @Test func `have a place for every kind of thing`() async throws {
        let all = Surface(
            Dictionary(uniqueKeysWithValues: Surface.Kind.allCases.map { ($0, Surface.Part(["x": "y"])) }))
        try await install("a1", "k1", tree: "t1", all)
        #expect(try await history.reader.builds.surface(of: "t1") == all)
    }

    @Test(arguments: ["UPDATE surfaces SET complete = 1", "UPDATE surface_parts SET forms = '{}'"])
    func `never change`(_ sql: String) async throws {
        try await install("a1", "k1", tree: "t1", surface(symbols: "f"))
        #expect(await code { try await history.access.write { try $0.execute(sql: sql) } } == .contradiction)
    }

    // MARK: - Retention

    private func known(_ trees: String...) async throws -> [String] {
        var known: [String] = []
        for tree in trees where try await history.reader.builds.surface(of: tree) != nil { known.append(tree) }
        return known
    }

    private func prune(keeping keys: Set<String> = []) async throws {
        let trees = try await history.reader.retention.unneededSurfaces(keeping: keys)
        try await history.recorder.retention.forgetSurfaces(of: trees) { false }
    }

    @Test func `are forgotten when no stored prefix and no build that stays has them, with the parts of them alone`()
        async throws
    {
        try await install("a1", "k1", tree: "t1", surface(macro: "A", symbols: "f"))
        try await install("a2", "k2", tree: "t2", surface(macro: "B", symbols: "f"))
        try await install("a3", "k3", tree: "t3", surface(macro: "C", symbols: "g"))
        try await prune()
        #expect(try await known("t1", "t2", "t3") == ["t1", "t2", "t3"], "all are stored")
        try await history.recorder.retention.forgetPrefixes(["k1", "k3"])
        try await prune(keeping: ["k3"])
        #expect(try await known("t1", "t2", "t3") == ["t2", "t3"])
        #expect(try await history.reader.builds.surface(of: "t2") == surface(macro: "B", symbols: "f"))
        #expect(try await count("surface_parts") == 5, "macros B and C, symbols f and g, the empty one")
        #expect(try await history.reader.builds.build("k1")?.lastTree == "t1")
        try await prune()
        #expect(try await known("t1", "t2", "t3") == ["t2"])
        #expect(try await count("surface_parts") == 3)
        try await install("a4", "k1", tree: "t1", surface(macro: "A", symbols: "f"))
        #expect(try await known("t1") == ["t1"], "a build that is made again is described again")
    }

    @Test func `of a tree that was stored in the meantime stay`() async throws {
        try await install("a1", "k1", tree: "t1", surface())
        try await history.recorder.retention.forgetSurfaces(of: ["t1"]) { false }
        #expect(try await known("t1") == ["t1"])
        try await history.recorder.retention.forgetPrefixes(["k1"])
        try await history.recorder.retention.forgetSurfaces(of: ["t1"]) { true }
        #expect(try await known("t1") == ["t1"], "stopped")
    }

    @Test func `that an open search used stay until it ends, with those of the upstreams`() async throws {
        try await install("a1", "i1", tree: "t1", surface())
        let upstream = UpstreamBuild(project: "imath", key: "i1", direct: true)
        let below = build("o1", "openexr", upstreams: [upstream])
        try await history.recorder.begin(opened("a2"), of: below, in: "r1")
        let end = AttemptFinish(
            finishedAt: minute(2), outcome: .passed, prefix: StoredPrefix(tree: "t2", files: 1, bytes: 1),
            surface: InstalledSurface(tree: "t2", surface: surface(macro: "B")))
        _ = try await history.recorder.finish("a2", with: end)
        let subject = SearchSubject(commits: [], base: [:])
        try await history.recorder.searches.begin(
            SearchStart(
                id: "s1", kind: .upstream, question: "q", job: job("openexr"), subject: subject, beganAt: minute(3)),
            settings: SearchSettings())
        let probe = Probe(n: 1, phase: .search, point: ProbePoint(prefix: 1), answer: .pass)
        try await history.recorder.searches.record(
            ProbeRecord(probe: probe, beganAt: minute(3), seconds: 1, attempt: "a2"), of: "s1")
        try await history.recorder.retention.forgetPrefixes(["i1", "o1"])
        try await prune()
        #expect(try await known("t1", "t2") == ["t1", "t2"])
        try await history.recorder.searches.end(search: "s1", at: minute(4))
        try await prune()
        #expect(try await known("t1", "t2") == [])
    }

    @Test func `leave space that the next ones use`() async throws {
        let folder = TemporaryFolder()
        let history = try History.open(path: folder.database, stack: "aswf")
        try await history.recorder.begin(start("r1"))
        var sizes: [Int] = []
        for index in 0..<6 {
            let forms = (0..<20_000).map { ("MACRO_\(index)_\($0)_padding_padding", "a.h: 1") }
            let part = Surface.Part(Dictionary(uniqueKeysWithValues: forms))
            try await history.recorder.begin(opened("a\(index)"), of: build("k\(index)"), in: "r1")
            let end = AttemptFinish(
                finishedAt: minute(2), outcome: .passed, prefix: StoredPrefix(tree: "t\(index)", files: 1, bytes: 1),
                surface: InstalledSurface(tree: "t\(index)", surface: Surface([.macro: part])))
            _ = try await history.recorder.finish("a\(index)", with: end)
            try await history.recorder.retention.forgetPrefixes(["k\(index)"])
            let trees = try await history.reader.retention.unneededSurfaces(keeping: [])
            try await history.recorder.retention.forgetSurfaces(of: trees) { false }
            await history.recorder.retention.compact()
            let pages = try await history.access.reading.read { try Int.fetchOne($0, sql: "PRAGMA page_count") }
            sizes.append(try #require(pages))
        }
        #expect(sizes[5] <= sizes[1] + 20, "\(sizes)")
    }
}
