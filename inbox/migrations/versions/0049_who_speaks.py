"""Age groups ticked on forms, remarks of colleagues on reports, and how far a file of data is written."""

import sqlalchemy as sa
from alembic import op

from inbox.models.column_types import UtcDateTime

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; what was released as open data has neither quarter nor age."""
    op.create_table(
        "stated_age",
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.Column("age_group", sa.String(16), nullable=False),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name="fk_stated_age_part_id"),
        sa.PrimaryKeyConstraint("part_id", name="pk_stated_age"),
    )
    op.create_table(
        "report_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("section", sa.String(64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("settled_by_id", sa.Integer()),
        sa.Column("settled_at", UtcDateTime()),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name="fk_report_comment_consultation_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_report_comment_person_id"),
        sa.ForeignKeyConstraint(["settled_by_id"], ["person.id"], name="fk_report_comment_settled_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_report_comment"),
    )
    op.create_index("ix_report_comment_consultation_id_version", "report_comment", ["consultation_id", "version"])
    op.create_table(
        "data_fetch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("of_all", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime()),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_data_fetch_person_id"),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name="fk_data_fetch_consultation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_data_fetch"),
    )
    op.create_index("ix_data_fetch_person_id_consultation_id", "data_fetch", ["person_id", "consultation_id"])
    for column, size in (("quarter", 64), ("age", 16)):
        op.add_column("open_data_row", sa.Column(column, sa.String(size), nullable=False, server_default=""))


def downgrade() -> None:
    """Remove them."""
    with op.batch_alter_table("open_data_row") as table:
        table.drop_column("age")
        table.drop_column("quarter")
    op.drop_table("data_fetch")
    op.drop_table("report_comment")
    op.drop_table("stated_age")
