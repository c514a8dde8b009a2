CREATE TABLE notice_kinds (kind TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO notice_kinds VALUES
    ('flaky'), ('suspected'), ('healed'), ('page'), ('environment'), ('recovered'), ('changed'),
    ('unexpectedPass'), ('stale'), ('updated');

CREATE TABLE letters (
    id INTEGER PRIMARY KEY,
    receiver TEXT NOT NULL CHECK (receiver <> ''),
    key TEXT NOT NULL CHECK (key <> ''),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'givenUp')),
    created_at INTEGER NOT NULL,
    tried_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    trouble TEXT,
    ended_at INTEGER,
    remote TEXT CHECK (remote <> ''),
    UNIQUE (receiver, key),
    CHECK ((state = 'waiting') = (ended_at IS NULL)),
    CHECK (state <> 'givenUp' OR trouble IS NOT NULL)
) STRICT;
CREATE INDEX letters_waiting ON letters (receiver, id) WHERE state = 'waiting';
CREATE INDEX letters_by_time ON letters (receiver, created_at);

CREATE TABLE notices (
    id INTEGER PRIMARY KEY,
    receiver TEXT NOT NULL CHECK (receiver <> ''),
    key TEXT NOT NULL CHECK (key <> ''),
    kind TEXT NOT NULL REFERENCES notice_kinds (kind),
    number INTEGER,
    thread TEXT CHECK (thread <> ''),
    payload TEXT NOT NULL CHECK (json_valid(payload)),
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL CHECK (due_at >= created_at),
    letter INTEGER REFERENCES letters (id),
    UNIQUE (receiver, key)
) STRICT;
CREATE INDEX notices_waiting ON notices (receiver, id) WHERE letter IS NULL;
CREATE INDEX notices_by_letter ON notices (letter, id) WHERE letter IS NOT NULL;
CREATE INDEX notices_by_thread ON notices (thread, receiver, id) WHERE thread IS NOT NULL;
CREATE INDEX notices_by_number ON notices (number, id) WHERE number IS NOT NULL;

CREATE TRIGGER letters_only_end BEFORE UPDATE ON letters
WHEN OLD.state <> 'waiting' OR NEW.id <> OLD.id OR NEW.receiver <> OLD.receiver OR NEW.key <> OLD.key
    OR NEW.created_at <> OLD.created_at OR NEW.attempts < OLD.attempts
BEGIN SELECT RAISE(ABORT, 'a letter only ends, once'); END;
CREATE TRIGGER notices_only_go_into_a_letter BEFORE UPDATE ON notices
WHEN OLD.letter IS NOT NULL OR NEW.id <> OLD.id OR NEW.receiver <> OLD.receiver OR NEW.key <> OLD.key
    OR NEW.kind <> OLD.kind OR NEW.payload <> OLD.payload OR NEW.due_at <> OLD.due_at
BEGIN SELECT RAISE(ABORT, 'a notice only goes into a letter, once'); END;
CREATE TRIGGER letters_stay BEFORE DELETE ON letters BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
CREATE TRIGGER notices_stay BEFORE DELETE ON notices BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
