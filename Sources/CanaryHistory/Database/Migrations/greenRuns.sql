CREATE INDEX run_jobs_not_green ON run_jobs (run, variant)
    WHERE judged = 1 AND lane = 'head' AND (result IS NULL OR result <> 'passed' OR flaky = 1);
CREATE INDEX transitions_by_time ON transitions (at, id);
