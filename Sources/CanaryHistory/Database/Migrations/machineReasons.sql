INSERT INTO reason_codes VALUES
    ('fetch.proxy'), ('fetch.rate-limited'), ('limit.processes'), ('limit.files'), ('limit.shared-memory'),
    ('environment.clock'), ('environment.compiler-cache');
