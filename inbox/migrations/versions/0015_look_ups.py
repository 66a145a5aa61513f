"""References keyed in calls are counted in a table of their own; they were looked up in history."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from inbox.migrations.past_lines import lines
from inbox.models.column_types import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and fill it with the references keyed so far: the limits of a call and an hour go on."""
    table = op.create_table(
        "look_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name="fk_look_up_intake_id"),
        sa.PrimaryKeyConstraint("id", name="pk_look_up"),
        sa.UniqueConstraint("intake_id", "tag", name="uq_look_up_intake_id_tag"),
    )
    first: dict[tuple[int, str], datetime] = {}
    for line in lines(op.get_bind(), "reference_keyed"):
        first.setdefault((line.number, line.details["tag"]), line.at)
    if rows := [{"intake_id": intake, "tag": tag, "at": at} for (intake, tag), at in first.items()]:
        op.bulk_insert(table, rows)


def downgrade() -> None:
    """Remove it: history says the same."""
    op.drop_table("look_up")
