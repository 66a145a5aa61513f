"""Requests of residents about their data, and the contributions these are about."""

import sqlalchemy as sa
from alembic import op

from inbox.models.column_types import UtcDateTime

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "rights_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("way", sa.String(32), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("extended_at", UtcDateTime()),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("sealed_about", sa.LargeBinary(), nullable=False),
        sa.Column("address_hash", sa.String(64)),
        sa.Column("identity", sa.String(32)),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("closed_at", UtcDateTime()),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["data_key.id"], name="fk_rights_request_key_id"),
        sa.PrimaryKeyConstraint("id", name="pk_rights_request"),
    )
    op.create_index("ix_rights_request_state_due_on", "rights_request", ["state", "due_on"])
    op.create_table(
        "rights_contribution",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["rights_request.id"], name="fk_rights_contribution_request_id"),
        sa.ForeignKeyConstraint(
            ["contribution_id"], ["contribution.id"], name="fk_rights_contribution_contribution_id"
        ),
        sa.PrimaryKeyConstraint("request_id", "contribution_id", name="pk_rights_contribution"),
    )
    op.create_index("ix_rights_contribution_contribution_id", "rights_contribution", ["contribution_id"])


def downgrade() -> None:
    """Remove them: what was given and when stays in the history."""
    op.drop_table("rights_contribution")
    op.drop_table("rights_request")
