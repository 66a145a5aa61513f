"""What was published before a moderator read it, and what was held back."""

import sqlalchemy as sa
from alembic import op

from inbox.models.column_types import UtcDateTime

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

_UNREAD = sa.text("read_at IS NULL AND held = ''")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "post_moderation",
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("held", sa.String(16), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("read_at", UtcDateTime()),
        sa.Column("read_by_id", sa.Integer()),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name="fk_post_moderation_contribution_id"),
        sa.ForeignKeyConstraint(["read_by_id"], ["person.id"], name="fk_post_moderation_read_by_id"),
        sa.PrimaryKeyConstraint("contribution_id", name="pk_post_moderation"),
    )
    op.create_index(
        "ix_post_moderation_unread",
        "post_moderation",
        ["contribution_id"],
        sqlite_where=_UNREAD,
        postgresql_where=_UNREAD,
    )


def downgrade() -> None:
    """Remove it: what was published stays so, and nobody is asked to read it afterwards."""
    op.drop_table("post_moderation")
