CREATE TABLE episode_fingerprints (
    fingerprint TEXT NOT NULL CHECK (fingerprint <> ''),
    episode INTEGER NOT NULL REFERENCES episodes (seq),
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL CHECK (last_at >= first_at),
    PRIMARY KEY (fingerprint, episode)
) STRICT, WITHOUT ROWID;
CREATE INDEX episode_fingerprints_by_episode ON episode_fingerprints (episode, last_at);

INSERT INTO episode_fingerprints (fingerprint, episode, first_at, last_at)
SELECT j.fingerprint, e.seq, min(j.run_at), max(j.run_at)
FROM episodes e JOIN run_jobs j ON j.project = e.project AND j.variant = e.variant AND j.lane = e.lane
WHERE j.judged = 1 AND j.result = 'failed' AND j.fingerprint <> ''
    AND j.run_at >= e.opened_at AND (e.closed_at IS NULL OR j.run_at < e.closed_at)
    AND (j.reason GLOB 'configure.*' OR j.reason GLOB 'build.*' OR j.reason GLOB 'install.*' OR j.reason GLOB 'test.*')
GROUP BY j.fingerprint, e.seq;
