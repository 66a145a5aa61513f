"""What waits for a person is found in the order in which it began to wait."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_NAME = "ix_step_for_person"
_WHERE = sa.text("state = 'quarantined' OR (state = 'needs_person' AND part_id IS NULL)")


def upgrade() -> None:
    """Order the index by age."""
    _make_anew([sa.text("coalesce(ended_at, created_at)"), "id"])


def downgrade() -> None:
    """Order it by number again."""
    _make_anew(["id"])


def _make_anew(columns: list[str | sa.TextClause]) -> None:
    op.drop_index(_NAME, "step")
    op.create_index(_NAME, "step", columns, sqlite_where=_WHERE, postgresql_where=_WHERE)
