"""Settings set on the pages, the town's logo, errands, alerts; which versions of consultations pages made."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add their tables."""
    op.create_table(
        "stored_setting",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["key_id"], ["data_key.id"], name="fk_stored_setting_key_id_data_key"),
        sa.ForeignKeyConstraint(["changed_by_id"], ["person.id"], name="fk_stored_setting_changed_by_id_person"),
        sa.PrimaryKeyConstraint("name", name="pk_stored_setting"),
    )
    op.create_table(
        "town_logo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mimetype", sa.String(32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_town_logo"),
    )
    op.create_table(
        "errand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("about", sa.String(255), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=True),
        sa.Column("sealed_to", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", _TIME, nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("taken_at", _TIME, nullable=True),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.Column("succeeded", sa.Boolean(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["data_key.id"], name="fk_errand_key_id_data_key"),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name="fk_errand_asked_by_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_errand"),
    )
    op.create_index("ix_errand_kind_id", "errand", ["kind", "id"])
    op.create_index(
        "ix_errand_open",
        "errand",
        ["id"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("about", sa.String(255), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("told_at", _TIME, nullable=True),
        sa.Column("over_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
    )
    op.create_index(
        "uq_alert_open",
        "alert",
        ["kind", "about"],
        unique=True,
        sqlite_where=sa.text("over_at IS NULL"),
        postgresql_where=sa.text("over_at IS NULL"),
    )


def downgrade() -> None:
    """Remove them: what was set on the pages has to be written into the settings file."""
    for table in ("alert", "errand", "town_logo", "stored_setting"):
        op.drop_table(table)
