// SPDX-License-Identifier: Apache-2.0

import CanaryTestSupport
import Foundation
import GRDB
import Testing

@testable import CanaryHistory

@Suite("A history file")
struct OpeningTests {
    let folder: TemporaryFolder
    var path: String { folder.database }

    init() { folder = TemporaryFolder() }

    @Test func `is created, and opened again`() async throws {
        try await History.open(path: path, stack: "aswf").recorder.begin(start("r1"))
        #expect(try await History.open(path: path, stack: "aswf").reader.runs.run("r1")?.start == start("r1"))
        #expect(try await History.openForReading(path: path, stack: "aswf")?.runs.latest() == "r1")
        #expect(try await History.openForReading(path: path, stack: nil)?.runs.latest() == "r1")
    }

    @Test func `takes two writers`() async throws {
        let one = try History.open(path: path, stack: "aswf")
        let two = try History.open(path: path, stack: "aswf")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<40 {
                group.addTask { try await (index % 2 == 0 ? one : two).recorder.begin(start("r\(index)")) }
            }
            try await group.waitForAll()
        }
        #expect(try await one.reader.runs.newest(limit: 99).count == 40)
        #expect(try await two.reader.runs.newest(limit: 99).count == 40)
    }

    @Test func `of another stack is refused with both names`() throws {
        _ = try History.open(path: path, stack: "aswf")
        let error = HistoryError(
            .otherStack, "`\(path)` belongs to the stack `aswf`, not to `mine`",
            hint: "give each stack a state folder of its own with `--state`")
        #expect(throws: error) { _ = try History.open(path: path, stack: "mine") }
        #expect(throws: error) { _ = try History.openForReading(path: path, stack: "mine") }
        let text = """
            `\(path)` belongs to the stack `aswf`, not to `mine`
            hint: give each stack a state folder of its own with `--state`
            """
        #expect(error.description == text)
    }

    @Test func `of a newer canary is refused`() async throws {
        let history = try History.open(path: path, stack: "aswf")
        try await history.access.write {
            try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99 from the future')")
        }
        #expect(await code { _ = try History.open(path: path, stack: "aswf") } == .newerSchema)
        #expect(await code { _ = try History.openForReading(path: path, stack: nil) } == .newerSchema)
    }

    @Test func `of an older canary is migrated by a writer, not by a reader`() async throws {
        try await makeOlder()
        #expect(await code { _ = try History.openForReading(path: path, stack: "aswf") } == .olderSchema)
        #expect(try await History.open(path: path, stack: "aswf").reader.runs.latest() == "r1")
        #expect(try await History.openForReading(path: path, stack: "aswf")?.runs.latest() == "r1")
    }

    /// Takes a step away that only adds words.
    private func makeOlder() async throws {
        let history = try History.open(path: path, stack: "aswf")
        try await history.recorder.begin(start("r1"))
        try await history.access.write { connection in
            let step = try #require(HistoryMigrations.migrator.migrations.first { $0.hasPrefix("7 ") })
            try connection.execute(sql: "DELETE FROM grdb_migrations WHERE identifier = ?", arguments: [step])
            try connection.execute(
                sql: "DELETE FROM reason_codes WHERE code IN ('limit.memory', 'environment.image')")
        }
    }

    @Test(arguments: ["no database, only text", String(repeating: "x", count: 8192)])
    func `that is garbage is refused and left alone`(_ text: String) async throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        #expect(await code { _ = try History.open(path: path, stack: "aswf") } == .notADatabase)
        #expect(await code { _ = try History.openForReading(path: path, stack: nil) } == .notADatabase)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(text.utf8))
    }

    @Test func `of another program is refused and left alone`() async throws {
        try await DatabaseQueue(path: path).write { try $0.execute(sql: "CREATE TABLE house (stack TEXT)") }
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(await code { _ = try History.open(path: path, stack: "aswf") } == .notADatabase)
        #expect(await code { _ = try History.openForReading(path: path, stack: nil) } == .notADatabase)
        #expect(await code { _ = try History.openForReading(path: folder.path, stack: nil) } == .notADatabase)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }

    @Test func `that does not exist is not created by a reader`() throws {
        #expect(try History.openForReading(path: path, stack: "aswf") == nil)
        #expect(try folder.names() == [])
        #expect(try History.openForReading(path: folder.path + "/none/canary.sqlite", stack: nil) == nil)
    }

    @Test func `is not changed by a reader`() async throws {
        do { try await History.open(path: path, stack: "aswf").recorder.begin(start("r1")) }
        let names = try folder.names()
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        do {
            let reader = try #require(try History.openForReading(path: path, stack: "aswf"))
            #expect(try await reader.runs.latest() == "r1")
            #expect(
                await code { try await reader.access.read { try $0.execute(sql: "DELETE FROM runs") } } == .readOnly)
            #expect(try folder.names() == names)
        }
        #expect(try folder.names() == names)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }

    @Test func `is not changed by the reader of a writer`() async throws {
        for history in [try History.open(path: path, stack: "aswf"), try History.inMemory(stack: "aswf")] {
            let reader = history.reader
            try await history.recorder.begin(start("r1"))
            #expect(
                await code { try await reader.access.read { try $0.execute(sql: "DELETE FROM runs") } } == .readOnly)
            #expect(try await reader.runs.latest() == "r1")
        }
    }

    @Test func `is read while it is written`() async throws {
        let writer = try History.open(path: path, stack: "aswf")
        let reader = try #require(try History.openForReading(path: path, stack: "aswf"))
        try await writer.recorder.begin(start("r1"))
        #expect(try await reader.runs.latest() == "r1")
    }

    @Test func `in a read-only folder is refused`() async throws {
        // Not even root makes a file in /proc.
        #expect(await code { _ = try History.open(path: "/proc/canary.sqlite", stack: "aswf") } == .cannotOpen)
    }

    @Test func `in a folder that does not exist is refused`() async throws {
        #expect(await code { _ = try History.open(path: folder.path + "/no/x.sqlite", stack: "aswf") } == .cannotOpen)
    }

    @Test func `survives a kill in the middle of a transaction`() async throws {
        do { try await History.open(path: path, stack: "aswf").recorder.begin(start("r1")) }
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let history = try History.open(path: path, stack: "aswf")
            try await history.recorder.begin(opened("a1"), of: build("k-imath"), in: "r1")
            try await history.access.write { connection in
                for index in 0..<2000 {
                    try connection.perform(
                        "INSERT INTO sources (project, revision, tree, committed_at) VALUES ('p', ?, ?, 0)",
                        ["\(index)", String(repeating: "t", count: 4000)])
                }
                kill(getpid(), SIGKILL)
            }
        }
        let history = try History.open(path: path, stack: "aswf")
        let check = try await history.access.reading.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") }
        #expect(check == ["ok"])
        #expect(
            try await history.access.reading.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM sources") } == 1)
        #expect(try await history.recorder.closeInterrupted(at: minute(5)) == ["a1"])
    }

    @Test func `has a write-ahead log, foreign keys and a busy timeout`() async throws {
        let history = try History.open(path: path, stack: "aswf")
        let settings = try await history.access.write { connection in
            try ["synchronous", "foreign_keys", "busy_timeout"].map { name in
                try Int.fetchOne(connection, sql: "PRAGMA \(name)")
            }
        }
        #expect(settings == [1, 1, 5000])
        #expect(try await history.access.reading.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
    }
}
