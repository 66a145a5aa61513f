"""All tables of the design.

Types are spelled out here, not taken from the models, so that this file goes on making what
it made on its first day.
"""

import sqlalchemy as sa
from alembic import op

from inbox.migrations.first_triggers import (
    POSTGRESQL_APPEND_ONLY,
    POSTGRESQL_SEARCH,
    SQLITE_APPEND_ONLY,
    SQLITE_SEARCH,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# In the order in which they refer to each other.
TABLES = (
    "centre",
    "consultation",
    "contributor",
    "data_key",
    "heartbeat",
    "mail_cursor",
    "opt_out",
    "refusal",
    "tombstone",
    "consultation_address",
    "contribution",
    "contributor_address",
    "person",
    "consultation_version",
    "contribution_link",
    "history",
    "person_role",
    "search_text",
    "tag",
    "text_version",
    "intake",
    "arrival",
    "message",
    "part",
    "contribution_part",
    "medium",
    "reference",
    "step",
    "transcript",
)


def upgrade() -> None:
    """Make every table, the search index, and the triggers that keep history as it happened."""
    _make_tables()
    if op.get_bind().dialect.name == "sqlite":
        statements = SQLITE_SEARCH + SQLITE_APPEND_ONLY
    else:
        statements = POSTGRESQL_SEARCH + POSTGRESQL_APPEND_ONLY
    for statement in statements:
        op.execute(sa.text(statement))


def downgrade() -> None:
    """Drop everything."""
    if op.get_bind().dialect.name == "sqlite":
        # Dropping a table deletes its rows first, which the triggers would refuse.
        for trigger in ("history_not_updated", "history_not_deleted", "arrival_not_deleted", "arrival_not_changed"):
            op.execute(sa.text(f"DROP TRIGGER {trigger}"))
        op.execute(sa.text("DROP TABLE search_text_fts"))
    for name in reversed(TABLES):
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("DROP FUNCTION portevoix_append_only()"))


