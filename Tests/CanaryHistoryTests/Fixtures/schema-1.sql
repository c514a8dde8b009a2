PRAGMA application_id = 0x43414E41;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES('1 house, words and sources');
INSERT INTO grdb_migrations VALUES('2 runs and snapshots');
INSERT INTO grdb_migrations VALUES('3 builds, attempts and prefixes');
INSERT INTO grdb_migrations VALUES('4 verdicts');
INSERT INTO grdb_migrations VALUES('5 run jobs');
INSERT INTO grdb_migrations VALUES('6 what is written stays written');
CREATE TABLE house (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    stack TEXT NOT NULL CHECK (stack <> ''),
    changed_at INTEGER
) STRICT;
INSERT INTO house VALUES(1,'aswf',1800000240000);
CREATE TABLE reason_codes (code TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO reason_codes VALUES('build.compiler');
INSERT INTO reason_codes VALUES('build.linker');
INSERT INTO reason_codes VALUES('build.other');
INSERT INTO reason_codes VALUES('configure.cmake');
INSERT INTO reason_codes VALUES('configure.missing-package');
INSERT INTO reason_codes VALUES('configure.other');
INSERT INTO reason_codes VALUES('environment.disk-full');
INSERT INTO reason_codes VALUES('environment.engine');
INSERT INTO reason_codes VALUES('environment.interrupted');
INSERT INTO reason_codes VALUES('environment.killed');
INSERT INTO reason_codes VALUES('environment.tool-missing');
INSERT INTO reason_codes VALUES('fetch.branch-missing');
INSERT INTO reason_codes VALUES('fetch.checkout');
INSERT INTO reason_codes VALUES('fetch.no-release');
INSERT INTO reason_codes VALUES('fetch.revision-missing');
INSERT INTO reason_codes VALUES('fetch.submodule');
INSERT INTO reason_codes VALUES('fetch.timeout');
INSERT INTO reason_codes VALUES('fetch.unreachable');
INSERT INTO reason_codes VALUES('install.other');
INSERT INTO reason_codes VALUES('limit.attempt');
INSERT INTO reason_codes VALUES('limit.silence');
INSERT INTO reason_codes VALUES('test.failed');
INSERT INTO reason_codes VALUES('unknown');
CREATE TABLE decision_codes (code TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO decision_codes VALUES('again');
INSERT INTO decision_codes VALUES('confirm');
INSERT INTO decision_codes VALUES('control');
INSERT INTO decision_codes VALUES('cut-off');
INSERT INTO decision_codes VALUES('forced');
INSERT INTO decision_codes VALUES('head-moved');
INSERT INTO decision_codes VALUES('held');
INSERT INTO decision_codes VALUES('ignored-paths');
INSERT INTO decision_codes VALUES('image-changed');
INSERT INTO decision_codes VALUES('never-built');
INSERT INTO decision_codes VALUES('not-selected');
INSERT INTO decision_codes VALUES('probe');
INSERT INTO decision_codes VALUES('recipe-changed');
INSERT INTO decision_codes VALUES('unchanged');
INSERT INTO decision_codes VALUES('upstream-changed');
INSERT INTO decision_codes VALUES('upstream-red');
CREATE TABLE message_kinds (kind TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO message_kinds VALUES('flaky');
INSERT INTO message_kinds VALUES('healed');
INSERT INTO message_kinds VALUES('suspected');
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    project TEXT NOT NULL CHECK (project <> ''),
    revision TEXT NOT NULL CHECK (revision <> ''),
    tree TEXT NOT NULL,
    committed_at INTEGER NOT NULL,
    UNIQUE (project, revision, tree, committed_at)
) STRICT;
INSERT INTO sources VALUES(1,'imath','aaaa1111','tree-a',1799994000000);
INSERT INTO sources VALUES(2,'openexr','bbbb2222','tree-b',1799994000000);
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
INSERT INTO runs VALUES(1,'r1','manual',1,'finished',1800000000000,1800000240000,4711,'boot:1234');
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
INSERT INTO snapshot_revisions VALUES(1,'head','imath','',1,NULL,NULL);
INSERT INTO snapshot_revisions VALUES(1,'head','openexr','',2,NULL,NULL);
INSERT INTO snapshot_revisions VALUES(1,'release','imath','',NULL,'fetch.no-release','no tag matches');
CREATE TABLE environments (
    run INTEGER NOT NULL REFERENCES runs (seq),
    variant TEXT NOT NULL CHECK (variant <> ''),
    environment TEXT NOT NULL CHECK (environment <> ''),
    PRIMARY KEY (run, variant)
) STRICT, WITHOUT ROWID;
INSERT INTO environments VALUES(1,'vfx2026','sha256:image');
CREATE TABLE run_messages (
    run INTEGER NOT NULL REFERENCES runs (seq),
    n INTEGER NOT NULL CHECK (n >= 0),
    kind TEXT NOT NULL REFERENCES message_kinds (kind),
    project TEXT NOT NULL CHECK (project <> ''),
    variant TEXT NOT NULL CHECK (variant <> ''),
    lane TEXT NOT NULL CHECK (lane IN ('head', 'release', 'platform')),
    PRIMARY KEY (run, n)
) STRICT, WITHOUT ROWID;
INSERT INTO run_messages VALUES(1,0,'suspected','openexr','vfx2026','head');
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
INSERT INTO builds VALUES(1,'k-imath',1,'imath',1,'recipe','sha256:image','vfx2026',0);
INSERT INTO builds VALUES(2,'k-openexr',1,'openexr',2,'recipe','sha256:image','vfx2026',0);
CREATE TABLE build_upstreams (
    build INTEGER NOT NULL REFERENCES builds (id),
    n INTEGER NOT NULL CHECK (n >= 0),
    project TEXT NOT NULL CHECK (project <> ''),
    upstream INTEGER NOT NULL REFERENCES builds (id) CHECK (upstream <> build),
    direct INTEGER NOT NULL CHECK (direct IN (0, 1)),
    PRIMARY KEY (build, n),
    UNIQUE (build, project)
) STRICT, WITHOUT ROWID;
INSERT INTO build_upstreams VALUES(2,0,'imath',1,1);
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
INSERT INTO attempts VALUES(1,'a1',1,'imath','vfx2026',1,'first','finished',1800000060000,1800000120000,4711,'boot:1234','passed',NULL,NULL,NULL,NULL,NULL,NULL,NULL,100,0);
INSERT INTO attempts VALUES(2,'a2',2,'openexr','vfx2026',1,'first','finished',1800000120000,1800000180000,4711,'boot:1234','failed','build','build.compiler','no member named ''x''','include/x.h',12,'f00d',NULL,200,0);
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
INSERT INTO stages VALUES(1,0,'build',1800000060000,1800000120000,0,NULL,0);
INSERT INTO stages VALUES(2,0,'build',1800000120000,1800000180000,1,NULL,0);
CREATE TABLE prefixes (
    id INTEGER PRIMARY KEY,
    build INTEGER NOT NULL REFERENCES builds (id),
    tree TEXT NOT NULL CHECK (tree <> ''),
    files INTEGER NOT NULL CHECK (files >= 0),
    bytes INTEGER NOT NULL CHECK (bytes >= 0),
    created_at INTEGER NOT NULL,
    removed_at INTEGER CHECK (removed_at >= created_at)
) STRICT;
INSERT INTO prefixes VALUES(1,1,'t0',3,4096,1800000120000,NULL);
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
INSERT INTO episodes VALUES(1,'e1','openexr','vfx2026','head',1800000000000,1,NULL,NULL);
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
INSERT INTO transitions VALUES(1,1,'openexr','vfx2026','head','unknown','suspected',1800000000000,1);
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
INSERT INTO standings VALUES('openexr','vfx2026','head','suspected',1800000000000,1);
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
INSERT INTO run_jobs VALUES(1,1,1800000000000,1,'openexr','vfx2026','head',2,'k-openexr',0,'build','never-built','','[]','{}','recipe','sha256:image','failed',0,'build','build.compiler','no member named ''x''','include/x.h',12,'f00d','suspected');
CREATE TABLE run_job_upstreams (
    run_job INTEGER NOT NULL REFERENCES run_jobs (id),
    source INTEGER NOT NULL REFERENCES sources (id),
    PRIMARY KEY (run_job, source)
) STRICT, WITHOUT ROWID;
INSERT INTO run_job_upstreams VALUES(1,1);
CREATE INDEX runs_by_time ON runs (started_at, seq);
CREATE INDEX runs_running ON runs (seq) WHERE state = 'running';
CREATE INDEX build_upstreams_by_upstream ON build_upstreams (upstream);
CREATE INDEX attempts_by_build ON attempts (build, seq);
CREATE INDEX attempts_by_run ON attempts (run, seq);
CREATE INDEX attempts_running ON attempts (seq) WHERE state IN ('queued', 'running');
CREATE INDEX attempts_pace ON attempts (project, variant, seq)
    WHERE result = 'passed' AND purpose IN ('first', 'rerun');
CREATE INDEX prefixes_by_build ON prefixes (build, id);
CREATE UNIQUE INDEX prefixes_stored ON prefixes (build) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX episodes_open ON episodes (project, variant, lane) WHERE closed_at IS NULL;
CREATE INDEX transitions_by_run ON transitions (run, id);
CREATE INDEX transitions_by_episode ON transitions (episode, id);
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
COMMIT;
