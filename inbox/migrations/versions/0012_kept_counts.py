"""Counts that are kept instead of counted, and what lists are walked along: no page looks at everything any more."""

import sqlalchemy as sa
from alembic import op

from inbox.migrations import kept_counts

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_ADDED = (
    ("contribution", "listed"),
    ("contribution", "origin"),
    ("part", "bucket"),
    ("intake", "bucket"),
    ("intake", "scanned_batch"),
)
_JUDGED = "bucket > 'not_contribution:' AND bucket < 'not_contribution;'"
_INDEXES = (
    ("ix_contribution_listed", "contribution", ["id"], "listed"),
    ("ix_contribution_listed_moderation", "contribution", ["moderation", "id"], "listed"),
    ("ix_contribution_listed_channel", "contribution", ["channel", "id"], "listed"),
    ("ix_contribution_listed_moderation_channel", "contribution", ["moderation", "channel", "id"], "listed"),
    ("ix_contribution_listed_consultation", "contribution", ["consultation_id", "id"], "listed"),
    ("ix_contribution_listed_unread", "contribution", ["reading", "id"], "listed AND reading <> 'read'"),
    ("ix_contribution_listed_machine", "contribution", ["id"], "listed AND origin = 'machine'"),
    ("ix_tag_there", "tag", ["name", "contribution_id"], "NOT removed"),
    ("ix_part_waiting", "part", ["id"], "bucket = 'waiting'"),
    ("ix_part_nobodys", "part", ["id"], "bucket IS NULL"),
    ("ix_part_judged", "part", ["bucket", "intake_id", "id"], _JUDGED),
    ("ix_intake_bucket", "intake", ["bucket", "id"], "bucket IS NOT NULL"),
    ("ix_intake_scanned", "intake", ["scanned_batch"], "scanned_batch IS NOT NULL"),
    ("ix_intake_scanned_centre", "intake", ["centre_id", "scanned_batch"], "scanned_batch IS NOT NULL"),
    ("ix_intake_scanned_person", "intake", ["entered_by_id", "scanned_batch"], "scanned_batch IS NOT NULL"),
    (
        "ix_step_for_person",
        "step",
        ["id"],
        "state = 'quarantined' OR (state = 'needs_person' AND part_id IS NULL)",
    ),
)
_REPLACED = (
    ("ix_contribution_moderation_id", "contribution", ["moderation", "id"]),
    ("ix_contribution_consultation_id_id", "contribution", ["consultation_id", "id"]),
    ("ix_tag_name", "tag", ["name"]),
)


def upgrade() -> None:
    """Add columns, tables and indexes, fill them, and have the database keep them."""
    op.add_column("contribution", sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("contribution", sa.Column("origin", sa.String(32), nullable=True))
    op.add_column("part", sa.Column("bucket", sa.String(64), nullable=True, server_default="waiting"))
    op.add_column("intake", sa.Column("bucket", sa.String(64), nullable=True, server_default="waiting"))
    op.add_column("intake", sa.Column("scanned_batch", sa.Integer(), nullable=True))
    _make_tables()
    for statement in (*kept_counts.SETTLE, *kept_counts.COUNT):
        op.execute(statement)
    for name, table, columns, where in _INDEXES:
        op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.create_index("ix_contribution_link_to_id", "contribution_link", ["to_id"])
    for name, table, _columns in _REPLACED:
        op.drop_index(name, table)
    for statement in kept_counts.create(op.get_bind().dialect.name):
        op.execute(statement)
    if op.get_bind().dialect.name == "postgresql":
        # As of the tags themselves: the server's statistics would keep the commonest where no erasing reaches them.
        op.execute("ALTER TABLE contribution_tally ALTER COLUMN theme SET STATISTICS 0")


def downgrade() -> None:
    """Remove them."""
    for statement in kept_counts.drop(op.get_bind().dialect.name):
        op.execute(statement)
    for name, table, _columns, _where in _INDEXES:
        op.drop_index(name, table)
    op.drop_index("ix_contribution_link_to_id", "contribution_link")
    for name, table, columns in _REPLACED:
        op.create_index(name, table, columns)
    for table in ("recount", "unit_tally", "contribution_tally"):
        op.drop_table(table)
    for table, column in _ADDED:
        op.drop_column(table, column)


def _make_tables() -> None:
    op.create_table(
        "contribution_tally",
        sa.Column("theme", sa.String(64), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("moderation", sa.String(32), nullable=False),
        sa.Column("reading", sa.String(32), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "theme", "consultation_id", "channel", "moderation", "reading", "slot", name="pk_contribution_tally"
        ),
    )
    op.create_table(
        "unit_tally",
        sa.Column("bucket", sa.String(64), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "consultation_id", "channel", "slot", name="pk_unit_tally"),
    )
    op.create_table(
        "recount",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("differences", sa.Integer(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recount"),
    )