def _make_tables() -> None:
    op.create_table(
        "centre",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(64), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_centre"),
        sa.UniqueConstraint("slug", name="uq_centre_slug"),
    )
    op.create_table(
        "consultation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consultation"),
        sa.UniqueConstraint("slug", name="uq_consultation_slug"),
    )
    op.create_table(
        "contributor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contributor"),
        sa.UniqueConstraint("address_hash", name="uq_contributor_address_hash"),
    )
    op.create_table(
        "data_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("master_id", sa.String(32), nullable=False),
        sa.Column("wrapped", sa.LargeBinary()),
        sa.Column("destroyed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_data_key"),
    )
    op.create_table(
        "heartbeat",
        sa.Column("process", sa.String(64), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.String(255), nullable=False),
        sa.PrimaryKeyConstraint("process", name="pk_heartbeat"),
    )
    op.create_table(
        "mail_cursor",
        sa.Column("account", sa.String(255), nullable=False),
        sa.Column("folder", sa.String(255), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "folder", name="pk_mail_cursor"),
    )
    op.create_table(
        "opt_out",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address_hash", sa.String(64), nullable=False),
        sa.Column("town", sa.String(64), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_opt_out"),
        sa.UniqueConstraint("address_hash", "town", name="uq_opt_out_address_hash_town"),
    )
    op.create_table(
        "refusal",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("door", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "door", "reason", name="pk_refusal"),
    )
    op.create_table(
        "tombstone",
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_tombstone"),
    )
    op.create_table(
        "consultation_address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("value", sa.String(255), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name="fk_consultation_address_consultation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_consultation_address"),
        sa.UniqueConstraint("channel", "value", name="uq_consultation_address_channel_value"),
    )
    op.create_table(
        "contribution",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer()),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("contributor_id", sa.Integer()),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(8)),
        sa.Column("reading", sa.String(32), nullable=False),
        sa.Column("moderation", sa.String(32), nullable=False),
        sa.Column("set_aside_reason", sa.String(32)),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Double()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "(moderation = 'set_aside') = (set_aside_reason IS NOT NULL)", name="ck_contribution_reason_when_set_aside"
        ),
        sa.ForeignKeyConstraint(["consultation_id"], ["consultation.id"], name="fk_contribution_consultation_id"),
        sa.ForeignKeyConstraint(["contributor_id"], ["contributor.id"], name="fk_contribution_contributor_id"),
        sa.ForeignKeyConstraint(["key_id"], ["data_key.id"], name="fk_contribution_key_id"),
        sa.PrimaryKeyConstraint("id", name="pk_contribution"),
    )
    op.create_index("ix_contribution_consultation_id_id", "contribution", ["consultation_id", "id"], unique=False)
    op.create_index("ix_contribution_contributor_id", "contribution", ["contributor_id"], unique=False)
    op.create_index("ix_contribution_moderation_id", "contribution", ["moderation", "id"], unique=False)
    op.create_table(
        "contributor_address",
        sa.Column("contributor_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("sealed_value", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["contributor_id"], ["contributor.id"], name="fk_contributor_address_contributor_id"),
        sa.ForeignKeyConstraint(["key_id"], ["data_key.id"], name="fk_contributor_address_key_id"),
        sa.PrimaryKeyConstraint("contributor_id", name="pk_contributor_address"),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(64), nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("language", sa.String(8)),
        sa.Column("centre_id", sa.Integer()),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name="fk_person_centre_id"),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("login", name="uq_person_login"),
    )
    op.create_table(
        "consultation_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("consultation_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer()),
        sa.ForeignKeyConstraint(
            ["consultation_id"], ["consultation.id"], name="fk_consultation_version_consultation_id"
        ),
        sa.ForeignKeyConstraint(["created_by_id"], ["person.id"], name="fk_consultation_version_created_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_consultation_version"),
        sa.UniqueConstraint("consultation_id", "number", name="uq_consultation_version_consultation_id_number"),
    )
    op.create_table(
        "contribution_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["from_id"], ["contribution.id"], name="fk_contribution_link_from_id"),
        sa.ForeignKeyConstraint(["to_id"], ["contribution.id"], name="fk_contribution_link_to_id"),
        sa.PrimaryKeyConstraint("id", name="pk_contribution_link"),
        sa.UniqueConstraint("from_id", "to_id", "kind", name="uq_contribution_link_from_id_to_id_kind"),
    )
    op.create_table(
        "history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("person_id", sa.Integer()),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("undoes_id", sa.Integer()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_history_person_id"),
        sa.ForeignKeyConstraint(["undoes_id"], ["history.id"], name="fk_history_undoes_id"),
        sa.PrimaryKeyConstraint("id", name="pk_history"),
        sa.UniqueConstraint("undoes_id", name="uq_history_undoes_id"),
    )
    op.create_index("ix_history_subject_id", "history", ["subject", "id"], unique=False)
    op.create_table(
        "person_role",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_person_role_person_id"),
        sa.PrimaryKeyConstraint("person_id", "role", name="pk_person_role"),
    )
    op.create_table(
        "search_text",
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name="fk_search_text_contribution_id"),
        sa.PrimaryKeyConstraint("contribution_id", name="pk_search_text"),
    )
    op.create_table(
        "tag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("because", sa.String(255), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False),
        sa.Column("person_id", sa.Integer()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name="fk_tag_contribution_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_tag_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tag"),
        sa.UniqueConstraint("contribution_id", "name", name="uq_tag_contribution_id_name"),
    )
    op.create_index("ix_tag_name", "tag", ["name"], unique=False)
    op.create_table(
        "text_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(32), nullable=False),
        sa.Column("sealed_body", sa.LargeBinary()),
        sa.Column("person_id", sa.Integer()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name="fk_text_version_contribution_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_text_version_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_text_version"),
        sa.UniqueConstraint("contribution_id", "number", name="uq_text_version_contribution_id_number"),
    )
    op.create_table(
        "intake",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("account", sa.String(255), nullable=False),
        sa.Column("external_id", sa.String(255), nullable=False),
        sa.Column("addressed_to", sa.String(255)),
        sa.Column("consultation_version_id", sa.Integer()),
        sa.Column("contributor_id", sa.Integer()),
        sa.Column("entered_by_id", sa.Integer()),
        sa.Column("centre_id", sa.Integer()),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(8)),
        sa.Column("not_contribution", sa.String(32)),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("keep_until", sa.Date()),
        sa.Column("erased_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["centre_id"], ["centre.id"], name="fk_intake_centre_id"),
        sa.ForeignKeyConstraint(
            ["consultation_version_id"], ["consultation_version.id"], name="fk_intake_consultation_version_id"
        ),
        sa.ForeignKeyConstraint(["contributor_id"], ["contributor.id"], name="fk_intake_contributor_id"),
        sa.ForeignKeyConstraint(["entered_by_id"], ["person.id"], name="fk_intake_entered_by_id"),
        sa.ForeignKeyConstraint(["key_id"], ["data_key.id"], name="fk_intake_key_id"),
        sa.PrimaryKeyConstraint("id", name="pk_intake"),
        sa.UniqueConstraint("channel", "account", "external_id", name="uq_intake_channel_account_external_id"),
    )
    op.create_index("ix_intake_contributor_id", "intake", ["contributor_id"], unique=False)
    op.create_index("ix_intake_received_at", "intake", ["received_at"], unique=False)
    op.create_table(
        "arrival",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sealed_raw", sa.LargeBinary()),
        sa.Column("locator", sa.String(255)),
        sa.Column("sealed_headers", sa.LargeBinary()),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name="fk_arrival_intake_id"),
        sa.PrimaryKeyConstraint("id", name="pk_arrival"),
        sa.UniqueConstraint("intake_id", "digest", name="uq_arrival_intake_id_digest"),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("contribution_id", sa.Integer()),
        sa.Column("intake_id", sa.Integer()),
        sa.Column("contributor_id", sa.Integer()),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("sealed_body", sa.LargeBinary()),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("provider_id", sa.String(255)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name="fk_message_contribution_id"),
        sa.ForeignKeyConstraint(["contributor_id"], ["contributor.id"], name="fk_message_contributor_id"),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name="fk_message_intake_id"),
        sa.ForeignKeyConstraint(["key_id"], ["data_key.id"], name="fk_message_key_id"),
        sa.PrimaryKeyConstraint("id", name="pk_message"),
        sa.UniqueConstraint("contribution_id", "purpose", name="uq_message_contribution_id_purpose"),
        sa.UniqueConstraint("intake_id", "purpose", name="uq_message_intake_id_purpose"),
    )
    op.create_index("ix_message_contributor_id", "message", ["contributor_id"], unique=False)
    op.create_index("ix_message_provider_id", "message", ["provider_id"], unique=False)
    op.create_table(
        "part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("intake_id", sa.Integer(), nullable=False),
        sa.Column("part_key", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("consultation_version_id", sa.Integer()),
        sa.Column("contributor_id", sa.Integer()),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(8)),
        sa.Column("reading", sa.String(32), nullable=False),
        sa.Column("reading_reason", sa.String(255)),
        sa.Column("not_contribution", sa.String(32)),
        sa.Column("sealed_body", sa.LargeBinary()),
        sa.Column("sealed_aside", sa.LargeBinary()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("keep_until", sa.Date()),
        sa.Column("erased_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["consultation_version_id"], ["consultation_version.id"], name="fk_part_consultation_version_id"
        ),
        sa.ForeignKeyConstraint(["contributor_id"], ["contributor.id"], name="fk_part_contributor_id"),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name="fk_part_intake_id"),
        sa.ForeignKeyConstraint(["key_id"], ["data_key.id"], name="fk_part_key_id"),
        sa.PrimaryKeyConstraint("id", name="pk_part"),
        sa.UniqueConstraint("intake_id", "part_key", name="uq_part_intake_id_part_key"),
    )
    op.create_index("ix_part_contributor_id_created_at", "part", ["contributor_id", "created_at"], unique=False)
    op.create_table(
        "contribution_part",
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name="fk_contribution_part_contribution_id"),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name="fk_contribution_part_part_id"),
        sa.PrimaryKeyConstraint("contribution_id", "part_id", name="pk_contribution_part"),
    )
    op.create_index("ix_contribution_part_part_id", "contribution_part", ["part_id"], unique=False)
    op.create_table(
        "medium",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("content_type", sa.String(127), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("locator", sa.String(255)),
        sa.Column("sealed_source", sa.LargeBinary()),
        sa.Column("sealed_name", sa.LargeBinary()),
        sa.Column("seconds", sa.Double()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("keep_until", sa.Date()),
        sa.Column("discarded_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name="fk_medium_part_id"),
        sa.PrimaryKeyConstraint("id", name="pk_medium"),
        sa.UniqueConstraint("part_id", "position", name="uq_medium_part_id_position"),
    )
    op.create_table(
        "reference",
        sa.Column("number", sa.String(9), nullable=False),
        sa.Column("intake_id", sa.Integer()),
        sa.Column("part_id", sa.Integer()),
        sa.Column("contribution_id", sa.Integer()),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name="fk_reference_contribution_id"),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name="fk_reference_intake_id"),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name="fk_reference_part_id"),
        sa.PrimaryKeyConstraint("number", name="pk_reference"),
    )
    op.create_index("ix_reference_contribution_id", "reference", ["contribution_id"], unique=False)
    op.create_index("ix_reference_intake_id", "reference", ["intake_id"], unique=False)
    op.create_index("ix_reference_part_id", "reference", ["part_id"], unique=False)
    op.create_table(
        "step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("queue", sa.String(32), nullable=False),
        sa.Column("intake_id", sa.Integer()),
        sa.Column("part_id", sa.Integer()),
        sa.Column("message_id", sa.Integer()),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("token", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(500)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "(CASE WHEN intake_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN part_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN message_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="ck_step_one_subject",
        ),
        sa.ForeignKeyConstraint(["intake_id"], ["intake.id"], name="fk_step_intake_id"),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name="fk_step_message_id"),
        sa.ForeignKeyConstraint(["part_id"], ["part.id"], name="fk_step_part_id"),
        sa.PrimaryKeyConstraint("id", name="pk_step"),
        sa.UniqueConstraint("intake_id", "kind", name="uq_step_intake_id_kind"),
        sa.UniqueConstraint("message_id", "kind", name="uq_step_message_id_kind"),
        sa.UniqueConstraint("part_id", "kind", name="uq_step_part_id_kind"),
    )
    op.create_index("ix_step_state_not_before", "step", ["state", "not_before"], unique=False)
    op.create_table(
        "transcript",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("medium_id", sa.Integer(), nullable=False),
        sa.Column("engine", sa.String(64), nullable=False),
        sa.Column("model", sa.String(128), nullable=False),
        sa.Column("language", sa.String(8)),
        sa.Column("sealed_words", sa.LargeBinary()),
        sa.Column("confidence", sa.Double()),
        sa.Column("took_seconds", sa.Double(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["medium_id"], ["medium.id"], name="fk_transcript_medium_id"),
        sa.PrimaryKeyConstraint("id", name="pk_transcript"),
    )
    op.create_index("ix_transcript_medium_id", "transcript", ["medium_id"], unique=False)
