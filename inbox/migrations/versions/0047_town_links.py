"""What programs may do, faults that came by Open311, what services say of them, digests, and public reports."""

import sqlalchemy as sa
from alembic import op

from inbox.models.column_types import UtcDateTime

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tokens that are there keep what they may do."""
    with op.batch_alter_table("api_token") as table:
        table.add_column(sa.Column("rights", sa.String(64), nullable=False, server_default="answer export read"))
    with op.batch_alter_table("service_request") as table:
        table.add_column(sa.Column("status", sa.String(8), nullable=False, server_default="open"))
        table.add_column(sa.Column("status_notes", sa.String(400), nullable=False, server_default=""))
        table.add_column(sa.Column("changed_at", UtcDateTime()))
        table.add_column(sa.Column("outside_id", sa.String(64)))
        table.add_column(sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("not_before", UtcDateTime()))
        table.add_column(sa.Column("met", sa.String(120), nullable=False, server_default=""))
    with op.batch_alter_table("report_version") as table:
        table.add_column(sa.Column("public_at", UtcDateTime()))
    op.create_table(
        "reported_fault",
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("token_id", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name="fk_reported_fault_contribution_id"),
        sa.ForeignKeyConstraint(["token_id"], ["api_token.id"], name="fk_reported_fault_token_id"),
        sa.PrimaryKeyConstraint("contribution_id", name="pk_reported_fault"),
    )
    op.create_table(
        "digest_subscription",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("sealed_address", sa.LargeBinary(), nullable=False),
        sa.Column("every", sa.String(8), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("sent_for", sa.Date()),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_digest_subscription_person_id"),
        sa.ForeignKeyConstraint(["key_id"], ["data_key.id"], name="fk_digest_subscription_key_id"),
        sa.PrimaryKeyConstraint("person_id", name="pk_digest_subscription"),
    )


def downgrade() -> None:
    """Contributions stay; that they came by Open311 is forgotten."""
    op.drop_table("digest_subscription")
    op.drop_table("reported_fault")
    with op.batch_alter_table("report_version") as table:
        table.drop_column("public_at")
    with op.batch_alter_table("service_request") as table:
        for name in ("met", "not_before", "attempts", "outside_id", "changed_at", "status_notes", "status"):
            table.drop_column(name)
    with op.batch_alter_table("api_token") as table:
        table.drop_column("rights")
