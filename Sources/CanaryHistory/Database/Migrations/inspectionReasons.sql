INSERT INTO reason_codes VALUES ('inspect.wrong-upstream'), ('inspect.unused-upstream');
