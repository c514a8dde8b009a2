INSERT INTO reason_codes VALUES ('fetch.download')
