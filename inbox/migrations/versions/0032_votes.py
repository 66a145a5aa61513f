"""Voices for projects: their sealed box, cards and totals, and a bucket of their own in the ledger."""

import sqlalchemy as sa
from alembic import op

from inbox.migrations import kept_counts
from inbox.models.column_types import UtcDateTime

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and let the database put voices into their bucket."""
    op.create_table(
        "ballot_box",
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("open_half", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("sealed_half", sa.LargeBinary(), nullable=False),
        sa.Column("counted_at", UtcDateTime()),
        sa.Column("voters", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name="fk_ballot_box_consultation_id"),
        sa.ForeignKeyConstraint(["key_id"], ["data_key.id"], name="fk_ballot_box_key_id"),
        sa.PrimaryKeyConstraint("consultation_id", name="pk_ballot_box"),
    )
    op.create_table(
        "vote",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("once", sa.String(64), nullable=False),
        sa.Column("sealed_said", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["consultation_id"], ["ballot_box.consultation_id"], name="fk_vote_consultation_id"),
        sa.PrimaryKeyConstraint("id", name="pk_vote"),
        sa.UniqueConstraint("once", name="uq_vote_once"),
    )
    op.create_index("ix_vote_consultation_id_id", "vote", ["consultation_id", "id"])
    op.create_table(
        "vote_card",
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("card_hash", sa.String(64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name="fk_vote_card_consultation_id"),
        sa.PrimaryKeyConstraint("consultation_id", "card_hash", name="pk_vote_card"),
    )
    op.create_table(
        "vote_total",
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("project", sa.Integer(), nullable=False),
        sa.Column("voices", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["ballot_box.consultation_id"], name="fk_vote_total_consultation_id"
        ),
        sa.PrimaryKeyConstraint("consultation_id", "project", name="pk_vote_total"),
    )
    _have_buckets_kept()


def downgrade() -> None:
    """Remove them: the voices are lost, and what brought them counts as no contribution."""
    op.execute("UPDATE part SET not_contribution = 'keyword' WHERE not_contribution = 'vote'")
    for table in ("vote_total", "vote_card", "vote", "ballot_box"):
        op.drop_table(table)


def _have_buckets_kept() -> None:
    """Make the triggers anew: their wording knows of voices now."""
    dialect = op.get_bind().dialect.name
    for statement in (*kept_counts.drop(dialect), *kept_counts.create(dialect)):
        op.execute(statement)
