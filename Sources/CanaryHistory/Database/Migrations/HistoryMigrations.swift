// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The schema's history: one named step per change.
///
/// A step that was released is never edited; a new one is appended. Closed sets of words are `CHECK`s. Those that grow
/// with every rule (reasons, decisions, messages) are tables of words, so that a new word is one `INSERT` and rebuilds
/// no table.
enum HistoryMigrations {
    /// Marks a SQLite file as ours: "CANA".
    static let applicationID = 0x4341_4E41

    private static let steps = [
        ("1 house, words and sources", WordTables.first),
        ("2 runs and snapshots", RunTables.sql),
        ("3 builds, attempts and prefixes", BuildTables.sql),
        ("4 verdicts", VerdictTables.sql),
        ("5 run jobs", RunJobTables.sql),
        ("6 what is written stays written", Guards.sql),
        ("7 reasons of containers", WordTables.containerReasons),
        ("8 expected failures", RunJobTables.expectedFailures),
        ("9 surfaces", SurfaceTables.sql),
        ("10 removed logs", RemovalTables.sql),
        ("11 reasons of inspection", WordTables.inspectionReasons),
        ("12 kinds of messages", WordTables.messageKinds),
        ("13 reasons of diagnosis", WordTables.downloadReason),
        ("14 the judge's memory", JudgeTables.sql),
        ("15 outbox", OutboxTables.sql),
        ("16 requests", RequestTables.sql),
        ("17 green runs", RunJobTables.greenRuns),
        ("18 searches and probes", SearchTables.sql),
    ]

    /// All steps, in order.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for (name, sql) in steps { migrator.registerMigration(name) { try $0.execute(sql: sql) } }
        return migrator
    }
}
