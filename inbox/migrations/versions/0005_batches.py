"""Scanned files handed in together are one batch; what was said of receipts that reached nobody is put right."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_NEW_STATES = {"voicemail": "spoken", "sms": "no_address"}
"""By channel, what a receipt was that stood there as printed."""


def upgrade() -> None:
    """Add the column and two indexes; name anew what was printed nowhere."""
    # In so many words, for both servers: making the table anew would take the rows from those that refer to it.
    op.execute(
        "ALTER TABLE intake ADD COLUMN batch_id INTEGER CONSTRAINT fk_intake_batch_id_intake REFERENCES intake (id)"
    )
    op.create_index("ix_intake_batch_id", "intake", ["batch_id"])
    op.create_index("ix_arrival_digest", "arrival", ["digest"])
    message = sa.table("message", sa.column("channel", sa.String), sa.column("state", sa.String))
    for channel, state in _NEW_STATES.items():
        of_channel = (message.c.channel == channel) & (message.c.state == "printed")
        op.execute(sa.update(message).where(of_channel).values(state=state))


def downgrade() -> None:
    """Take them back."""
    message = sa.table("message", sa.column("state", sa.String))
    op.execute(sa.update(message).where(message.c.state.in_(_NEW_STATES.values())).values(state="printed"))
    op.drop_index("ix_arrival_digest", "arrival")
    op.drop_index("ix_intake_batch_id", "intake")
    op.drop_column("intake", "batch_id")
