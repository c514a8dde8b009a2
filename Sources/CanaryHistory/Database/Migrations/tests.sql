CREATE TABLE test_reports (
    attempt INTEGER PRIMARY KEY REFERENCES attempts (seq),
    ran INTEGER NOT NULL CHECK (ran >= 0),
    failed INTEGER NOT NULL CHECK (failed BETWEEN 0 AND ran),
    skipped INTEGER NOT NULL CHECK (skipped >= 0)
) STRICT;

CREATE TABLE test_names (
    id INTEGER PRIMARY KEY,
    project TEXT NOT NULL CHECK (project <> ''),
    name TEXT NOT NULL CHECK (name <> ''),
    UNIQUE (project, name)
) STRICT;

CREATE TABLE test_results (
    attempt INTEGER NOT NULL REFERENCES test_reports (attempt),
    test INTEGER NOT NULL REFERENCES test_names (id),
    result TEXT NOT NULL CHECK (result IN ('passed', 'failed', 'skipped')),
    milliseconds INTEGER NOT NULL CHECK (milliseconds >= 0),
    PRIMARY KEY (attempt, test)
) STRICT, WITHOUT ROWID;
CREATE INDEX test_results_by_test ON test_results (test);

CREATE TRIGGER test_reports_stay BEFORE UPDATE ON test_reports
BEGIN SELECT RAISE(ABORT, 'a test report never changes'); END;
CREATE TRIGGER test_reports_are_kept BEFORE DELETE ON test_reports
BEGIN SELECT RAISE(ABORT, 'rows stay'); END;
CREATE TRIGGER test_names_stay BEFORE UPDATE ON test_names
BEGIN SELECT RAISE(ABORT, 'a test never changes'); END;
CREATE TRIGGER test_results_stay BEFORE UPDATE ON test_results
BEGIN SELECT RAISE(ABORT, 'a test result never changes'); END;
