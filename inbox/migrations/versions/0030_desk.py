"""The moderators' desk: who looks, whose it is, notes, masks, views, keys, bulk actions, appeals."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from inbox.models.column_types import UtcDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_TABLES = ("presence", "assignment", "note", "mask", "saved_view", "desk_settings", "bulk_action", "appeal")


def upgrade() -> None:
    """Make the tables."""
    _table("presence", ["contribution_id", "person_id"], _contribution(), _person(), _at("seen_at"))
    _table("assignment", ["contribution_id"], _contribution(), _person(), _person("by_id"), _at())
    sealed = sa.Column("sealed_body", sa.LargeBinary(), nullable=False)
    _table("note", ["id"], _number(), _contribution(), _person(), sealed, _at())
    words = sa.Column("sealed_words", sa.LargeBinary(), nullable=False)
    _table("mask", ["id"], _number(), _contribution(), _string("kind", 16), words, _person(), _at())
    _table("saved_view", ["id"], _number(), _person(), _string("name", 64), _json("query"), _flag("shared"), _at())
    _table("desk_settings", ["person_id"], _person(), _flag("shortcuts"), _json("keys"))
    undone: sa.Column[Any] = sa.Column("undone_at", UtcDateTime())
    _table("bulk_action", ["id"], _number(), _person(), _string("action", 32), _json("lines"), _at(), undone)
    _table(
        "appeal",
        ["id"],
        _number(),
        _contribution(),
        _person("noted_by_id"),
        sa.Column("decided_by_id", sa.Integer()),
        _at(),
        sa.Column("settled_at", UtcDateTime()),
        sa.Column("settled_by_id", sa.Integer()),
        sa.Column("outcome", sa.String(32)),
    )
    for table, column in (
        ("presence", "seen_at"),
        ("assignment", "person_id"),
        ("note", "contribution_id"),
        ("mask", "contribution_id"),
        ("saved_view", "person_id"),
        ("saved_view", "shared"),
        ("appeal", "contribution_id"),
    ):
        op.create_index(f"ix_{table}_{column}", table, [column])
    some = sa.text("settled_at IS NULL")
    op.create_index("ix_appeal_open", "appeal", ["contribution_id"], sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    """Remove them: what moderators noted beside contributions is gone."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _table(name: str, key: Sequence[str], *columns: sa.Column[Any]) -> None:
    refers = {"contribution_id": "contribution.id"}
    keys = [
        sa.ForeignKeyConstraint([column.name], [refers.get(column.name, "person.id")], name=f"fk_{name}_{column.name}")
        for column in columns
        if column.name.endswith("_id")
    ]
    op.create_table(name, *columns, *keys, sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"))


def _number() -> sa.Column[Any]:
    return sa.Column("id", sa.Integer(), nullable=False)


def _contribution() -> sa.Column[Any]:
    return sa.Column("contribution_id", sa.Integer(), nullable=False)


def _person(name: str = "person_id") -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _string(name: str, length: int) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length), nullable=False)


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(), nullable=False)


def _flag(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _at(name: str = "at") -> sa.Column[Any]:
    return sa.Column(name, UtcDateTime(), nullable=False)
