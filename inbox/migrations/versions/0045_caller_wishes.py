"""What callers wish: to be called back, to let others hear their voice; and how often somebody was called."""

import sqlalchemy as sa
from alembic import op

from inbox.models.column_types import UtcDateTime

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and the count."""
    op.create_table(
        "caller_wish",
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("call_back", sa.Boolean(), nullable=False),
        sa.Column("voice", sa.String(32)),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name="fk_caller_wish_intake_id"),
        sa.PrimaryKeyConstraint("intake_id", name="pk_caller_wish"),
    )
    with op.batch_alter_table("given_answer") as table:
        table.add_column(sa.Column("calls", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Remove them: the history keeps what was wished."""
    with op.batch_alter_table("given_answer") as table:
        table.drop_column("calls")
    op.drop_table("caller_wish")
