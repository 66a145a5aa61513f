"""Who reads which languages, and a walk through what waits in one."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

LISTED = sa.text("listed")


def upgrade() -> None:
    """Add what people read, and an index by language."""
    op.create_table(
        "person_language",
        sa.Column("person_id", sa.Integer(), sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("language", sa.String(8), primary_key=True),
    )
    op.create_index(
        "ix_contribution_listed_language",
        "contribution",
        ["language", "moderation", "id"],
        sqlite_where=LISTED,
        postgresql_where=LISTED,
    )


def downgrade() -> None:
    """Forget what people read."""
    op.drop_index("ix_contribution_listed_language", table_name="contribution")
    op.drop_table("person_language")
