"""Reports: what many texts say together, and what officials make of it."""

import sqlalchemy as sa
from alembic import op

from inbox.models.column_types import UtcDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_TABLES = (
    "report_version",
    "report_edit",
    "quotation",
    "theme_model",
    "place_mention",
    "suggested_kind",
    "text_sense",
)


def _to(table: str, column: str, of: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{of}.id"], name=f"fk_{table}_{column}_{of}")


def upgrade() -> None:
    """Make the tables."""
    _make_sense_tables()
    _make_report_tables()


def _make_sense_tables() -> None:
    op.create_table(
        "text_sense",
        sa.Column("contribution_id", sa.Integer, nullable=False),
        sa.Column("text_number", sa.Integer, nullable=False),
        sa.Column("sketch", sa.LargeBinary),
        sa.Column("group_id", sa.Integer),
        sa.Column("own_words", sa.Integer, nullable=False),
        _to("text_sense", "contribution_id", "contribution"),
        sa.PrimaryKeyConstraint("contribution_id", name="pk_text_sense"),
    )
    op.create_index("ix_text_sense_group_id_own_words", "text_sense", ["group_id", "own_words"])
    op.create_table(
        "suggested_kind",
        sa.Column("contribution_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("because", sa.String(255), nullable=False),
        sa.Column("confirmed", sa.Boolean, nullable=False),
        sa.Column("removed", sa.Boolean, nullable=False),
        sa.Column("person_id", sa.Integer),
        _to("suggested_kind", "contribution_id", "contribution"),
        _to("suggested_kind", "person_id", "person"),
        sa.PrimaryKeyConstraint("contribution_id", "kind", name="pk_suggested_kind"),
    )
    op.create_index("ix_suggested_kind_kind_contribution_id", "suggested_kind", ["kind", "contribution_id"])
    op.create_table(
        "place_mention",
        sa.Column("contribution_id", sa.Integer, nullable=False),
        sa.Column("place", sa.String(128), nullable=False),
        sa.Column("quarter", sa.String(64), nullable=False),
        sa.Column("exact", sa.Boolean, nullable=False),
        _to("place_mention", "contribution_id", "contribution"),
        sa.PrimaryKeyConstraint("contribution_id", "place", name="pk_place_mention"),
    )
    op.create_index("ix_place_mention_place_contribution_id", "place_mention", ["place", "contribution_id"])
    op.create_table(
        "theme_model",
        sa.Column("consultation_id", sa.Integer, nullable=False),
        sa.Column("theme", sa.String(64), nullable=False),
        sa.Column("weights", sa.JSON, nullable=False),
        sa.Column("decisions", sa.Integer, nullable=False),
        sa.Column("kept", sa.Integer, nullable=False),
        sa.Column("precision", sa.Double),
        sa.Column("coverage", sa.Double),
        sa.Column("trained_at", UtcDateTime, nullable=False),
        _to("theme_model", "consultation_id", "consultation"),
        sa.PrimaryKeyConstraint("consultation_id", "theme", name="pk_theme_model"),
    )


def _make_report_tables() -> None:
    op.create_table(
        "quotation",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("consultation_id", sa.Integer, nullable=False),
        sa.Column("theme", sa.String(64), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("contribution_id", sa.Integer, nullable=False),
        sa.Column("text_number", sa.Integer, nullable=False),
        sa.Column("begin", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("chosen_by_id", sa.Integer),
        sa.Column("left_out", sa.Boolean, nullable=False),
        _to("quotation", "consultation_id", "consultation"),
        _to("quotation", "contribution_id", "contribution"),
        _to("quotation", "chosen_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_quotation"),
        sa.UniqueConstraint(
            "consultation_id",
            "theme",
            "role",
            "contribution_id",
            name="uq_quotation_consultation_id_theme_role_contribution_id",
        ),
    )
    op.create_index("ix_quotation_contribution_id", "quotation", ["contribution_id"])
    op.create_table(
        "report_edit",
        sa.Column("consultation_id", sa.Integer, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("changed_by_id", sa.Integer),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        _to("report_edit", "consultation_id", "consultation"),
        _to("report_edit", "changed_by_id", "person"),
        sa.PrimaryKeyConstraint("consultation_id", name="pk_report_edit"),
    )
    op.create_table(
        "report_version",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("consultation_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("figures", sa.JSON, nullable=False),
        sa.Column("edit", sa.JSON, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("last_history_id", sa.Integer, nullable=False),
        sa.Column("made_by_id", sa.Integer, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("signed_by_id", sa.Integer),
        sa.Column("signed_at", UtcDateTime),
        _to("report_version", "consultation_id", "consultation"),
        _to("report_version", "made_by_id", "person"),
        _to("report_version", "signed_by_id", "person"),
        sa.PrimaryKeyConstraint("id", name="pk_report_version"),
        sa.UniqueConstraint("consultation_id", "number", name="uq_report_version_consultation_id_number"),
    )


def downgrade() -> None:
    """Remove them: reports and what machines made of texts are gone, contributions stay as they are."""
    for table in _TABLES:
        op.drop_table(table)
    # Older programs know no suggestions of this source.
    op.execute("UPDATE tag SET source = 'rule' WHERE source = 'model'")
