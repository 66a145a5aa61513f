"""Paragraphs that a town uses again and again in its answers."""

import sqlalchemy as sa
from alembic import op

from inbox.models.column_types import UtcDateTime

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "canned_passage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer()),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("removed_at", UtcDateTime()),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name="fk_canned_passage_consultation_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_canned_passage_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_canned_passage"),
    )
    op.create_index("ix_canned_passage_consultation_id", "canned_passage", ["consultation_id"])


def downgrade() -> None:
    """Remove it: answers keep the words that were put into them."""
    op.drop_table("canned_passage")
