"""What the town answers, to whom, what becomes of contributions, and what the public reports."""

import sqlalchemy as sa
from alembic import op

from inbox.models.column_types import UtcDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_TABLES = (
    "answer",
    "answer_version",
    "given_answer",
    "contribution_outcome",
    "follow_up",
    "conclusion",
    "public_report",
    "web_look_up",
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer()),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("is_general", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(32)),
        sa.Column("tells", sa.Boolean(), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("sealed_chosen", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("approved_by_id", sa.Integer()),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("leaves_at", UtcDateTime()),
        sa.Column("ended_at", UtcDateTime()),
        sa.ForeignKeyConstraint(["approved_by_id"], ["person.id"], name="fk_answer_approved_by_id"),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name="fk_answer_consultation_id"),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name="fk_answer_created_by_id"),
        sa.ForeignKeyConstraint(["key_id"], ["data_key.id"], name="fk_answer_key_id"),
        sa.PrimaryKeyConstraint("id", name="pk_answer"),
    )
    op.create_index("ix_answer_consultation_id", "answer", ["consultation_id"])
    op.create_index("ix_answer_state", "answer", ["state"])
    op.create_table(
        "answer_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed_body", sa.LargeBinary()),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name="fk_answer_version_answer_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_answer_version_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_answer_version"),
        sa.UniqueConstraint("answer_id", "number", name="uq_answer_version_answer_id_number"),
    )
    op.create_table(
        "given_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("contributor_id", sa.Integer()),
        sa.Column("message_id", sa.Integer()),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("way", sa.String(32)),
        sa.Column("why", sa.String(32)),
        sa.Column("segments", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name="fk_given_answer_answer_id"),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name="fk_given_answer_contribution_id"),
        sa.ForeignKeyConstraint(["contributor_id"], ["contributor.id"], name="fk_given_answer_contributor_id"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_given_answer_message_id"),
        sa.PrimaryKeyConstraint("id", name="pk_given_answer"),
        sa.UniqueConstraint("message_id", name="uq_given_answer_message_id"),
        sa.UniqueConstraint("answer_id", "contribution_id", name="uq_given_answer_answer_id_contribution_id"),
        sa.UniqueConstraint("answer_id", "contributor_id", name="uq_given_answer_answer_id_contributor_id"),
    )
    op.create_index("ix_given_answer_contribution_id", "given_answer", ["contribution_id"])
    op.create_index("ix_given_answer_contributor_id", "given_answer", ["contributor_id"])
    op.create_index("ix_given_answer_state_answer_id", "given_answer", ["state", "answer_id"])
    op.create_table(
        "contribution_outcome",
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("answer_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name="fk_contribution_outcome_answer_id"),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name="fk_contribution_outcome_contribution_id"
        ),
        sa.PrimaryKeyConstraint("contribution_id", name="pk_contribution_outcome"),
    )
    op.create_index("ix_contribution_outcome_answer_id", "contribution_outcome", ["answer_id"])
    op.create_index("ix_contribution_outcome_outcome", "contribution_outcome", ["outcome"])
    op.create_table(
        "follow_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime()),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name="fk_follow_up_consultation_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_follow_up_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_follow_up"),
    )
    op.create_index("ix_follow_up_consultation_id", "follow_up", ["consultation_id"])
    op.create_table(
        "conclusion",
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name="fk_conclusion_consultation_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_conclusion_person_id"),
        sa.PrimaryKeyConstraint("consultation_id", name="pk_conclusion"),
    )
    op.create_table(
        "public_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime()),
        sa.Column("settled_by_id", sa.Integer()),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name="fk_public_report_contribution_id"),
        sa.ForeignKeyConstraint(["settled_by_id"], ["person.id"], name="fk_public_report_settled_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_public_report"),
    )
    op.create_index("ix_public_report_contribution_id", "public_report", ["contribution_id"])
    op.create_index("ix_public_report_settled_at", "public_report", ["settled_at"])
    op.create_table(
        "web_look_up",
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("hour", UtcDateTime(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "hour", name="pk_web_look_up"),
    )


def downgrade() -> None:
    """Remove them: what was answered stays in the messages that were sent."""
    for table in reversed(_TABLES):
        op.drop_table(table)
