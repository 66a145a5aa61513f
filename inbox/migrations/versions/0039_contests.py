"""That an author says: this is not what I meant."""

import sqlalchemy as sa
from alembic import op

from inbox.models.column_types import UtcDateTime

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "contest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(32), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime()),
        sa.Column("settled_by_id", sa.Integer()),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name="fk_contest_contribution_id"),
        sa.ForeignKeyConstraint(["settled_by_id"], ["person.id"], name="fk_contest_settled_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_contest"),
    )
    op.create_index("ix_contest_contribution_id", "contest", ["contribution_id"])
    is_open = sa.text("settled_at IS NULL")
    op.create_index("ix_contest_open", "contest", ["contribution_id"], sqlite_where=is_open, postgresql_where=is_open)


def downgrade() -> None:
    """Remove it: the history keeps that it was said."""
    op.drop_table("contest")
