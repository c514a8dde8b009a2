// SPDX-License-Identifier: Apache-2.0

import CanaryModel
import CanaryTestSupport
import Foundation
import GRDB
import Testing

@testable import CanaryHistory

@Suite("A history as a file") struct HistoryFileTests {
    let folder: TemporaryFolder
    var live: String { folder.database }
    var copy: String { folder.path + "/copy" }

    init() { folder = TemporaryFolder() }

    private func runs(_ path: String) async throws -> [String]? {
        try await History.openForReading(path: path, stack: "aswf")?.runs.newest(limit: 99).map(\.start.id)
    }

    @Test func `is copied whole while it is written`() async throws {
        let history = try History.open(path: live, stack: "aswf")
        try await history.recorder.begin(start("r1"))
        async let writing: Void = {
            for index in 2..<60 { try await history.recorder.begin(start("r\(index)", at: minute(index))) }
        }()
        for _ in 0..<10 {
            let found = try await HistoryFile.copy(live, to: copy)
            #expect(found.problems.isEmpty && found.stack == "aswf" && found.age == .current && found.runs > 0)
            #expect(try await runs(copy)?.count == found.runs)
        }
        try await writing
        #expect(try await HistoryFile.copy(live, to: copy).runs == 59)
        let files = try folder.names().filter { $0.hasPrefix("copy") }
        #expect(files == ["copy"], "one file, without a log of its own: \(files)")
    }

    @Test func `is copied despite the leftovers of a killed copy`() async throws {
        _ = try History.open(path: live, stack: "aswf")
        try Data("half".utf8).write(to: URL(filePath: copy + ".part-\(Int32.max)"))
        try Data("half".utf8).write(to: URL(filePath: copy + ".part-1"))
        _ = try await HistoryFile.copy(live, to: copy)
        #expect(try folder.names().filter { $0.hasPrefix("copy") } == ["copy", "copy.part-1"], "1 lives")
    }

    @Test func `replaces another for readers and writers that have it open`() async throws {
        let history = try History.open(path: live, stack: "aswf")
        try await history.recorder.begin(start("r1"))
        _ = try await HistoryFile.copy(live, to: copy)
        try await history.recorder.begin(start("r2", at: minute(9)))
        let reader = try #require(try History.openForReading(path: live, stack: "aswf"))
        let forgotten = try await HistoryFile.prepare(copy, for: live, now: minute(99)) { _, _, _ in true }
        #expect(try await reader.runs.latest() == "r2", "preparing changes nothing")
        #expect(forgotten == 0)
        #expect(try await HistoryFile.replace(at: live, keeping: live + ".before"))
        for opened in [reader, history.reader] { #expect(try await opened.runs.latest() == "r1") }
        #expect(try await reader.lastChange() == minute(99), "who asked before sees that it changed")
        try await history.recorder.begin(start("r3", at: minute(20)))
        #expect(try await runs(live + ".before") == ["r2", "r1"])
        #expect(try await runs(live) == ["r3", "r1"])
        #expect(try await HistoryFile.examine(live).problems.isEmpty)
    }

    @Test func `replaces nothing, and the leftovers of a lost file`() async throws {
        let other = folder.path + "/other.sqlite"
        try await History.open(path: other, stack: "aswf").recorder.begin(start("r1"))
        try Data("a log of something else".utf8).write(to: URL(filePath: live + "-wal"))
        _ = try await HistoryFile.prepare(other, for: live, now: minute(1)) { _, _, _ in false }
        #expect(try await HistoryFile.replace(at: live, keeping: live + ".before") == false)
        #expect(try await runs(live) == ["r1"])
        #expect(try folder.names().filter { $0.contains("before") || $0.contains("restoring") } == [])
    }

    @Test func `forgets prefixes that are in doubt`() async throws {
        let history = try History.open(path: live, stack: "aswf")
        try await history.recorder.begin(start("r1"))
        try await history.execute("a1", build("k-imath"), in: "r1", tree: "I")
        try await history.execute("a2", build("k-fmt", "fmt"), in: "r1", tree: "F")
        let forgotten = try await HistoryFile.prepare(live, for: copy, now: minute(50)) { project, key, since in
            project == "imath" && key == "k-imath" && since == minute(2)
        }
        #expect(forgotten == 1)
        _ = try await HistoryFile.replace(at: copy, keeping: copy + ".before")
        let placed = try #require(try History.openForReading(path: copy, stack: "aswf"))
        #expect(try await placed.builds.storedPrefixes() == ["k-fmt"])
        #expect(try await history.reader.builds.storedPrefixes() == ["k-fmt", "k-imath"])
    }

    @Test func `is examined, and its problems are reported`() async throws {
        let history = try History.open(path: live, stack: "aswf")
        #expect(try await HistoryFile.examine(live).newestRow == nil)
        try await history.recorder.begin(start("r1", at: minute(5_000_000)))
        #expect(try await HistoryFile.examine(live).newestRow == minute(5_000_000))
        try await history.access.database.writeWithoutTransaction { connection in
            try connection.execute(sql: "PRAGMA foreign_keys = OFF")
            try connection.execute(sql: "INSERT INTO environments VALUES (77, 'v', 'e')")
        }
        let found = try await HistoryFile.examine(live)
        #expect(found.problems == ["a row of `environments` refers to a row of `runs` that does not exist"])
        #expect(await code { _ = try await HistoryFile.copy(live, to: copy) } == .damaged)
        #expect(try folder.names().filter { $0.hasPrefix("copy") } == [], "no copy of what is damaged")
        try await history.access.write {
            try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 from the future')")
        }
        #expect(try await HistoryFile.examine(live).age == .newer)
        #expect(await code { _ = try await HistoryFile.examine(copy) } == .notADatabase)
    }
}
