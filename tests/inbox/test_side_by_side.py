"""Expand, then contract: what a migration leaves behind, the version before can still work with.

During a rolling upgrade both versions serve. A migration may add; what it no longer needs goes one version later, when
nobody uses it any more. So none takes a table or a column away, renames one, or asks of rows what the version before
does not write.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text

from inbox import migrations
from inbox.errors import WrongSchema
from inbox.migrations import SERVES_FROM, head, migrate
from inbox.storage.database import Store

SINCE = "0050"
"""The rule holds for what comes after this one: what was made before was never served side by side."""

NEWER = "9999"
"""A revision that only a version after this one knows."""

Shape = dict[str, dict[str, Any]]


def shape(engine: Engine) -> Shape:
    """Every table's columns, and what must be unique in it."""
    found = inspect(engine)
    shapes: Shape = {}
    for table in found.get_table_names():
        unique = {tuple(one["column_names"]) for one in found.get_unique_constraints(table)}
        unique |= {
            tuple(str(name) for name in one["column_names"]) for one in found.get_indexes(table) if one["unique"]
        }
        checks = {str(one["sqltext"]) for one in found.get_check_constraints(table)}
        shapes[table] = {
            "columns": {one["name"]: one for one in found.get_columns(table)},
            "unique": unique,
            "checks": checks,
        }
    return shapes


def contracted(before: Shape, after: Shape) -> list[str]:
    """What the version before could not work with."""
    found = [f"table {name} is gone" for name in before.keys() - after.keys()]
    for table in before.keys() & after.keys():
        old, new = before[table]["columns"], after[table]["columns"]
        found += [f"{table}.{name} is gone" for name in old.keys() - new.keys()]
        found += [
            f"{table}.{name} must be given"
            for name, column in new.items()
            if not column["nullable"]
            and column["default"] is None
            and not column["primary_key"]
            and (name not in old or old[name]["nullable"])
        ]
        found += [
            f"{table}.{name} is {new[name]['type']}, was {old[name]['type']}"
            for name in old.keys() & new.keys()
            if str(old[name]["type"]) != str(new[name]["type"])
        ]
        found += [f"{table}{one} must be unique" for one in after[table]["unique"] - before[table]["unique"]]
        found += [f"{table} checks {one}" for one in after[table]["checks"] - before[table]["checks"]]
    return found


def revisions_after(first: str) -> list[str]:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    return [one.revision for one in scripts.walk_revisions(first, "head")][::-1]


@pytest.fixture(scope="module")
def stairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shape]:
    """The tables as each version leaves them, by going down from the newest one."""
    engine = create_engine(f"sqlite:///{tmp_path_factory.mktemp('stairs') / 'p.db'}")
    migrate(engine)
    found = {}
    for revision in revisions_after(SINCE)[::-1]:
        if revision != head():
            migrate(engine, revision)
        found[revision] = shape(engine)
    engine.dispose()
    return found


def test_no_migration_takes_away_what_the_version_before_uses(stairs: dict[str, Shape]):
    names = sorted(stairs)
    assert set(names) >= set(revisions_after(SERVES_FROM))
    assert names[-1] == head()
    assert len(names) > 1
    broken = {
        after: found
        for before, after in itertools.pairwise(names)
        if (found := contracted(stairs[before], stairs[after]))
    }
    assert broken == {}


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["DROP TABLE a"], "table a is gone"),
        (["ALTER TABLE a DROP COLUMN b"], "a.b is gone"),
        (["ALTER TABLE a RENAME COLUMN b TO c"], "a.b is gone"),
        (["ALTER TABLE a RENAME TO c"], "table a is gone"),
        (["CREATE UNIQUE INDEX u ON a (b)"], "a('b',) must be unique"),
        (["DROP TABLE a", "CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER)"], "a.b is INTEGER, was TEXT"),
        (["DROP TABLE a", "CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT NOT NULL)"], "a.b must be given"),
        (["DROP TABLE a", "CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT, CHECK (b > 'a'))"], "a checks b > 'a'"),
        (["ALTER TABLE a ADD COLUMN c TEXT"], None),
        (["ALTER TABLE a ADD COLUMN c TEXT NOT NULL DEFAULT 'x'"], None),
        (["CREATE TABLE c (id INTEGER PRIMARY KEY, d TEXT NOT NULL)"], None),
    ],
)
def test_the_rule_sees_each_way_to_break_it(statements: list[str], said: str | None):
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT)"))
    before = shape(engine)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    found = contracted(before, shape(engine))
    assert found == ([said] if said else [])


def after_an_upgrade(store: Store, promised: str | None) -> None:
    """As a newer version leaves a database: a revision unknown here, and what it says of who may still serve."""
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :newer"), {"newer": NEWER})
        said = "NULL" if promised is None else f"'serves from {promised}'"
        connection.exec_driver_sql(f"COMMENT ON TABLE alembic_version IS {said}")


@pytest.mark.parametrize(
    ("promised", "may"), [(head(), True), (SERVES_FROM, True), (NEWER, False), (None, False), ("0 OR 1", False)]
)
@pytest.mark.parametrize("server", ["postgresql"])
def test_a_version_starts_beside_a_newer_one_that_allows_it(store: Store, promised: str | None, may: bool):
    after_an_upgrade(store, promised)
    if may:
        migrate(store.engine)
    else:
        with pytest.raises(WrongSchema, match=NEWER):
            migrate(store.engine)
    with store.read() as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == NEWER


@pytest.mark.parametrize("server", ["postgresql"])
def test_this_version_says_who_may_serve_beside_it(store: Store):
    migrate(store.engine)
    with store.read() as session:
        said = session.scalar(text("SELECT obj_description('alembic_version'::regclass)"))
    assert said == f"serves from {SERVES_FROM}"
