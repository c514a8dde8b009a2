// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The schema's history: one named step per change.
///
/// A step that was released is never edited; a new one is appended.
/// Vocabularies that are closed stand in `CHECK`s. Those that grow with every rule (reasons, decisions, messages)
/// are tables of words, so that a new word is one `INSERT` and rebuilds no table.
enum HistoryMigrations {
    /// Says that a SQLite file is ours: "CANA".
    static let applicationID = 0x4341_4E41

    /// All steps, in order.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 house, words and sources") { try $0.execute(sql: words) }
        migrator.registerMigration("2 runs and snapshots") { try $0.execute(sql: runs) }
        migrator.registerMigration("3 builds, attempts and prefixes") { try $0.execute(sql: builds) }
        migrator.registerMigration("4 verdicts") { try $0.execute(sql: verdicts) }
        migrator.registerMigration("5 run jobs") { try $0.execute(sql: runJobs) }
        migrator.registerMigration("6 what is written stays written") { try $0.execute(sql: guards) }
        migrator.registerMigration("7 reasons of containers") { try $0.execute(sql: containerReasons) }
        migrator.registerMigration("8 expected failures") { connection in
            try connection.execute(sql: "ALTER TABLE run_jobs ADD COLUMN expected_issue TEXT")
        }
        migrator.registerMigration("9 surfaces") { try $0.execute(sql: surfaces) }
        migrator.registerMigration("10 removed logs") { try $0.execute(sql: removedLogs) }
        migrator.registerMigration("11 reasons of inspection") { try $0.execute(sql: inspectionReasons) }
        migrator.registerMigration("12 kinds of messages") { connection in
            try connection.execute(
                sql: """
                    INSERT INTO message_kinds VALUES
                        ('page'), ('environment'), ('recovered'), ('changed'), ('unexpectedPass'), ('stale')
                    """)
        }
        migrator.registerMigration("13 reasons of diagnosis") { connection in
            try connection.execute(sql: "INSERT INTO reason_codes VALUES ('fetch.download')")
        }
        migrator.registerMigration("14 the judge's memory") { try $0.execute(sql: judge) }
        migrator.registerMigration("15 outbox") { try $0.execute(sql: outbox) }
        migrator.registerMigration("16 requests") { try $0.execute(sql: requests) }
        migrator.registerMigration("17 green runs") { try $0.execute(sql: greenRuns) }
        migrator.registerMigration("18 searches and probes") { try $0.execute(sql: searches) }
        return migrator
    }

    private static let words = """
        PRAGMA application_id = 0x43414E41;

        CREATE TABLE house (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            stack TEXT NOT NULL CHECK (stack <> ''),
            changed_at INTEGER
        ) STRICT;

        CREATE TABLE reason_codes (code TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
        INSERT INTO reason_codes VALUES
            ('fetch.unreachable'), ('fetch.timeout'), ('fetch.branch-missing'), ('fetch.revision-missing'),
            ('fetch.no-release'), ('fetch.checkout'), ('fetch.submodule'), ('configure.cmake'),
            ('configure.missing-package'), ('configure.other'), ('build.compiler'), ('build.linker'), ('build.other'),
            ('install.other'), ('test.failed'), ('limit.attempt'), ('limit.silence'), ('environment.disk-full'),
            ('environment.engine'), ('environment.tool-missing'), ('environment.killed'),
            ('environment.interrupted'), ('unknown');

        CREATE TABLE decision_codes (code TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
        INSERT INTO decision_codes VALUES
            ('never-built'), ('head-moved'), ('upstream-changed'), ('recipe-changed'), ('image-changed'), ('again'),
            ('confirm'), ('control'), ('probe'), ('forced'), ('unchanged'), ('cut-off'), ('ignored-paths'),
            ('not-selected'), ('held'), ('upstream-red');

        CREATE TABLE message_kinds (kind TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
        INSERT INTO message_kinds VALUES ('flaky'), ('suspected'), ('healed');

        CREATE TABLE sources (
            id INTEGER PRIMARY KEY,
            project TEXT NOT NULL CHECK (project <> ''),
            revision TEXT NOT NULL CHECK (revision <> ''),
            tree TEXT NOT NULL,
            committed_at INTEGER NOT NULL,
            UNIQUE (project, revision, tree, committed_at)
        ) STRICT;
        """

    private static let containerReasons = """
        INSERT INTO reason_codes VALUES ('limit.memory'), ('environment.image');
        """

    private static let inspectionReasons = """
        INSERT INTO reason_codes VALUES ('inspect.wrong-upstream'), ('inspect.unused-upstream');
        """

    private static let runs = """
        CREATE TABLE runs (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE CHECK (id <> ''),
            trigger TEXT NOT NULL,
            judged INTEGER NOT NULL CHECK (judged IN (0, 1)),
            state TEXT NOT NULL CHECK (state IN ('running', 'finished', 'interrupted')),
            started_at INTEGER NOT NULL,
            finished_at INTEGER CHECK (finished_at >= started_at),
            driver_pid INTEGER NOT NULL CHECK (driver_pid > 0),
            driver_started_at TEXT NOT NULL,
            CHECK ((state = 'running') = (finished_at IS NULL)),
            UNIQUE (seq, started_at, judged)
        ) STRICT;
        CREATE INDEX runs_by_time ON runs (started_at, seq);
        CREATE INDEX runs_running ON runs (seq) WHERE state = 'running';

        CREATE TABLE snapshot_revisions (
            run INTEGER NOT NULL REFERENCES runs (seq),
            kind TEXT NOT NULL CHECK (kind IN ('head', 'release', 'pin')),
            project TEXT NOT NULL CHECK (project <> ''),
            pin TEXT NOT NULL,
            source INTEGER REFERENCES sources (id),
            reason TEXT REFERENCES reason_codes (code),
            detail TEXT,
            PRIMARY KEY (run, kind, project, pin),
            CHECK ((kind = 'pin') = (pin <> '')),
            CHECK ((source IS NULL) = (reason IS NOT NULL)),
            CHECK ((reason IS NULL) = (detail IS NULL))
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE environments (
            run INTEGER NOT NULL REFERENCES runs (seq),
            variant TEXT NOT NULL CHECK (variant <> ''),
            environment TEXT NOT NULL CHECK (environment <> ''),
            PRIMARY KEY (run, variant)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE run_messages (
            run INTEGER NOT NULL REFERENCES runs (seq),
            n INTEGER NOT NULL CHECK (n >= 0),
            kind TEXT NOT NULL REFERENCES message_kinds (kind),
            project TEXT NOT NULL CHECK (project <> ''),
            variant TEXT NOT NULL CHECK (variant <> ''),
            lane TEXT NOT NULL CHECK (lane IN ('head', 'release', 'platform')),
            PRIMARY KEY (run, n)
        ) STRICT, WITHOUT ROWID;
        """

    private static let builds = """
        CREATE TABLE builds (
            id INTEGER PRIMARY KEY,
            key TEXT NOT NULL UNIQUE CHECK (key <> ''),
            format INTEGER NOT NULL CHECK (format > 0),
            project TEXT NOT NULL CHECK (project <> ''),
            source INTEGER NOT NULL REFERENCES sources (id),
            recipe TEXT NOT NULL,
            environment TEXT NOT NULL CHECK (environment <> ''),
            variant TEXT NOT NULL CHECK (variant <> ''),
            partial INTEGER NOT NULL CHECK (partial IN (0, 1)),
            UNIQUE (id, project, variant)
        ) STRICT;

        CREATE TABLE build_upstreams (
            build INTEGER NOT NULL REFERENCES builds (id),
            n INTEGER NOT NULL CHECK (n >= 0),
            project TEXT NOT NULL CHECK (project <> ''),
            upstream INTEGER NOT NULL REFERENCES builds (id) CHECK (upstream <> build),
            direct INTEGER NOT NULL CHECK (direct IN (0, 1)),
            PRIMARY KEY (build, n),
            UNIQUE (build, project)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX build_upstreams_by_upstream ON build_upstreams (upstream);

        CREATE TABLE attempts (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE CHECK (id <> ''),
            build INTEGER NOT NULL,
            project TEXT NOT NULL,
            variant TEXT NOT NULL,
            run INTEGER NOT NULL REFERENCES runs (seq),
            purpose TEXT NOT NULL CHECK (purpose IN ('first', 'rerun', 'confirm', 'control', 'probe', 'forced')),
            state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'finished', 'interrupted')),
            started_at INTEGER NOT NULL,
            finished_at INTEGER CHECK (finished_at >= started_at),
            driver_pid INTEGER NOT NULL CHECK (driver_pid > 0),
            driver_started_at TEXT NOT NULL,
            result TEXT CHECK (result IN
                ('passed', 'failed', 'error', 'timedOut', 'blocked', 'skipped', 'cancelled')),
            stage TEXT CHECK (stage IN ('fetch', 'configure', 'build', 'install', 'test', 'inspect')),
            reason TEXT REFERENCES reason_codes (code),
            error_text TEXT,
            error_file TEXT,
            error_line INTEGER,
            fingerprint TEXT,
            detail TEXT,
            log_bytes INTEGER CHECK (log_bytes >= 0),
            unreproducible INTEGER NOT NULL CHECK (unreproducible IN (0, 1)),
            FOREIGN KEY (build, project, variant) REFERENCES builds (id, project, variant),
            CHECK ((state IN ('queued', 'running')) = (finished_at IS NULL)),
            CHECK ((finished_at IS NULL) = (result IS NULL)),
            CHECK (result IS NOT NULL OR coalesce(stage, reason, error_text, fingerprint, detail, log_bytes) IS NULL),
            CHECK (error_text IS NOT NULL OR coalesce(error_file, error_line) IS NULL),
            CHECK (result <> 'passed' OR reason IS NULL),
            CHECK (state <> 'interrupted' OR (result = 'error' AND reason = 'environment.interrupted'))
        ) STRICT;
        CREATE INDEX attempts_by_build ON attempts (build, seq);
        CREATE INDEX attempts_by_run ON attempts (run, seq);
        CREATE INDEX attempts_running ON attempts (seq) WHERE state IN ('queued', 'running');
        CREATE INDEX attempts_pace ON attempts (project, variant, seq)
            WHERE result = 'passed' AND purpose IN ('first', 'rerun');

        CREATE TABLE stages (
            attempt INTEGER NOT NULL REFERENCES attempts (seq),
            n INTEGER NOT NULL CHECK (n >= 0),
            stage TEXT NOT NULL CHECK (stage IN ('fetch', 'configure', 'build', 'install', 'test', 'inspect')),
            started_at INTEGER NOT NULL,
            ended_at INTEGER NOT NULL CHECK (ended_at >= started_at),
            exit_code INTEGER,
            exit_signal INTEGER,
            log_offset INTEGER NOT NULL CHECK (log_offset >= 0),
            PRIMARY KEY (attempt, n),
            CHECK (exit_code IS NULL OR exit_signal IS NULL)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE prefixes (
            id INTEGER PRIMARY KEY,
            build INTEGER NOT NULL REFERENCES builds (id),
            tree TEXT NOT NULL CHECK (tree <> ''),
            files INTEGER NOT NULL CHECK (files >= 0),
            bytes INTEGER NOT NULL CHECK (bytes >= 0),
            created_at INTEGER NOT NULL,
            removed_at INTEGER CHECK (removed_at >= created_at)
        ) STRICT;
        CREATE INDEX prefixes_by_build ON prefixes (build, id);
        CREATE UNIQUE INDEX prefixes_stored ON prefixes (build) WHERE removed_at IS NULL;
        """

    private static let verdicts = """
        CREATE TABLE episodes (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE CHECK (id <> ''),
            project TEXT NOT NULL CHECK (project <> ''),
            variant TEXT NOT NULL CHECK (variant <> ''),
            lane TEXT NOT NULL CHECK (lane IN ('head', 'release', 'platform')),
            opened_at INTEGER NOT NULL,
            opened_by INTEGER NOT NULL REFERENCES runs (seq),
            closed_at INTEGER CHECK (closed_at >= opened_at),
            closed_by INTEGER REFERENCES runs (seq),
            CHECK ((closed_at IS NULL) = (closed_by IS NULL))
        ) STRICT;
        CREATE UNIQUE INDEX episodes_open ON episodes (project, variant, lane) WHERE closed_at IS NULL;

        CREATE TABLE transitions (
            id INTEGER PRIMARY KEY,
            run INTEGER NOT NULL REFERENCES runs (seq),
            project TEXT NOT NULL CHECK (project <> ''),
            variant TEXT NOT NULL CHECK (variant <> ''),
            lane TEXT NOT NULL CHECK (lane IN ('head', 'release', 'platform')),
            from_verdict TEXT NOT NULL CHECK (from_verdict IN ('unknown', 'passing', 'suspected', 'broken')),
            to_verdict TEXT NOT NULL CHECK (to_verdict IN ('unknown', 'passing', 'suspected', 'broken')),
            at INTEGER NOT NULL,
            episode INTEGER REFERENCES episodes (seq),
            CHECK (from_verdict <> to_verdict)
        ) STRICT;
        CREATE INDEX transitions_by_run ON transitions (run, id);
        CREATE INDEX transitions_by_episode ON transitions (episode, id);

        CREATE TABLE standings (
            project TEXT NOT NULL CHECK (project <> ''),
            variant TEXT NOT NULL CHECK (variant <> ''),
            lane TEXT NOT NULL CHECK (lane IN ('head', 'release', 'platform')),
            verdict TEXT NOT NULL CHECK (verdict IN ('unknown', 'passing', 'suspected', 'broken')),
            since INTEGER,
            episode INTEGER REFERENCES episodes (seq),
            PRIMARY KEY (project, variant, lane),
            CHECK ((verdict IN ('suspected', 'broken')) = (episode IS NOT NULL)),
            CHECK (verdict = 'unknown' OR since IS NOT NULL)
        ) STRICT, WITHOUT ROWID;
        """

    /// `run_at` and `judged` are the run's own, repeated so that one index finds a job's newest or oldest.
    private static let runJobs = """
        CREATE TABLE run_jobs (
            id INTEGER PRIMARY KEY,
            run INTEGER NOT NULL,
            run_at INTEGER NOT NULL,
            judged INTEGER NOT NULL,
            project TEXT NOT NULL,
            variant TEXT NOT NULL,
            lane TEXT NOT NULL,
            source INTEGER REFERENCES sources (id),
            key TEXT CHECK (key <> ''),
            conditional INTEGER NOT NULL CHECK (conditional IN (0, 1)),
            action TEXT NOT NULL CHECK (action IN ('build', 'reuse', 'blocked', 'skip')),
            decision TEXT NOT NULL REFERENCES decision_codes (code),
            decision_detail TEXT NOT NULL,
            red_upstreams TEXT NOT NULL CHECK (json_valid(red_upstreams)),
            fallback TEXT NOT NULL CHECK (json_valid(fallback)),
            recipe TEXT,
            environment TEXT,
            result TEXT CHECK (result IN
                ('passed', 'failed', 'error', 'timedOut', 'blocked', 'skipped', 'cancelled')),
            flaky INTEGER NOT NULL CHECK (flaky IN (0, 1)),
            stage TEXT CHECK (stage IN ('fetch', 'configure', 'build', 'install', 'test', 'inspect')),
            reason TEXT REFERENCES reason_codes (code),
            error_text TEXT,
            error_file TEXT,
            error_line INTEGER,
            fingerprint TEXT,
            verdict TEXT NOT NULL CHECK (verdict IN ('unknown', 'passing', 'suspected', 'broken')),
            UNIQUE (run, project, variant, lane),
            FOREIGN KEY (run, run_at, judged) REFERENCES runs (seq, started_at, judged),
            FOREIGN KEY (project, variant, lane) REFERENCES standings (project, variant, lane),
            CHECK (key IS NULL OR (source IS NOT NULL AND recipe IS NOT NULL AND environment IS NOT NULL)),
            CHECK (result IS NOT NULL OR coalesce(stage, reason, error_text, fingerprint) IS NULL),
            CHECK (result IS NOT NULL OR flaky = 0),
            CHECK (error_text IS NOT NULL OR coalesce(error_file, error_line) IS NULL),
            CHECK (result <> 'passed' OR reason IS NULL)
        ) STRICT;
        CREATE INDEX run_jobs_by_job ON run_jobs (project, variant, lane, run_at, run);
        CREATE INDEX run_jobs_by_key ON run_jobs (key) WHERE key IS NOT NULL;
        CREATE INDEX run_jobs_shown ON run_jobs (project, variant, lane, run_at, run)
            WHERE result IN ('passed', 'failed', 'timedOut', 'error', 'blocked')
            AND reason IS NOT 'environment.interrupted';
        CREATE INDEX run_jobs_built ON run_jobs (project, variant, lane, run_at, run)
            WHERE key IS NOT NULL AND result IN ('passed', 'failed', 'timedOut');
        CREATE INDEX run_jobs_good ON run_jobs (project, variant, lane, run_at, run)
            WHERE judged = 1 AND key IS NOT NULL AND result = 'passed' AND flaky = 0;
        CREATE INDEX run_jobs_bad ON run_jobs (project, variant, lane, run_at, run)
            WHERE judged = 1 AND key IS NOT NULL AND result IN ('failed', 'timedOut');

        CREATE TABLE run_job_upstreams (
            run_job INTEGER NOT NULL REFERENCES run_jobs (id),
            source INTEGER NOT NULL REFERENCES sources (id),
            PRIMARY KEY (run_job, source)
        ) STRICT, WITHOUT ROWID;
        """

    private static let guards = """
        CREATE TRIGGER runs_only_end BEFORE UPDATE ON runs
        WHEN OLD.state <> 'running' OR NEW.seq <> OLD.seq OR NEW.id <> OLD.id OR NEW.trigger <> OLD.trigger
            OR NEW.judged <> OLD.judged OR NEW.started_at <> OLD.started_at
        BEGIN SELECT RAISE(ABORT, 'a run only ends, once'); END;

        CREATE TRIGGER attempts_only_end BEFORE UPDATE ON attempts
        WHEN OLD.state IN ('finished', 'interrupted') OR NEW.seq <> OLD.seq OR NEW.id <> OLD.id
            OR NEW.build <> OLD.build OR NEW.run <> OLD.run OR NEW.purpose <> OLD.purpose
            OR NEW.started_at <> OLD.started_at OR (OLD.state = 'running' AND NEW.state = 'queued')
        BEGIN SELECT RAISE(ABORT, 'an attempt only ends, once'); END;

        CREATE TRIGGER builds_only_become_whole BEFORE UPDATE ON builds
        WHEN NEW.id <> OLD.id OR NEW.key <> OLD.key OR NEW.format <> OLD.format OR NEW.project <> OLD.project
            OR NEW.source <> OLD.source OR NEW.recipe <> OLD.recipe OR NEW.environment <> OLD.environment
            OR NEW.variant <> OLD.variant OR NEW.partial > OLD.partial
        BEGIN SELECT RAISE(ABORT, 'a build never changes'); END;

        CREATE TRIGGER prefixes_only_go BEFORE UPDATE ON prefixes
        WHEN OLD.removed_at IS NOT NULL OR NEW.id <> OLD.id OR NEW.build <> OLD.build OR NEW.tree <> OLD.tree
            OR NEW.files <> OLD.files OR NEW.bytes <> OLD.bytes OR NEW.created_at <> OLD.created_at
        BEGIN SELECT RAISE(ABORT, 'a prefix is only removed, once'); END;

        CREATE TRIGGER episodes_only_close BEFORE UPDATE ON episodes
        WHEN OLD.closed_at IS NOT NULL OR NEW.seq <> OLD.seq OR NEW.id <> OLD.id OR NEW.project <> OLD.project
            OR NEW.variant <> OLD.variant OR NEW.lane <> OLD.lane OR NEW.opened_at <> OLD.opened_at
            OR NEW.opened_by <> OLD.opened_by
        BEGIN SELECT RAISE(ABORT, 'an episode only closes, once'); END;

        CREATE TRIGGER sources_stay BEFORE UPDATE ON sources BEGIN SELECT RAISE(ABORT, 'a source never changes'); END;
        CREATE TRIGGER stages_stay BEFORE UPDATE ON stages BEGIN SELECT RAISE(ABORT, 'a stage never changes'); END;
        CREATE TRIGGER transitions_stay BEFORE UPDATE ON transitions
        BEGIN SELECT RAISE(ABORT, 'a transition never changes'); END;

        CREATE TRIGGER run_jobs_come_while_running BEFORE INSERT ON run_jobs
        WHEN (SELECT state FROM runs WHERE seq = NEW.run) <> 'running'
        BEGIN SELECT RAISE(ABORT, 'the run has ended'); END;
        CREATE TRIGGER run_jobs_change_while_running BEFORE UPDATE ON run_jobs
        WHEN (SELECT state FROM runs WHERE seq = OLD.run) <> 'running' OR NEW.id <> OLD.id OR NEW.run <> OLD.run
            OR NEW.project <> OLD.project OR NEW.variant <> OLD.variant OR NEW.lane <> OLD.lane
        BEGIN SELECT RAISE(ABORT, 'the run has ended'); END;

        CREATE TRIGGER runs_stay BEFORE DELETE ON runs BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
        CREATE TRIGGER builds_stay BEFORE DELETE ON builds BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
        CREATE TRIGGER attempts_stay BEFORE DELETE ON attempts BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
        CREATE TRIGGER stages_are_kept BEFORE DELETE ON stages BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
        CREATE TRIGGER prefixes_stay BEFORE DELETE ON prefixes BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
        CREATE TRIGGER run_jobs_stay BEFORE DELETE ON run_jobs BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
        CREATE TRIGGER transitions_are_kept BEFORE DELETE ON transitions BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
        CREATE TRIGGER episodes_stay BEFORE DELETE ON episodes BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
        """
}
