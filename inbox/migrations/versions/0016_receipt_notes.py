"""What was noted of receipts has a table of its own; it was looked up in history, so as not to be noted twice."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from inbox.migrations.past_lines import lines
from inbox.models.column_types import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and fill it with what history says was noted."""
    table = op.create_table(
        "receipt_note",
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("about", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name="fk_receipt_note_contribution_id"),
        sa.PrimaryKeyConstraint("contribution_id", "action", "about", name="pk_receipt_note"),
    )
    first: dict[tuple[int, str, str], datetime] = {}
    for line in lines(op.get_bind(), "no_receipt", "receipt_returned", "answered_by_machine"):
        about = line.details.get("because") or line.details.get("intake")
        if line.about == "contribution" and about is not None:
            first.setdefault((line.number, line.action, str(about)), line.at)
    names = ("contribution_id", "action", "about")
    if rows := [{**dict(zip(names, key, strict=True)), "at": at} for key, at in first.items()]:
        op.bulk_insert(table, rows)


def downgrade() -> None:
    """Remove it: history says the same."""
    op.drop_table("receipt_note")
