"""Saved views are sealed: what somebody called one, and searched for in it, can be a resident's name.

Those that are there are sealed by the sweeper, which has the keys; until then they are read as they are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make room for the sealed form."""
    with op.batch_alter_table("saved_view") as table:
        table.add_column(sa.Column("key_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("sealed_view", sa.LargeBinary(), nullable=True))
        table.alter_column("name", existing_type=sa.String(64), nullable=True)
        table.alter_column("query", existing_type=sa.JSON(), nullable=True)
        table.create_foreign_key("fk_saved_view_key_id", "data_key", ["key_id"], ["id"])


def downgrade() -> None:
    """An earlier version cannot open sealed ones: they go, and are kept anew by whoever misses them."""
    op.execute("DELETE FROM saved_view WHERE name IS NULL")
    with op.batch_alter_table("saved_view") as table:
        table.drop_constraint("fk_saved_view_key_id", type_="foreignkey")
        table.drop_column("sealed_view")
        table.drop_column("key_id")
        table.alter_column("name", existing_type=sa.String(64), nullable=False)
        table.alter_column("query", existing_type=sa.JSON(), nullable=False)
