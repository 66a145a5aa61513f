"""Archives of concluded consultations, and of rows in which of them their values lie."""

import sqlalchemy as sa
from alembic import op

from inbox.models.column_types import UtcDateTime

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

_THERE = sa.text("archive_id IS NOT NULL")


def upgrade() -> None:
    """Make the table, and the columns that name its rows."""
    op.create_table(
        "consultation_archive",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("locator", sa.String(255), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer()),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name="fk_consultation_archive_consultation_id"
        ),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name="fk_consultation_archive_made_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_consultation_archive"),
    )
    op.create_index("ix_consultation_archive_consultation_id", "consultation_archive", ["consultation_id"])
    for table in ("arrival", "transcript"):
        op.add_column(table, sa.Column("archive_id", sa.Integer()))
        name = f"ix_{table}_archive_id"
        op.create_index(name, table, ["archive_id"], sqlite_where=_THERE, postgresql_where=_THERE)


def downgrade() -> None:
    """Remove them. What still lies in an archive is lost to the version before: restore consultations first."""
    for table in ("arrival", "transcript"):
        op.drop_index(f"ix_{table}_archive_id", table)
        op.drop_column(table, "archive_id")
    op.drop_table("consultation_archive")
