"""Masked copies of media, decisions taken twice, and what was passed on to a service."""

import sqlalchemy as sa
from alembic import op

from inbox.models.column_types import UtcDateTime

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "masked_copy",
        sa.Column("medium_id", sa.Integer(), nullable=False),
        sa.Column("copy_id", sa.Integer()),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("problem", sa.String(16)),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("sealed_masks", sa.LargeBinary(), nullable=False),
        sa.Column("shared_by_id", sa.Integer()),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["medium_id"], ["medium.id"], name="fk_masked_copy_medium_id_medium"),
        sa.ForeignKeyConstraint(["copy_id"], ["medium.id"], name="fk_masked_copy_copy_id_medium"),
        sa.ForeignKeyConstraint(["shared_by_id"], ["person.id"], name="fk_masked_copy_shared_by_id_person"),
        sa.PrimaryKeyConstraint("medium_id", name="pk_masked_copy"),
    )
    op.create_table(
        "second_look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer()),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("first", sa.String(64), nullable=False),
        sa.Column("second_id", sa.Integer()),
        sa.Column("second", sa.String(64)),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("looked_at", UtcDateTime()),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name="fk_second_look_contribution_id_contribution"
        ),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name="fk_second_look_consultation_id_consultation"
        ),
        sa.ForeignKeyConstraint(["first_id"], ["person.id"], name="fk_second_look_first_id_person"),
        sa.ForeignKeyConstraint(["second_id"], ["person.id"], name="fk_second_look_second_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_second_look"),
        sa.UniqueConstraint("contribution_id", name="uq_second_look_contribution_id"),
    )
    op.create_index("ix_second_look_consultation_id", "second_look", ["consultation_id"])
    op.create_index("ix_second_look_looked_at", "second_look", ["looked_at"])
    op.create_table(
        "service_request",
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name="fk_service_request_contribution_id_contribution"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_service_request_person_id_person"),
        sa.PrimaryKeyConstraint("contribution_id", name="pk_service_request"),
    )
    op.create_index("ix_service_request_at", "service_request", ["at"])


def downgrade() -> None:
    """Remove them, and the copies of media: an older version knows no such kind. Their files stay, sealed."""
    op.execute("DELETE FROM step WHERE kind IN ('mask_recordings', 'mask_pages')")
    for table in ("service_request", "second_look", "masked_copy"):
        op.drop_table(table)
    op.execute("DELETE FROM medium WHERE kind = 'masked'")
