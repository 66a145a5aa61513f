"""How far the telephone provider's lists have been read, and how much its webhooks had not brought."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "list_cursor",
        sa.Column("account", sa.String(255), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("complete_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_back_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", "name", name="pk_list_cursor"),
    )
    op.create_table(
        "caught_up",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("door", sa.String(64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "door", name="pk_caught_up"),
    )


def downgrade() -> None:
    """Remove both."""
    op.drop_table("caught_up")
    op.drop_table("list_cursor")
