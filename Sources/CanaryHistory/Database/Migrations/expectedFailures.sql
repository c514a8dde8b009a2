ALTER TABLE run_jobs ADD COLUMN expected_issue TEXT
