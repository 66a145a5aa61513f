"""One sender's steps run singly and in order: a step says whose it is, and what its door understood."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_OPEN = sa.text("state = 'open'")


def upgrade() -> None:
    """Add both columns, and the indexes by which what is due is found without looking at what was done."""
    with op.batch_alter_table("step") as table:
        table.add_column(sa.Column("lane", sa.String(64), nullable=True))
        table.add_column(sa.Column("sealed_facts", sa.LargeBinary(), nullable=True))
    for name, columns in (("ix_step_queue_id", ["queue", "id"]), ("ix_step_lane_id", ["lane", "id"])):
        op.create_index(name, "step", columns, sqlite_where=_OPEN, postgresql_where=_OPEN)


def downgrade() -> None:
    """Remove them. Texts that no step has understood yet stay behind as intakes without a part."""
    op.drop_index("ix_step_lane_id", "step")
    op.drop_index("ix_step_queue_id", "step")
    with op.batch_alter_table("step") as table:
        table.drop_column("sealed_facts")
        table.drop_column("lane")
