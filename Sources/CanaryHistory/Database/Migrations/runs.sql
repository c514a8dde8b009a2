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
