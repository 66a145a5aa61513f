"""Codes by which an individual answer is heard on another telephone, as they were tried."""

import sqlalchemy as sa
from alembic import op

from inbox.models.column_types import UtcDateTime

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "answer_code_try",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("given_id", sa.Integer(), nullable=False),
        sa.Column("tag", sa.String(32), nullable=False),
        sa.Column("is_right", sa.Boolean(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["given_id"], ["given_answer.id"], name="fk_answer_code_try_given_id"),
        sa.PrimaryKeyConstraint("id", name="pk_answer_code_try"),
        sa.UniqueConstraint("given_id", "tag", name="uq_answer_code_try_given_id_tag"),
    )
    op.create_index("ix_answer_code_try_tag", "answer_code_try", ["tag"])


def downgrade() -> None:
    """Remove it: individual answers are heard on the telephone that gave the opinion only."""
    op.drop_table("answer_code_try")
