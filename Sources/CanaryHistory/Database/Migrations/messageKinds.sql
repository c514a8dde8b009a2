INSERT INTO message_kinds VALUES
    ('page'), ('environment'), ('recovered'), ('changed'), ('unexpectedPass'), ('stale')
