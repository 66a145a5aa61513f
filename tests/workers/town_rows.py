"""Every row of a town that took in texts, told so that two towns compare: no ids, no times, nothing by chance."""

from __future__ import annotations

import json
import re
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.contributions import search_index, text_versions
from inbox.models import (
    Contribution,
    ContributionPart,
    Contributor,
    ContributorAddress,
    DataKey,
    ErasureWish,
    History,
    Intake,
    Medium,
    Message,
    OptOut,
    Part,
    Reference,
    SearchTokens,
    Step,
    Tag,
    TextVersion,
)
from inbox.models.base import Base
from inbox.models.sealed_places import place_of
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of

Row = dict[str, Any]

_TOLD = (
    Intake,
    Part,
    Contribution,
    ContributionPart,
    Contributor,
    ContributorAddress,
    TextVersion,
    SearchTokens,
    Tag,
    ErasureWish,
    History,
    Medium,
    Reference,
    Message,
    Step,
    OptOut,
)
_BY_CHANCE = {"number", "key_id", "token", "attempts", "locator"}
_TIMES = {
    "created_at",
    "at",
    "issued_at",
    "not_before",
    "ended_at",
    "lease_until",
    "changed_at",
    "sent_at",
    "received_at",
    "erased_at",
}


def rows_of(store: Store) -> dict[str, list[Row]]:
    """The rows of each table that a text can change, in an order of their own."""
    with store.read() as session:
        names = _Names(session)
        told = {model.__tablename__: [names.told(row) for row in session.scalars(select(model))] for model in _TOLD}
        keys = session.scalars(select(DataKey)).all()
        told["data_key"] = [{"destroyed": key.wrapped is None} for key in keys]
    return {table: sorted(rows, key=lambda row: json.dumps(row, sort_keys=True)) for table, rows in told.items()}


class _Names:
    """What each row is called after what never changes."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._vault = vault_of(session)
        self._names: dict[str, dict[int, str]] = {}
        intakes = {intake.id: intake.external_id for intake in session.scalars(select(Intake))}
        parts = {part.id: f"part of {intakes[part.intake_id]}" for part in session.scalars(select(Part))}
        self._of_contribution: dict[int, str] = {}
        for link in session.scalars(select(ContributionPart).order_by(ContributionPart.part_id)):
            self._of_contribution.setdefault(link.contribution_id, f"said in {parts[link.part_id]}")
        contributors = {one.id: one.address_hash for one in session.scalars(select(Contributor))}
        messages = {
            one.id: f"{one.purpose} of "
            + (self._of_contribution.get(one.contribution_id or 0) or intakes[one.intake_id or 0])
            for one in session.scalars(select(Message))
        }
        self._names = {
            "intake": intakes,
            "part": parts,
            "contribution": self._of_contribution,
            "contributor": contributors,
            "message": messages,
        }
        self._references = {row.number: row for row in session.scalars(select(Reference))}

    def told(self, row: Base) -> Row:
        """One row."""
        told: Row = {}
        for column in row.__table__.columns:
            value = getattr(row, column.key)
            if column.key in _BY_CHANCE and not isinstance(row, TextVersion):
                continue
            told[column.key] = self._said(row, column, value)
        return {name: value for name, value in told.items() if name != "id"}

    def _said(self, row: Base, column: Any, value: Any) -> Any:
        if value is None:
            return None
        if column.key in _TIMES:
            return "then"
        if column.key.startswith("sealed_"):
            return self._opened(row, column.key, value)
        if isinstance(row, SearchTokens) and column.key == "tokens":
            return self._found_by(row)
        if isinstance(row, History) and column.key in ("subject", "details"):
            return self._by_name(json.dumps(value) if column.key == "details" else value)
        for key in column.foreign_keys:
            table = key.column.table.name
            if table in self._names:
                return self._names[table].get(value, f"a {table}")
        return value if isinstance(value, int | float | bool) else str(value)

    def _opened(self, row: Base, name: str, value: bytes) -> str:
        if isinstance(row, Step):
            return "facts"
        if isinstance(row, TextVersion):
            key_id = row.contribution.key_id
        else:
            key_id = row.part.key_id if isinstance(row, Medium) else row.key_id  # type: ignore[attr-defined]
        opened = self._vault.open_text(self._session, key_id, value, place_of(getattr(type(row), name), row))
        return self._without_references(opened)

    def _found_by(self, row: SearchTokens) -> str:
        """Whether its language is found out before the next text is joined to it is chance: both find it."""
        contribution = self._session.get_one(Contribution, row.contribution_id)
        said = text_versions.current_text(self._session, contribution)
        key, languages = search_index.search_key(self._session), (None, contribution.language)
        right = {search_index.index_tokens(key, said.body, one) for one in languages} if said else set()
        return "its words" if row.tokens in right else row.tokens

    def _without_references(self, text: str) -> str:
        for number, reference in self._references.items():
            whose = self._of_contribution.get(reference.contribution_id or 0, "nobody's")
            spaced = " ".join((number[:3], number[3:6], number[6:]))
            text = text.replace(number, f"<{whose}>").replace(spaced, f"<{whose}>")
        return text

    def _by_name(self, text: str) -> str:
        def named(match: re.Match[str]) -> str:
            kind, number = match[1], int(match[2])
            return f"{kind} {self._names.get(kind, {}).get(number, '?')}"

        return re.sub(r'"?(intake|contribution|part|message)"?:\s*(\d+)', named, text)


def differing(one: Store, other: Store) -> list[str]:
    """The rows that only one of two towns has."""
    here, there = rows_of(one), rows_of(other)
    return [
        f"{table} {'has' if row in here[table] else 'lacks'} {row}"
        for table in here
        for row in (*here[table], *there[table])
        if here[table].count(row) != there[table].count(row)
    ]
