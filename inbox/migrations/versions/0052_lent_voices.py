"""Voices that residents let others hear, once a moderator has listened."""

import sqlalchemy as sa
from alembic import op

from inbox.models.column_types import UtcDateTime

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "lent_voice",
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("use", sa.String(32), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Boolean(), nullable=False),
        sa.Column("sealed_sound", sa.LargeBinary()),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name="fk_lent_voice_contribution_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_lent_voice_person_id"),
        sa.PrimaryKeyConstraint("contribution_id", name="pk_lent_voice"),
    )


def downgrade() -> None:
    """Remove it: published words are read by a synthetic voice again."""
    op.drop_table("lent_voice")
