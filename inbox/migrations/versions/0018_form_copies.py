"""Which copy of a printed form carries which reference."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "form_copy",
        sa.Column("reference", sa.String(9), nullable=False),
        sa.Column("form_number", sa.String(11), nullable=False),
        sa.ForeignKeyConstraint(["reference"], ["reference.number"], name="fk_form_copy_reference_reference"),
        sa.ForeignKeyConstraint(["form_number"], ["printed_form.number"], name="fk_form_copy_form_number_printed_form"),
        sa.PrimaryKeyConstraint("reference", name="pk_form_copy"),
    )
    op.create_index("ix_form_copy_form_number", "form_copy", ["form_number"])


def downgrade() -> None:
    """Remove it: a number that is typed in no longer leads to its form."""
    op.drop_table("form_copy")
