// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The schema's history: one named step per change, each the SQL of one file of `Migrations`.
///
/// A step that was released is never edited; a new one is appended. Closed sets of words are `CHECK`s. Those that grow
/// with every rule (reasons, decisions, messages) are tables of words, so that a new word is one `INSERT` and rebuilds
/// no table.
enum HistoryMigrations {
    /// Marks a SQLite file as ours: "CANA".
    static let applicationID = 0x4341_4E41

    private static let steps = [
        ("1 house, words and sources", PackageResources.words_sql),
        // What the names of a stack stood for in each run.
        ("2 runs and snapshots", PackageResources.runs_sql),
        ("3 builds, attempts and prefixes", PackageResources.builds_sql),
        ("4 verdicts", PackageResources.verdicts_sql),
        // `run_at` and `judged` are the run's own, repeated so that one index finds a job's newest or oldest.
        ("5 run jobs", PackageResources.runJobs_sql),
        ("6 what is written stays written", PackageResources.guards_sql),
        ("7 reasons of containers", PackageResources.containerReasons_sql),
        ("8 expected failures", PackageResources.expectedFailures_sql),
        // By tree hash, kept when the prefix is gone. Most changes leave macros and symbols alone: trees share parts.
        ("9 surfaces", PackageResources.surfaces_sql),
        ("10 removed logs", PackageResources.removedLogs_sql),
        ("11 reasons of inspection", PackageResources.inspectionReasons_sql),
        ("12 kinds of messages", PackageResources.messageKinds_sql),
        ("13 reasons of diagnosis", PackageResources.downloadReason_sql),
        // Values of the judge, stored whole: nothing is ever looked up by what is in them.
        ("14 the judge's memory", PackageResources.judge_sql),
        // `notices` holds the entries, `letters` the batches; an entry waits without a batch until it joins one.
        ("15 outbox", PackageResources.outbox_sql),
        ("16 requests", PackageResources.requests_sql),
        // Finds the newest green run of a variant without reading all jobs of the runs since.
        ("17 green runs", PackageResources.greenRuns_sql),
        // Enough to continue a search, and to report on it.
        ("18 searches and probes", PackageResources.searches_sql),
        ("19 reason of the disk", PackageResources.diskReason_sql),
        // Parts that no surface uses are removed, and each removal asks who uses the part.
        ("20 surfaces by part", PackageResources.surfaceParts_sql),
        // Counts stay; what each test ended with goes when nothing needs it. Names are stored once for all attempts.
        ("21 tests", PackageResources.tests_sql),
        // Finds everything that ever failed with an error in a few steps. What older histories hold is taken over.
        ("22 fingerprints of episodes", PackageResources.episodeFingerprints_sql),
        // Read with its attempt, and never looked into.
        ("23 what attempts consumed", PackageResources.consumption_sql),
        ("24 reasons of the machine", PackageResources.machineReasons_sql),
        ("25 culprits of episodes, results of requests", PackageResources.episodeCulprits_sql),
    ]

    /// All steps, in order.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for (name, file) in steps {
            migrator.registerMigration(name) { try $0.execute(sql: String(decoding: file, as: UTF8.self)) }
        }
        return migrator
    }
}
