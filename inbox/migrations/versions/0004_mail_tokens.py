"""Refresh tokens that a provider gave in place of those in the settings: a restart must not go back to a dead one."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "mail_token",
        sa.Column("account", sa.String(255), nullable=False),
        sa.Column("descends_from", sa.String(64), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["data_key.id"], name="fk_mail_token_key_id_data_key"),
        sa.PrimaryKeyConstraint("account", name="pk_mail_token"),
    )


def downgrade() -> None:
    """Remove it: the tokens of the settings are used again."""
    op.drop_table("mail_token")
