PRAGMA application_id = 0x43414E41;

CREATE TABLE house (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    stack TEXT NOT NULL CHECK (stack <> ''),
    changed_at INTEGER
) STRICT;

CREATE TABLE reason_codes (code TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO reason_codes VALUES
    ('fetch.unreachable'), ('fetch.timeout'), ('fetch.branch-missing'), ('fetch.revision-missing'),
    ('fetch.no-release'), ('fetch.checkout'), ('fetch.submodule'), ('configure.cmake'),
    ('configure.missing-package'), ('configure.other'), ('build.compiler'), ('build.linker'), ('build.other'),
    ('install.other'), ('test.failed'), ('limit.attempt'), ('limit.silence'), ('environment.disk-full'),
    ('environment.engine'), ('environment.tool-missing'), ('environment.killed'),
    ('environment.interrupted'), ('unknown');

CREATE TABLE decision_codes (code TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO decision_codes VALUES
    ('never-built'), ('head-moved'), ('upstream-changed'), ('recipe-changed'), ('image-changed'), ('again'),
    ('confirm'), ('control'), ('probe'), ('forced'), ('unchanged'), ('cut-off'), ('ignored-paths'),
    ('not-selected'), ('held'), ('upstream-red');

CREATE TABLE message_kinds (kind TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO message_kinds VALUES ('flaky'), ('suspected'), ('healed');

CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    project TEXT NOT NULL CHECK (project <> ''),
    revision TEXT NOT NULL CHECK (revision <> ''),
    tree TEXT NOT NULL,
    committed_at INTEGER NOT NULL,
    UNIQUE (project, revision, tree, committed_at)
) STRICT;
