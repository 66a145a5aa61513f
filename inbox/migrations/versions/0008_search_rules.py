"""By which rules a text's words were made findable: what older rules made is made anew, little by little."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the number of the rules; what there is was made by none that counts."""
    op.add_column("search_text", sa.Column("rules", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Remove it; words stay as they were made last."""
    op.drop_column("search_text", "rules")
