-- What a search found about an episode: JSON, and null while nothing is known.
ALTER TABLE episodes ADD COLUMN culprit TEXT CHECK (culprit IS NULL OR json_valid(culprit));

-- What came of a request, for the verb that made it: JSON.
ALTER TABLE requests ADD COLUMN result TEXT CHECK (result IS NULL OR json_valid(result));

-- What a status shows is of judged runs alone: probes build the same jobs.
DROP INDEX run_jobs_shown;
CREATE INDEX run_jobs_shown ON run_jobs (project, variant, lane, run_at, run)
    WHERE judged = 1 AND result IN ('passed', 'failed', 'timedOut', 'error', 'blocked')
    AND reason IS NOT 'environment.interrupted';
