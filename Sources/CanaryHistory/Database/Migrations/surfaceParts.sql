CREATE INDEX surfaces_by_part ON surfaces (part);
