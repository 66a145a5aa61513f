"""The search index and the append-only triggers of the first migration, in each server's own language."""

# The index feeds on search_text through triggers, so that a row and its words change, and go, together.
SQLITE_SEARCH: tuple[str, ...] = (
    "CREATE VIRTUAL TABLE search_text_fts USING fts5(folded, content='search_text', content_rowid='contribution_id')",
    """
    CREATE TRIGGER search_text_inserted AFTER INSERT ON search_text BEGIN
        INSERT INTO search_text_fts(rowid, folded) VALUES (new.contribution_id, new.folded);
    END
    """,
    """
    CREATE TRIGGER search_text_deleted AFTER DELETE ON search_text BEGIN
        INSERT INTO search_text_fts(search_text_fts, rowid, folded) VALUES ('delete', old.contribution_id, old.folded);
    END
    """,
    """
    CREATE TRIGGER search_text_updated AFTER UPDATE ON search_text BEGIN
        INSERT INTO search_text_fts(search_text_fts, rowid, folded) VALUES ('delete', old.contribution_id, old.folded);
        INSERT INTO search_text_fts(rowid, folded) VALUES (new.contribution_id, new.folded);
    END
    """,
)

SQLITE_APPEND_ONLY: tuple[str, ...] = (
    """
    CREATE TRIGGER history_not_updated BEFORE UPDATE ON history BEGIN
        SELECT RAISE(ABORT, 'history is append-only');
    END
    """,
    """
    CREATE TRIGGER history_not_deleted BEFORE DELETE ON history BEGIN
        SELECT RAISE(ABORT, 'history is append-only');
    END
    """,
    """
    CREATE TRIGGER arrival_not_deleted BEFORE DELETE ON arrival BEGIN
        SELECT RAISE(ABORT, 'arrivals are append-only');
    END
    """,
    """
    CREATE TRIGGER arrival_not_changed BEFORE UPDATE ON arrival
    WHEN new.intake_id <> old.intake_id OR new.kind <> old.kind OR new.digest <> old.digest
        OR (new.sealed_raw IS NOT NULL AND new.sealed_raw IS NOT old.sealed_raw)
        OR (new.locator IS NOT NULL AND new.locator IS NOT old.locator)
    BEGIN
        SELECT RAISE(ABORT, 'arrivals are unchanging: they can only be erased');
    END
    """,
)

POSTGRESQL_SEARCH: tuple[str, ...] = (
    "ALTER TABLE search_text ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('simple', folded)) STORED",
    "CREATE INDEX ix_search_text_words ON search_text USING gin (words)",
    # The server's statistics would keep the commonest words where no erasing reaches them.
    "ALTER TABLE search_text ALTER COLUMN folded SET STATISTICS 0, ALTER COLUMN words SET STATISTICS 0",
    "ALTER TABLE tag ALTER COLUMN because SET STATISTICS 0, ALTER COLUMN name SET STATISTICS 0",
)

POSTGRESQL_APPEND_ONLY: tuple[str, ...] = (
    """
    CREATE FUNCTION portevoix_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '%: rows are only ever added', TG_TABLE_NAME;
    END $$
    """,
    """
    CREATE TRIGGER history_append_only BEFORE UPDATE OR DELETE ON history
    FOR EACH ROW EXECUTE FUNCTION portevoix_append_only()
    """,
    """
    CREATE TRIGGER history_not_truncated BEFORE TRUNCATE ON history
    FOR EACH STATEMENT EXECUTE FUNCTION portevoix_append_only()
    """,
    """
    CREATE TRIGGER arrival_not_deleted BEFORE DELETE ON arrival
    FOR EACH ROW EXECUTE FUNCTION portevoix_append_only()
    """,
    """
    CREATE TRIGGER arrival_not_truncated BEFORE TRUNCATE ON arrival
    FOR EACH STATEMENT EXECUTE FUNCTION portevoix_append_only()
    """,
    """
    CREATE TRIGGER arrival_not_changed BEFORE UPDATE ON arrival FOR EACH ROW
    WHEN (new.intake_id <> old.intake_id OR new.kind <> old.kind OR new.digest <> old.digest
        OR (new.sealed_raw IS NOT NULL AND new.sealed_raw IS DISTINCT FROM old.sealed_raw)
        OR (new.locator IS NOT NULL AND new.locator IS DISTINCT FROM old.locator))
    EXECUTE FUNCTION portevoix_append_only()
    """,
)
