"""Security keys of those who sign in."""

import sqlalchemy as sa
from alembic import op

from inbox.models.column_types import UtcDateTime

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "security_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("credential", sa.String(1364), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime()),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_security_key_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_security_key"),
        sa.UniqueConstraint("credential", name="uq_security_key_credential"),
    )
    op.create_index("ix_security_key_person_id", "security_key", ["person_id"])


def downgrade() -> None:
    """Remove it: who signed in with a key signs in with the password, or a code, from then on."""
    op.drop_table("security_key")
