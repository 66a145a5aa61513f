"""The tables of openings: rows that are only ever added, what was typed in searches, and where the chain was cut.

Triggers of the database refuse to change a row, and to remove one before its year is over.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    inspect,
    text,
)

from inbox.models.column_types import UtcDateTime

KEPT = timedelta(days=365)
"""How long an opening is kept: the French data-protection authority recommends six months to a year."""

SCHEMA = "openings"

_METADATA = MetaData()
_NUMBER = BigInteger().with_variant(Integer, "sqlite")

OPENING = Table(
    "opening",
    _METADATA,
    Column("id", _NUMBER, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("person_id", Integer, nullable=False),
    Column("action", String(32), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("count", Integer),
    # Of the sealed words, which can be destroyed without breaking the chain; empty where nothing was typed.
    Column("words_digest", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Index("ix_opening_person_id_id", "person_id", "id"),
    Index("ix_opening_subject_id", "subject", "id"),
    Index("ix_opening_action_id", "action", "id"),
)

WORDS = Table(
    "opening_words",
    _METADATA,
    Column("opening_id", ForeignKey("opening.id"), primary_key=True, autoincrement=False),
    Column("master_id", String(16), nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("sealed_words", LargeBinary, nullable=False),
)

CHECKPOINT = Table(
    "opening_checkpoint",
    _METADATA,
    Column("through_id", _NUMBER, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),
    Column("at", UtcDateTime(), nullable=False),
    Column("begun_anew", Integer, nullable=False),
    Column("seal", String(64), nullable=False),
)

# Older than this a row may be removed; a little earlier than ours, so that no clock is in the way.
_UNTOUCHABLE_DAYS = KEPT.days - 1
_REFUSAL = "openings are only ever added"

_SQLITE = (
    "CREATE TRIGGER IF NOT EXISTS opening_not_changed BEFORE UPDATE ON opening "
    f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
    "CREATE TRIGGER IF NOT EXISTS opening_not_removed BEFORE DELETE ON opening "
    f"WHEN old.at > datetime('now', '-{_UNTOUCHABLE_DAYS} days') "
    f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
    "CREATE TRIGGER IF NOT EXISTS opening_words_not_changed BEFORE UPDATE OF opening_id, sealed_words "
    f"ON opening_words BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END",
)
_POSTGRESQL = (
    f"CREATE OR REPLACE FUNCTION {SCHEMA}.opening_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"IF TG_OP = 'DELETE' AND old.at <= now() - interval '{_UNTOUCHABLE_DAYS} days' THEN RETURN old; END IF; "
    f"RAISE EXCEPTION '{_REFUSAL}'; END $$",
    f"CREATE OR REPLACE TRIGGER opening_kept BEFORE UPDATE OR DELETE ON {SCHEMA}.opening "
    f"FOR EACH ROW EXECUTE FUNCTION {SCHEMA}.opening_kept()",
    f"CREATE OR REPLACE FUNCTION {SCHEMA}.words_kept() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    f"RAISE EXCEPTION '{_REFUSAL}'; END $$",
    f"CREATE OR REPLACE TRIGGER words_kept BEFORE UPDATE OF opening_id, sealed_words ON {SCHEMA}.opening_words "
    f"FOR EACH ROW EXECUTE FUNCTION {SCHEMA}.words_kept()",
)

OLD = "opening_unchained"
"""What the table of an earlier version is called while its rows are taken over."""


def create_tables(connection: Connection) -> bool:
    """Make what is missing; whether there are rows of a version without the chain (``OLD``), to be taken over."""
    on_server = connection.dialect.name == "postgresql"
    if on_server:
        # Several processes may begin at once, and « if not exists » alone does not keep them apart.
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('portevoix openings'))"))
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    schema = SCHEMA if on_server else None
    found = inspect(connection)
    is_old = found.has_table("opening", schema) and "digest" not in {
        one["name"] for one in found.get_columns("opening", schema)
    }
    if is_old:
        _set_aside(connection, f"{SCHEMA}." if on_server else "")
    _METADATA.create_all(connection)
    for statement in _POSTGRESQL if on_server else _SQLITE:
        connection.exec_driver_sql(statement)
    return is_old


def _set_aside(connection: Connection, prefix: str) -> None:
    if prefix:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS opening_kept ON {prefix}opening")
    else:
        for trigger in ("opening_not_changed", "opening_not_removed"):
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger}")
    for index in ("ix_opening_person_id_id", "ix_opening_subject_id"):
        connection.exec_driver_sql(f"DROP INDEX IF EXISTS {prefix}{index}")
    connection.exec_driver_sql(f"ALTER TABLE {prefix}opening RENAME TO {OLD}")
    if prefix:
        connection.exec_driver_sql(f"ALTER INDEX IF EXISTS {prefix}opening_pkey RENAME TO {OLD}_pkey")
