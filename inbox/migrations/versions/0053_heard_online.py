"""Voices that are lent for the public pages, too, and published words that a synthetic voice reads there."""

import sqlalchemy as sa
from alembic import op

from inbox.models.column_types import UtcDateTime

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make what is new; whoever lent a voice before did so for telephones alone."""
    for table in ("caller_wish", "lent_voice"):
        op.add_column(table, sa.Column("online", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "read_aloud",
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(64), nullable=False),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.Column("sealed_sound", sa.LargeBinary()),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name="fk_read_aloud_contribution_id"),
        sa.PrimaryKeyConstraint("contribution_id", name="pk_read_aloud"),
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_table("read_aloud")
    for table in ("lent_voice", "caller_wish"):
        with op.batch_alter_table(table) as columns:
            columns.drop_column("online")
