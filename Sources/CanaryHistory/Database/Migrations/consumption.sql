-- What compilers and linkers took of the upstreams, as JSON; NULL where nothing was looked at.
ALTER TABLE attempts ADD COLUMN consumed TEXT;
