"""Wishes to be erased that were said in other words than the keyword, and what they are about."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "erasure_wish",
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("besides", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("settled_by_id", sa.Integer()),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name="fk_erasure_wish_part_id"),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name="fk_erasure_wish_contribution_id"),
        sa.ForeignKeyConstraint(["settled_by_id"], ["person.id"], name="fk_erasure_wish_settled_by_id"),
        sa.PrimaryKeyConstraint("part_id", name="pk_erasure_wish"),
    )
    op.create_index("ix_erasure_wish_contribution_id", "erasure_wish", ["contribution_id"])


def downgrade() -> None:
    """Remove it: nothing is held back from publishing any more."""
    op.drop_table("erasure_wish")
