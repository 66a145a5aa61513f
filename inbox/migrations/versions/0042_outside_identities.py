"""Whom a provider of sign-ins knows somebody as."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "outside_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject_hash", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_outside_identity_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outside_identity"),
        sa.UniqueConstraint("subject_hash", name="uq_outside_identity_subject_hash"),
        sa.UniqueConstraint("person_id", "issuer", name="uq_outside_identity_person_id_issuer"),
    )


def downgrade() -> None:
    """Remove it: a provider's people are known by their address again."""
    op.drop_table("outside_identity")
