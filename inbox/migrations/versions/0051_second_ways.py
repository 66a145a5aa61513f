"""By which way an answer was tried in vain, before another was taken."""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    with op.batch_alter_table("given_answer") as table:
        table.add_column(sa.Column("tried", sa.String(32)))


def downgrade() -> None:
    """Remove it: the history keeps each attempt."""
    with op.batch_alter_table("given_answer") as table:
        table.drop_column("tried")
