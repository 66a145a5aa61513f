"""The town's tools: tokens of the API, addresses that are told what happens, and what each is still to be told."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from inbox.models.column_types import UtcDateTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_DUE = sa.text("ended_at IS NULL")


def _id() -> "sa.Column[Any]":
    return sa.Column("id", sa.Integer(), nullable=False)


def _at(name: str, *, nullable: bool = False) -> "sa.Column[Any]":
    return sa.Column(name, UtcDateTime(), nullable=nullable)


def _of(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "api_token",
        _id(),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        _at("made_at"),
        _at("revoked_at", nullable=True),
        _at("used_at", nullable=True),
        _at("minute", nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        _of("api_token", "made_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_api_token"),
        sa.UniqueConstraint("token_hash", name="uq_api_token_token_hash"),
    )
    op.create_table(
        "webhook",
        _id(),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_old_secret", sa.LargeBinary()),
        _at("old_until", nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        _at("made_at"),
        _at("ended_at", nullable=True),
        _of("webhook", "key_id", "data_key"),
        _of("webhook", "made_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook"),
    )
    op.create_table(
        "webhook_call",
        _id(),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        _at("happened_at"),
        _at("not_before"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("said", sa.String(120), nullable=False),
        _at("ended_at", nullable=True),
        sa.Column("delivered", sa.Boolean(), nullable=False),
        _of("webhook_call", "webhook_id", "webhook"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_call"),
    )
    op.create_index(
        "ix_webhook_call_due", "webhook_call", ["not_before", "id"], sqlite_where=_DUE, postgresql_where=_DUE
    )
    op.create_index("ix_webhook_call_webhook_id", "webhook_call", ["webhook_id"])


def downgrade() -> None:
    """Remove them."""
    for table in ("webhook_call", "webhook", "api_token"):
        op.drop_table(table)
