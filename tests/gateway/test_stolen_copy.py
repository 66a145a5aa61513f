"""What a thief of the data directory and a backup reads without the keys: no word of a resident but public ones."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeGuard

import pytest
from sqlalchemy import select, text

from config import enums
from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording.consultation import read_consultation
from config.wording.stems import fold
from gateway.sample.fill_store import fill_store
from gateway.sample.invented_residents import load_phrases
from inbox.backup.backups import create_backup
from inbox.consultations.consultation_versions import import_consultation
from inbox.contributions import text_versions
from inbox.models import ConsultationVersion, Contribution, Person
from inbox.storage.database import Store
from inbox.storage.opening_log import Opening
from tests.fixtures_store import StoreFolders

SHORTEST = 4
"""Letters of the words looked for in columns."""

SHORTEST_IN_BYTES = 7
"""Shorter ones occur in random bytes by chance."""


def said(store: Store) -> set[str]:
    """The folded words of all that residents said."""
    found: set[str] = set()
    with store.read() as session:
        for contribution in session.scalars(select(Contribution)):
            for wording in text_versions.list_versions(session, contribution):
                found |= set(fold(wording.body).split())
    return found


def public(store: Store) -> str:
    """What anybody reads, folded: the consultation, what staff are called, and the program's own names for states."""
    with store.read() as session:
        bodies = session.scalars(select(ConsultationVersion.body)).all()
        people = session.scalars(select(Person.name)).all()
    own = [member.value.replace("_", " ") for kind in vars(enums).values() if _is_enum(kind) for member in kind]
    return fold(json.dumps([*bodies, *people, *own], ensure_ascii=False))


def _is_enum(kind: object) -> TypeGuard[type[StrEnum]]:
    return isinstance(kind, type) and issubclass(kind, StrEnum)


def words_of_residents(store: Store, least: int) -> set[str]:
    """Those of at least so many letters that nobody but residents said."""
    known = public(store)
    return {word for word in said(store) if len(word) >= least and word not in known}


def columns(store: Store) -> Iterator[tuple[str, str]]:
    """Every column's name and all that stands in it in the clear, but for the consultations' own words."""
    with store.engine.connect() as connection:
        if store.engine.dialect.name == "sqlite":
            tables = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
        else:
            tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        for table in tables:
            if table == "consultation_version":
                continue
            for row in connection.execute(text(f'SELECT * FROM "{table}"')).mappings():
                for name, value in row.items():
                    if value is not None and not isinstance(value, bytes | memoryview):
                        yield f"{table}.{name}", str(value)


@pytest.fixture
def town(store: Store) -> Store:
    """Some of everything, by every channel, with what staff did and looked for."""
    consultation = read_consultation(PACKAGED_CONSULTATIONS / "rues-et-places.toml")
    with store.write() as session:
        import_consultation(session, consultation)
    load_phrases()  # read once, and not within a transaction
    fill_store(store, consultation, 40, seed=5, media=6, told=lambda done: None)
    return store


def test_no_word_stands_in_any_column(town: Store) -> None:
    looked_for = words_of_residents(town, SHORTEST)
    assert len(looked_for) > 100
    left = {(column, word) for column, value in columns(town) for word in set(fold(value).split()) & looked_for}
    assert left == set()


@pytest.mark.parametrize("server", ["sqlite"])
def test_no_word_stands_in_any_byte(town: Store, tmp_path: Path, store_settings: StoreFolders) -> None:
    town.openings.note(Opening(1, "searched", "list", 1, words="zygomatique"), datetime.now(UTC))
    target = tmp_path / "stolen.backup"
    create_backup(town, target)
    longest = sorted(word for word in words_of_residents(town, SHORTEST_IN_BYTES) if word.isascii())
    assert len(longest) > 30
    pattern = re.compile("|".join([*longest, "zygomatique"]).encode(), re.IGNORECASE)
    for path in [target, *store_settings.data_dir.rglob("*")]:
        if path.is_file():
            assert set(pattern.findall(path.read_bytes())) == set(), path
