"""How a page lies in its picture, and where ink is that no word accounts for: to be shown upright, and to a person."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for it beside the words; what was read before has none."""
    op.add_column("transcript", sa.Column("sealed_sheet", sa.LargeBinary()))


def downgrade() -> None:
    """Remove it: pages are shown as they were sent."""
    op.drop_column("transcript", "sealed_sheet")
