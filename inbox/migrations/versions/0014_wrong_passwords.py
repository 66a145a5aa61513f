"""Wrong passwords are counted in a table of their own; they were looked up in history."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from alembic import op

from inbox.migrations.past_lines import lines
from inbox.models.column_types import UtcDateTime, utc_now

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_FORGIVEN = ("signed_in", "password_changed")
_COUNTED_FOR = timedelta(hours=1)
"""Longer than any count goes back."""


def upgrade() -> None:
    """Make the table, and fill it with what still counts: a lock-out goes on."""
    table = op.create_table(
        "wrong_password",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_wrong_password_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_wrong_password"),
    )
    op.create_index("ix_wrong_password_person_id_at", "wrong_password", ["person_id", "at"])
    counted: dict[int, list[datetime]] = {}
    for line in lines(op.get_bind(), "sign_in_refused", *_FORGIVEN, since=utc_now() - _COUNTED_FOR):
        if line.action in _FORGIVEN:
            counted.pop(line.number, None)
        else:
            counted.setdefault(line.number, []).append(line.at)
    if rows := [{"person_id": person, "at": at} for person, times in counted.items() for at in times]:
        op.bulk_insert(table, rows)


def downgrade() -> None:
    """Remove it: history says the same."""
    op.drop_table("wrong_password")
