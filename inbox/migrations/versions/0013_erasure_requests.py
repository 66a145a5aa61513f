"""What is asked to be erased by text has a table of its own; it was looked up in history."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy import Connection

from inbox.migrations.past_lines import Line, lines
from inbox.models.column_types import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_STATES = {
    "erasure_question": "asked_back",
    "erasure_confirmed": "confirmed",
    "erasure_declined": "declined",
    "erasure_taken_back": "taken_back",
    "erasure_asked_for": "for_a_person",
}

_WRITERS = sa.text(
    "SELECT id, contributor_id FROM intake"
    " WHERE 'intake:' || id IN (SELECT subject FROM history WHERE action IN :actions)"
).bindparams(sa.bindparam("actions", expanding=True))


def upgrade() -> None:
    """Make the table, and fill it with what history says was asked for and answered."""
    table = op.create_table(
        "erasure_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contribution_id", sa.Integer(), nullable=False),
        sa.Column("asked_in_id", sa.Integer(), nullable=False),
        sa.Column("answered_in_id", sa.Integer()),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["contribution_id"], ["contribution.id"], name="fk_erasure_request_contribution_id"),
        sa.ForeignKeyConstraint(["asked_in_id"], ["intake.id"], name="fk_erasure_request_asked_in_id"),
        sa.ForeignKeyConstraint(["answered_in_id"], ["intake.id"], name="fk_erasure_request_answered_in_id"),
        sa.PrimaryKeyConstraint("id", name="pk_erasure_request"),
    )
    for column in ("contribution_id", "asked_in_id", "answered_in_id"):
        op.create_index(f"ix_erasure_request_{column}", "erasure_request", [column])
    if requests := _requests(op.get_bind()):
        op.bulk_insert(table, requests)


def downgrade() -> None:
    """Remove it: history says the same."""
    op.drop_table("erasure_request")


def _requests(connection: Connection) -> list[dict[str, Any]]:
    found = connection.execute(_WRITERS, {"actions": list(_STATES)})
    writers: dict[int, int | None] = {row.id: row.contributor_id for row in found}
    made: list[dict[str, Any]] = []
    for line in lines(connection, *_STATES):
        state = _STATES[line.action]
        if line.about == "contribution" and state == "taken_back":
            for one in made:
                if (one["contribution_id"], one["state"]) == (line.number, "confirmed"):
                    one["state"] = state
        elif line.about == "intake":
            _follow(made, line, state, writers)
    return made


def _follow(made: list[dict[str, Any]], line: Line, state: str, writers: dict[int, int | None]) -> None:
    """A message asks for something to be erased, or answers the question that the same person was asked last."""
    contribution = int(line.details["contribution"])
    asked = None
    if state in ("confirmed", "declined"):
        asked = next(
            (
                one
                for one in reversed(made)
                if (one["contribution_id"], one["state"]) == (contribution, "asked_back")
                and writers.get(one["asked_in_id"]) == writers.get(line.number)
            ),
            None,
        )
    if asked is None:
        asked = {"contribution_id": contribution, "asked_in_id": line.number, "asked_at": line.at}
        made.append(asked)
    asked |= {"state": state, "answered_in_id": None if state == "asked_back" else line.number}
