"""The search index without words: keyed hashes, each once and in no order.

The words there are become hashes here, so that search goes on at once; the sweeper then makes every row anew from its
sealed text, with the beginnings of words. The tables are made anew rather than changed: the pages of the old ones are
given back, which SQLite fills with zeros and PostgreSQL deletes.
"""

import base64
import hmac
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from inbox.migrations.first_triggers import POSTGRESQL_SEARCH, SQLITE_SEARCH

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_AT_ONCE = 1_000

# Neither order nor counts nor lengths are kept beside the tokens.
_SQLITE = (
    "CREATE VIRTUAL TABLE search_text_fts USING fts5("
    "tokens, content='search_text', content_rowid='contribution_id', detail=none, columnsize=0, tokenize='ascii')",
    *(statement.replace("folded", "tokens") for statement in SQLITE_SEARCH[1:]),
)
_POSTGRESQL = (
    "ALTER TABLE search_text ADD COLUMN words tsvector "
    "GENERATED ALWAYS AS (strip(array_to_tsvector(string_to_array(tokens, ' ')))) STORED",
    "CREATE INDEX ix_search_text_words ON search_text USING gin (words)",
    "ALTER TABLE search_text ALTER COLUMN tokens SET STATISTICS 0, ALTER COLUMN words SET STATISTICS 0",
)


def upgrade() -> None:
    """Hash what there is; where no keys are at hand, nothing is found until the sweeper has been at it."""
    key: bytes | None = op.get_bind().get_execution_options().get("portevoix_search_key")
    _put_aside()
    _make("tokens")
    for rows in _rows("folded"):
        tokens = ("" if key is None else _tokens(key, folded) for _, folded, _ in rows)
        _insert("tokens", [(row[0], made, row[2]) for row, made in zip(rows, tokens, strict=True)])
    op.drop_table("search_text_before")
    _feed(_SQLITE, _POSTGRESQL)


def downgrade() -> None:
    """Words cannot be made of hashes: the earlier version makes its index anew from the sealed texts."""
    _put_aside()
    _make("folded")
    for rows in _rows("tokens"):
        _insert("folded", [(contribution_id, "", 0) for contribution_id, _, _ in rows])
    op.drop_table("search_text_before")
    _feed(SQLITE_SEARCH, POSTGRESQL_SEARCH[:3])


def _tokens(key: bytes, folded: str) -> str:
    return " ".join(sorted({_token(key, word) for word in folded.split()}))


def _token(key: bytes, word: str) -> str:
    digest = hmac.digest(key, b"word\0" + word.encode("utf-8", "surrogatepass"), "sha256")[:8]
    return base64.b32encode(digest).decode("ascii").rstrip("=").lower()


def _put_aside() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for event in ("inserted", "deleted", "updated"):
            op.execute(f"DROP TRIGGER search_text_{event}")
        op.execute("DROP TABLE search_text_fts")
    else:
        op.execute("ALTER TABLE search_text DROP COLUMN words")
        op.execute("ALTER TABLE search_text DROP CONSTRAINT fk_search_text_contribution_id")
        op.execute("ALTER INDEX pk_search_text RENAME TO pk_search_text_before")
    op.rename_table("search_text", "search_text_before")


def _make(column: str) -> None:
    op.create_table(
        "search_text",
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column(column, sa.Text(), nullable=False),
        sa.Column("rules", sa.Integer(), nullable=False, server_default="0"),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name="fk_search_text_contribution_id"),
        sa.PrimaryKeyConstraint("contribution_id", name="pk_search_text"),
    )


def _rows(column: str) -> Iterator[Sequence[Any]]:
    wanted = sa.text(
        f"SELECT contribution_id, {column}, rules FROM search_text_before "  # noqa: S608 - one of two names above
        "WHERE contribution_id > :after ORDER BY contribution_id LIMIT :at_once"
    )
    after = -1
    while rows := op.get_bind().execute(wanted, {"after": after, "at_once": _AT_ONCE}).all():
        yield rows
        after = rows[-1][0]


def _insert(column: str, rows: list[tuple[int, str, int]]) -> None:
    made = sa.table("search_text", sa.column("contribution_id"), sa.column(column), sa.column("rules"))
    names = ("contribution_id", column, "rules")
    op.get_bind().execute(sa.insert(made), [dict(zip(names, row, strict=True)) for row in rows])


def _feed(on_sqlite: tuple[str, ...], on_postgresql: tuple[str, ...]) -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in on_sqlite:
            op.execute(statement)
        op.execute("INSERT INTO search_text_fts(search_text_fts) VALUES ('rebuild')")
    else:
        for statement in on_postgresql:
            op.execute(statement)
