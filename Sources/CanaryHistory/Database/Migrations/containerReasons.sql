INSERT INTO reason_codes VALUES ('limit.memory'), ('environment.image');
