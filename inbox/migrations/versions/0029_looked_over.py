"""How often machines read right is counted from the few lines of history that say so."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_WHERE = sa.text("action IN ('confirm', 'correct')")


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_history_looked_over", "history", ["subject", "action"], sqlite_where=_WHERE, postgresql_where=_WHERE
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_index("ix_history_looked_over", "history")
