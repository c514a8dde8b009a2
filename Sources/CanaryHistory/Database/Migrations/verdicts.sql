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
