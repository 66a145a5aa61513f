"""Which mails of a folder have been taken in, exactly, and how many have not: a cursor alone cannot say either."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Everything up to the last UID was taken in."""
    with op.batch_alter_table("mail_cursor") as table:
        table.add_column(sa.Column("taken", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("not_taken_in", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(sa.text("UPDATE mail_cursor SET taken = '1:' || CAST(last_uid AS VARCHAR(10)) WHERE last_uid > 0"))
    with op.batch_alter_table("mail_cursor") as table:
        table.drop_column("last_uid")
        table.alter_column("taken", server_default=None)
        table.alter_column("not_taken_in", server_default=None)


def downgrade() -> None:
    """Read each folder from its beginning again, which finds nothing new in it."""
    with op.batch_alter_table("mail_cursor") as table:
        table.add_column(sa.Column("last_uid", sa.BigInteger(), nullable=False, server_default="0"))
        table.drop_column("looked_at")
        table.drop_column("not_taken_in")
        table.drop_column("taken")
    with op.batch_alter_table("mail_cursor") as table:
        table.alter_column("last_uid", server_default=None)
