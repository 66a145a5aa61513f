"""Somebody who is the only one to ask may type a thing again, without seeing what they typed."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Number what one person says of one thing."""
    with op.batch_alter_table("desk_answer") as table:
        table.add_column(sa.Column("turn", sa.Integer(), nullable=False, server_default="0"))
        table.drop_constraint("uq_desk_answer_item_id_person_id", type_="unique")
        table.create_unique_constraint("uq_desk_answer_item_id_person_id_turn", ["item_id", "person_id", "turn"])


def downgrade() -> None:
    """Keep what each said first."""
    op.execute("DELETE FROM desk_answer WHERE turn > 0")
    with op.batch_alter_table("desk_answer") as table:
        table.drop_constraint("uq_desk_answer_item_id_person_id_turn", type_="unique")
        table.create_unique_constraint("uq_desk_answer_item_id_person_id", ["item_id", "person_id"])
        table.drop_column("turn")
