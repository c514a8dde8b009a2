// SPDX-License-Identifier: Apache-2.0

import CanaryModel
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
}
