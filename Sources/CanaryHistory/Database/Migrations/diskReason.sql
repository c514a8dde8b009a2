INSERT INTO reason_codes VALUES ('limit.disk');
