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
