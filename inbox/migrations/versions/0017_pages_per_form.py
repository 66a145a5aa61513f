"""How many pages a form of a scanned file has is a column; it stood among the sealed headers of the file."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it, empty: the headers of files that are here are sealed, and are looked into where it is."""
    op.add_column("intake", sa.Column("pages_per_form", sa.Integer(), nullable=True))


def downgrade() -> None:
    """Remove it: the headers say the same."""
    op.drop_column("intake", "pages_per_form")
