"""Answers spoken by an official: uploaded as a sound file, or by telephone with a code."""

import sqlalchemy as sa
from alembic import op

from inbox.models.column_types import UtcDateTime

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "answer_recording",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(3), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("problem", sa.String(32)),
        sa.Column("is_remote", sa.Boolean(), nullable=False),
        sa.Column("source_tag", sa.String(32)),
        sa.Column("sealed_source", sa.LargeBinary()),
        sa.Column("sealed_sound", sa.LargeBinary()),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name="fk_answer_recording_answer_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_answer_recording_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_answer_recording"),
        sa.UniqueConstraint("answer_id", "language", name="uq_answer_recording_answer_id_language"),
    )
    op.create_table(
        "dictation_code",
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(3), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("intake_id", sa.Integer()),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name="fk_dictation_code_answer_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_dictation_code_person_id"),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name="fk_dictation_code_intake_id"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_dictation_code"),
    )
    op.create_index("ix_dictation_code_intake_id", "dictation_code", ["intake_id"])


def downgrade() -> None:
    """Remove them: answers are read by a synthetic voice again."""
    op.drop_table("dictation_code")
    op.drop_table("answer_recording")
