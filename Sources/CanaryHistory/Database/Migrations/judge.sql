CREATE TABLE judge_memories (
    project TEXT NOT NULL,
    variant TEXT NOT NULL,
    lane TEXT NOT NULL,
    memory TEXT NOT NULL CHECK (json_valid(memory)),
    silent_since INTEGER,
    PRIMARY KEY (project, variant, lane),
    FOREIGN KEY (project, variant, lane) REFERENCES standings (project, variant, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE judge_board (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    board TEXT NOT NULL CHECK (json_valid(board)),
    ages TEXT NOT NULL CHECK (json_valid(ages))
) STRICT;

ALTER TABLE run_messages ADD COLUMN message TEXT CHECK (message IS NULL OR json_valid(message));

CREATE TABLE human_decisions (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('ack', 'mute', 'unmute', 'cancel')),
    subject TEXT NOT NULL CHECK (subject <> ''),
    who TEXT NOT NULL CHECK (who <> ''),
    until INTEGER,
    note TEXT NOT NULL
) STRICT;
CREATE INDEX human_decisions_by_subject ON human_decisions (subject, seq);
CREATE TRIGGER human_decisions_stay BEFORE UPDATE ON human_decisions
BEGIN SELECT RAISE(ABORT, 'a decision never changes'); END;
CREATE TRIGGER human_decisions_are_kept BEFORE DELETE ON human_decisions
BEGIN SELECT RAISE(ABORT, 'rows stay'); END;

INSERT INTO decision_codes VALUES ('still-broken'), ('budget');
