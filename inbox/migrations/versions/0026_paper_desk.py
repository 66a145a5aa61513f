"""What becomes of scanned pages, what people are asked about them, and the end of a batch."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_NAME = sa.String(32)
_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "scanned_page",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("file", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ending", _NAME, nullable=False),
        sa.Column("part_id", sa.Integer()),
        sa.Column("typed", sa.String(27)),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name="fk_scanned_page_intake_id_intake"),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name="fk_scanned_page_part_id_part"),
        sa.PrimaryKeyConstraint("id", name="pk_scanned_page"),
        sa.UniqueConstraint("intake_id", "file", "number", name="uq_scanned_page_intake_id_file_number"),
    )
    op.create_index("ix_scanned_page_part_id", "scanned_page", ["part_id"])
    _make_desk()
    op.create_table(
        "batch_mark",
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("what", _NAME, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["intake.id"], name="fk_batch_mark_batch_id_intake"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_batch_mark_person_id_person"),
        sa.PrimaryKeyConstraint("batch_id", "what", name="pk_batch_mark"),
    )


def _make_desk() -> None:
    op.create_table(
        "desk_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _NAME, nullable=False),
        sa.Column("field", sa.String(64), nullable=False),
        sa.Column("medium_id", sa.Integer(), nullable=False),
        sa.Column("picture_id", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=False),
        sa.Column("centre_id", sa.Integer()),
        sa.Column("entered_by_id", sa.Integer()),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("settles", sa.String(255), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("held_by_id", sa.Integer()),
        sa.Column("held_until", _TIME),
        sa.ForeignKeyConstraint(["medium_id"], ["medium.id"], name="fk_desk_item_medium_id_medium"),
        sa.ForeignKeyConstraint(["picture_id"], ["medium.id"], name="fk_desk_item_picture_id_medium"),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name="fk_desk_item_part_id_part"),
        sa.ForeignKeyConstraint(["batch_id"], ["intake.id"], name="fk_desk_item_batch_id_intake"),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name="fk_desk_item_centre_id_centre"),
        sa.ForeignKeyConstraint(["entered_by_id"], ["person.id"], name="fk_desk_item_entered_by_id_person"),
        sa.ForeignKeyConstraint(["held_by_id"], ["person.id"], name="fk_desk_item_held_by_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_desk_item"),
        sa.UniqueConstraint("medium_id", "field", name="uq_desk_item_medium_id_field"),
    )
    asked = sa.text("is_open")
    for name, columns in (
        ("ix_desk_item_open", ["kind", "field", "id"]),
        ("ix_desk_item_open_centre", ["centre_id", "kind", "field", "id"]),
    ):
        op.create_index(name, "desk_item", columns, sqlite_where=asked, postgresql_where=asked)
    op.create_index("ix_desk_item_part_id", "desk_item", ["part_id"])
    op.create_index("ix_desk_item_batch_id_kind", "desk_item", ["batch_id", "kind"])
    op.create_table(
        "desk_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("said", _NAME),
        sa.Column("has_name", sa.Boolean(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed_body", sa.LargeBinary()),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["desk_item.id"], name="fk_desk_answer_item_id_desk_item"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_desk_answer_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_desk_answer"),
        sa.UniqueConstraint("item_id", "person_id", name="uq_desk_answer_item_id_person_id"),
    )


def downgrade() -> None:
    """Remove them: what was typed at the desk and not finished is lost."""
    for table in ("batch_mark", "desk_answer", "desk_item", "scanned_page"):
        op.drop_table(table)
