// SPDX-License-Identifier: Apache-2.0

import CanaryJudge
import CanaryModel
import CanaryTestSupport
import Foundation
import GRDB
import Testing

@testable import CanaryHistory

/// `Fixtures/schema-1.sql` is what the first release wrote.
///
/// Later steps are tried on it; it is never made anew.
@Suite("The schema")
struct SchemaTests {
    private static let firstSteps = 6

    private func firstRelease() throws -> String {
        let url = try #require(
            Bundle.module.url(forResource: "schema-1", withExtension: "sql", subdirectory: "Fixtures"))
        return try String(contentsOf: url, encoding: .utf8)
    }

    private static func schema(_ connection: Database) throws -> [String] {
        try String.fetchAll(
            connection,
            sql: "SELECT sql FROM sqlite_master WHERE sql NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY type, name")
    }

    @Test func `of the first release is read by this one`() async throws {
        let folder = TemporaryFolder()
        let dump = try firstRelease()
        try await DatabaseQueue(path: folder.database).writeWithoutTransaction { try $0.execute(sql: dump) }
        let history = try History.open(path: folder.database, stack: "aswf")
        let run = try #require(try await history.reader.runs.run("r1"))
        #expect(run.jobs.map(\.result) == [.failed])
        #expect(run.attempts.map(\.outcome) == [.passed, compilerError])
        #expect(try await history.reader.jobs.overview()[job("openexr")]?.verdict == .suspected)
        #expect(try await history.reader.jobs.knowledge(of: [job("openexr")]).prefixes == ["k-imath": "t0"])
        #expect(
            try await history.access.reading.read { try String.fetchAll($0, sql: "PRAGMA integrity_check") } == ["ok"])
        #expect(
            try await history.access.reading.read { try Row.fetchAll($0, sql: "PRAGMA foreign_key_check").count } == 0)
    }

    @Test func `of the first release has not been edited since`() throws {
        let dump = try firstRelease()
        let then = try DatabaseQueue()
        try then.writeWithoutTransaction { try $0.execute(sql: dump) }
        let now = try DatabaseQueue()
        let migrator = HistoryMigrations.migrator
        try migrator.migrate(now, upTo: migrator.migrations[Self.firstSteps - 1])
        #expect(try now.read(Self.schema) == then.read(Self.schema))
    }

    @Test func `is strict, and has no table for what is not built yet`() async throws {
        let history = try History.inMemory(stack: "aswf")
        let loose = try await history.access.reading.read { connection in
            try String.fetchAll(
                connection,
                sql: """
                    SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0
                    AND name NOT LIKE 'sqlite%'
                    """)
        }
        #expect(loose == ["grdb_migrations"])
    }
}
