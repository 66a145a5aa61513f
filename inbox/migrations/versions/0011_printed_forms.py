"""Layouts of printed forms, which read what comes back."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add their table."""
    op.create_table(
        "printed_form",
        sa.Column("number", sa.String(11), nullable=False),
        sa.Column("consultation_version_id", sa.Integer(), nullable=True),
        sa.Column("layout", sa.LargeBinary(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_version_id"],
            ["consultation_version.id"],
            name="fk_printed_form_consultation_version_id_consultation_version",
        ),
        sa.PrimaryKeyConstraint("number", name="pk_printed_form"),
    )


def downgrade() -> None:
    """Remove it: forms that come back are then read as free pages."""
    op.drop_table("printed_form")
