CREATE TABLE run_jobs (
    id INTEGER PRIMARY KEY,
    run INTEGER NOT NULL,
    run_at INTEGER NOT NULL,
    judged INTEGER NOT NULL,
    project TEXT NOT NULL,
    variant TEXT NOT NULL,
    lane TEXT NOT NULL,
    source INTEGER REFERENCES sources (id),
    key TEXT CHECK (key <> ''),
    conditional INTEGER NOT NULL CHECK (conditional IN (0, 1)),
    action TEXT NOT NULL CHECK (action IN ('build', 'reuse', 'blocked', 'skip')),
    decision TEXT NOT NULL REFERENCES decision_codes (code),
    decision_detail TEXT NOT NULL,
    red_upstreams TEXT NOT NULL CHECK (json_valid(red_upstreams)),
    fallback TEXT NOT NULL CHECK (json_valid(fallback)),
    recipe TEXT,
    environment TEXT,
    result TEXT CHECK (result IN
        ('passed', 'failed', 'error', 'timedOut', 'blocked', 'skipped', 'cancelled')),
    flaky INTEGER NOT NULL CHECK (flaky IN (0, 1)),
    stage TEXT CHECK (stage IN ('fetch', 'configure', 'build', 'install', 'test', 'inspect')),
    reason TEXT REFERENCES reason_codes (code),
    error_text TEXT,
    error_file TEXT,
    error_line INTEGER,
    fingerprint TEXT,
    verdict TEXT NOT NULL CHECK (verdict IN ('unknown', 'passing', 'suspected', 'broken')),
    UNIQUE (run, project, variant, lane),
    FOREIGN KEY (run, run_at, judged) REFERENCES runs (seq, started_at, judged),
    FOREIGN KEY (project, variant, lane) REFERENCES standings (project, variant, lane),
    CHECK (key IS NULL OR (source IS NOT NULL AND recipe IS NOT NULL AND environment IS NOT NULL)),
    CHECK (result IS NOT NULL OR coalesce(stage, reason, error_text, fingerprint) IS NULL),
    CHECK (result IS NOT NULL OR flaky = 0),
    CHECK (error_text IS NOT NULL OR coalesce(error_file, error_line) IS NULL),
    CHECK (result <> 'passed' OR reason IS NULL)
) STRICT;
CREATE INDEX run_jobs_by_job ON run_jobs (project, variant, lane, run_at, run);
CREATE INDEX run_jobs_by_key ON run_jobs (key) WHERE key IS NOT NULL;
CREATE INDEX run_jobs_shown ON run_jobs (project, variant, lane, run_at, run)
    WHERE result IN ('passed', 'failed', 'timedOut', 'error', 'blocked')
    AND reason IS NOT 'environment.interrupted';
CREATE INDEX run_jobs_built ON run_jobs (project, variant, lane, run_at, run)
    WHERE key IS NOT NULL AND result IN ('passed', 'failed', 'timedOut');
CREATE INDEX run_jobs_good ON run_jobs (project, variant, lane, run_at, run)
    WHERE judged = 1 AND key IS NOT NULL AND result = 'passed' AND flaky = 0;
CREATE INDEX run_jobs_bad ON run_jobs (project, variant, lane, run_at, run)
    WHERE judged = 1 AND key IS NOT NULL AND result IN ('failed', 'timedOut');

CREATE TABLE run_job_upstreams (
    run_job INTEGER NOT NULL REFERENCES run_jobs (id),
    source INTEGER NOT NULL REFERENCES sources (id),
    PRIMARY KEY (run_job, source)
) STRICT, WITHOUT ROWID;
