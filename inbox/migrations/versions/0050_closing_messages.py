"""Messages that a consultation has closed, as answers of their own kind; and reminders of what was promised."""

import sqlalchemy as sa
from alembic import op

from inbox.models.column_types import UtcDateTime

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

_STANDS = sa.text("kind = 'closing' AND state <> 'withdrawn'")


def upgrade() -> None:
    """Say what kind an answer is; one closing message for each consultation."""
    with op.batch_alter_table("answer") as table:
        table.add_column(sa.Column("kind", sa.String(32), nullable=False, server_default="answer"))
    op.create_index(
        "ix_answer_closing", "answer", ["consultation_id"], unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS
    )
    op.create_table(
        "deadline_reminder",
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name="fk_deadline_reminder_consultation_id"),
        sa.PrimaryKeyConstraint("consultation_id", "due_on", name="pk_deadline_reminder"),
    )


def downgrade() -> None:
    """Take closing messages for answers again."""
    op.drop_table("deadline_reminder")
    op.drop_index("ix_answer_closing", "answer")
    with op.batch_alter_table("answer") as table:
        table.drop_column("kind")
