"""Wrong passwords are counted by address and login, also of logins that do not exist; they were by account alone."""

import sqlalchemy as sa
from alembic import op

from inbox.models.column_types import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; what was counted counts for a quarter of an hour, and is forgotten."""
    op.create_table(
        "failed_sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_failed_sign_in"),
    )
    op.create_index("ix_failed_sign_in_bucket_at", "failed_sign_in", ["bucket", "at"])
    op.create_index("ix_failed_sign_in_at", "failed_sign_in", ["at"])
    op.drop_table("wrong_password")


def downgrade() -> None:
    """Count by account again, from nothing."""
    op.drop_table("failed_sign_in")
    op.create_table(
        "wrong_password",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_wrong_password_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_wrong_password"),
    )
    op.create_index("ix_wrong_password_person_id_at", "wrong_password", ["person_id", "at"])
