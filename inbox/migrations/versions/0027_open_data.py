"""Which contributions were released as open data, and with which attributes."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "open_data_row",
        sa.Column("contribution_id", sa.Integer, nullable=False),
        sa.Column("consultation_id", sa.Integer, nullable=False),
        sa.Column("cohort", sa.Integer, nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("centre", sa.String(255), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("week", sa.String(10), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name="fk_open_data_row_contribution_id_contribution"
        ),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name="fk_open_data_row_consultation_id_consultation"
        ),
        sa.PrimaryKeyConstraint("contribution_id", name="pk_open_data_row"),
    )
    op.create_index("ix_open_data_row_consultation_id_cohort", "open_data_row", ["consultation_id", "cohort"])


def downgrade() -> None:
    """Remove it: what has been fetched stays where it is."""
    op.drop_table("open_data_row")
