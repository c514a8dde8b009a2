CREATE TABLE requests (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (id <> ''),
    kind TEXT NOT NULL CHECK (kind IN ('run', 'try', 'bisect', 'cancel')),
    body TEXT NOT NULL CHECK (json_valid(body)),
    origin TEXT NOT NULL CHECK (origin <> ''),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'finished', 'failed', 'cancelled')),
    asked_at INTEGER NOT NULL,
    started_at INTEGER CHECK (started_at >= asked_at),
    ended_at INTEGER CHECK (ended_at >= asked_at),
    run TEXT CHECK (run <> ''),
    detail TEXT,
    CHECK ((state IN ('waiting', 'running')) = (ended_at IS NULL)),
    CHECK (state <> 'waiting' OR started_at IS NULL),
    CHECK (state <> 'running' OR started_at IS NOT NULL)
) STRICT;
CREATE INDEX requests_open ON requests (seq) WHERE state IN ('waiting', 'running');

CREATE TRIGGER requests_only_move_on BEFORE UPDATE ON requests
WHEN OLD.state IN ('finished', 'failed', 'cancelled') OR NEW.seq <> OLD.seq OR NEW.id <> OLD.id
    OR NEW.kind <> OLD.kind OR NEW.body <> OLD.body OR NEW.origin <> OLD.origin OR NEW.asked_at <> OLD.asked_at
    OR (OLD.state = 'running' AND NEW.state = 'waiting')
BEGIN SELECT RAISE(ABORT, 'a request only moves on'); END;
CREATE TRIGGER requests_stay BEFORE DELETE ON requests BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
