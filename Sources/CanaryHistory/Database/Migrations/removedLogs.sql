CREATE TABLE removed_logs (
    attempt INTEGER PRIMARY KEY REFERENCES attempts (seq),
    removed_at INTEGER NOT NULL
) STRICT;

CREATE TRIGGER removed_logs_stay BEFORE DELETE ON removed_logs BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
CREATE TRIGGER removed_logs_are_removed_once BEFORE UPDATE ON removed_logs
BEGIN SELECT RAISE(ABORT, 'a log is removed once'); END;
