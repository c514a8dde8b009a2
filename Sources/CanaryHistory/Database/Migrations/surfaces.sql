CREATE TABLE surface_parts (
    id INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE CHECK (digest <> ''),
    forms TEXT NOT NULL CHECK (json_valid(forms))
) STRICT;

CREATE TABLE surfaces (
    tree TEXT NOT NULL CHECK (tree <> ''),
    kind TEXT NOT NULL CHECK (kind IN ('package', 'target', 'header', 'macro', 'symbol', 'file')),
    part INTEGER NOT NULL REFERENCES surface_parts (id),
    complete INTEGER NOT NULL CHECK (complete IN (0, 1)),
    PRIMARY KEY (tree, kind)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER surface_parts_stay BEFORE UPDATE ON surface_parts
BEGIN SELECT RAISE(ABORT, 'a surface never changes'); END;
CREATE TRIGGER surfaces_stay BEFORE UPDATE ON surfaces
BEGIN SELECT RAISE(ABORT, 'a surface never changes'); END;
