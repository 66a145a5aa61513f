"""What moderators typed and have not saved; and what is no contribution is found without reading every row."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_JUDGED = ("intake", "part")


def upgrade() -> None:
    """Make the table and the indexes."""
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("sheet", sa.String(32), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed_body", sa.LargeBinary()),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name="fk_draft_contribution_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_draft_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
        sa.UniqueConstraint("contribution_id", "person_id", "sheet", name="uq_draft_contribution_id_person_id_sheet"),
    )
    some = sa.text("not_contribution IS NOT NULL")
    for table in _JUDGED:
        name = f"ix_{table}_not_contribution"
        op.create_index(name, table, ["not_contribution"], sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    """Remove them: what was typed and not saved is gone."""
    for table in _JUDGED:
        op.drop_index(f"ix_{table}_not_contribution", table)
    op.drop_table("draft")
