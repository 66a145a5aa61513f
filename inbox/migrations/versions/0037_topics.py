"""Topics that machines propose and people name, and the contributions in them."""

import sqlalchemy as sa
from alembic import op

from inbox.models.column_types import UtcDateTime

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; every text is looked at anew for the kinds that are new."""
    op.create_table(
        "topic",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("is_proposal", sa.Boolean(), nullable=False),
        sa.Column("person_id", sa.Integer()),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name="fk_topic_consultation_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_topic_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_topic"),
    )
    op.create_index("ix_topic_consultation_id_state", "topic", ["consultation_id", "state"])
    op.create_table(
        "topic_member",
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("stance", sa.String(32)),
        sa.Column("because", sa.String(255), nullable=False),
        sa.Column("stance_confirmed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name="fk_topic_member_topic_id"),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name="fk_topic_member_contribution_id"),
        sa.PrimaryKeyConstraint("topic_id", "contribution_id", name="pk_topic_member"),
    )
    op.create_index("ix_topic_member_contribution_id", "topic_member", ["contribution_id"])
    # Version 0 of a text: older than any, so that it is looked at again; groups stay what they are.
    op.execute(sa.text("UPDATE text_sense SET text_number = 0"))


def downgrade() -> None:
    """Remove them."""
    op.drop_table("topic_member")
    op.drop_table("topic")
