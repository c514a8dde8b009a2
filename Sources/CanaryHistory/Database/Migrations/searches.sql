CREATE TABLE searches (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (id <> ''),
    kind TEXT NOT NULL CHECK (kind IN ('command', 'upstream', 'name')),
    question TEXT NOT NULL CHECK (question <> ''),
    project TEXT,
    variant TEXT,
    lane TEXT CHECK (lane IN ('head', 'release', 'platform')),
    within INTEGER REFERENCES searches (seq),
    subject TEXT NOT NULL CHECK (json_valid(subject)),
    settings TEXT NOT NULL CHECK (json_valid(settings)),
    began_at INTEGER NOT NULL,
    ended_at INTEGER CHECK (ended_at >= began_at),
    CHECK ((project IS NULL) = (variant IS NULL) AND (project IS NULL) = (lane IS NULL))
) STRICT;
CREATE INDEX searches_by_question ON searches (question);

CREATE TABLE probes (
    search INTEGER NOT NULL REFERENCES searches (seq),
    n INTEGER NOT NULL CHECK (n >= 0),
    phase TEXT NOT NULL CHECK (phase IN ('search', 'control', 'isolation', 'confirm')),
    prefix INTEGER NOT NULL CHECK (prefix >= 0),
    ahead INTEGER CHECK (ahead > 0),
    answer TEXT NOT NULL CHECK (answer IN ('pass', 'fail', 'untestable', 'error')),
    reused INTEGER NOT NULL CHECK (reused IN (0, 1)),
    began_at INTEGER NOT NULL,
    seconds REAL NOT NULL CHECK (seconds >= 0),
    exit_code INTEGER,
    attempt INTEGER REFERENCES attempts (seq),
    PRIMARY KEY (search, n)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER searches_only_end BEFORE UPDATE ON searches
WHEN NEW.seq <> OLD.seq OR NEW.id <> OLD.id OR NEW.kind <> OLD.kind OR NEW.question <> OLD.question
    OR NEW.project IS NOT OLD.project OR NEW.variant IS NOT OLD.variant OR NEW.lane IS NOT OLD.lane
    OR NEW.within IS NOT OLD.within OR NEW.subject <> OLD.subject OR NEW.began_at <> OLD.began_at
BEGIN SELECT RAISE(ABORT, 'a search never changes'); END;
CREATE TRIGGER searches_stay BEFORE DELETE ON searches BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
CREATE TRIGGER probes_stay BEFORE UPDATE ON probes BEGIN SELECT RAISE(ABORT, 'a probe never changes'); END;
CREATE TRIGGER probes_are_kept BEFORE DELETE ON probes BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
