"""Sealed bytes put elsewhere: in another row, column or table, with keys or without, or in the form of before.

Who can write into the database and has no keys must not be able to show one resident's words as another's. Every
column of sealed values is found in the models, so that a new one cannot be forgotten.
"""

from __future__ import annotations

from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Integer, LargeBinary, cast, inspect, select, text, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from inbox.backup import bound_values
from inbox.errors import Damaged
from inbox.models import Base, Contribution, Intake, Part, StoredSetting, TextVersion, Vote
from inbox.models.column_types import BOUND_TO
from inbox.models.sealed_places import Place, place_of
from inbox.storage import crypto
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of
from inbox.votes import counting
from tests.opened import bytes_in
from tests.two_of_each import NUMBERS, fill, said

MODELS = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
SEALED: dict[str, InstrumentedAttribute[Any]] = {
    f"{table}.{name}": getattr(model, name)
    for table, model in sorted(MODELS.items())
    for name in inspect(model).columns.keys()  # noqa: SIM118 - a collection of columns
    if BOUND_TO in inspect(model).columns[name].info
}
IN_THE_CLEAR = {
    "ballot_box.open_half": "a public key",
    "data_key.wrapped": "a key, under a master key: what it seals does not open when it is exchanged",
    "security_key.public_key": "a public key; who could put their own there could make themselves a session as well",
    "printed_form.layout": "as it was printed",
    "text_sense.sketch": "a MinHash under a secret permutation",
    "town_logo.content": "as anybody sees it",
}


def values_of(column: InstrumentedAttribute[Any], number: int) -> dict[str, Any]:
    """What a row of this column's table is known by, the ``number``-th."""
    table = column.property.columns[0].table
    return {
        name: number if table.c[name].type.python_type is int else f"{name}-{number}"
        for name in column.property.columns[0].info[BOUND_TO]
    }


def test_every_column_of_bytes_is_sealed_for_its_place_or_said_not_to_be() -> None:
    bytes_in = {
        f"{table}.{column.name}"
        for table, model in MODELS.items()
        for column in model.__table__.columns
        if isinstance(column.type, LargeBinary) or column.name.startswith("sealed")
    }
    assert bytes_in == set(SEALED) | set(IN_THE_CLEAR)


@pytest.mark.parametrize("name", SEALED)
def test_a_row_is_known_by_what_tells_it_from_all_others(name: str) -> None:
    """By its primary key, or by a constraint of the database: else two rows could be exchanged."""
    column = SEALED[name].property.columns[0]
    known_by = set(column.info[BOUND_TO])
    table = column.table
    unique = [{one.name for one in table.primary_key.columns}]
    unique += [
        {one.name for one in constraint.columns}
        for constraint in table.constraints
        if type(constraint).__name__ == "UniqueConstraint"
    ]
    assert any(one <= known_by for one in unique), f"{sorted(known_by)} do not tell a row of {table.name}"


@pytest.mark.parametrize("name", SEALED)
def test_it_opens_nowhere_else(name: str) -> None:
    """Not in another row, column or table, nor in the form of before, even with the very same key."""
    key, home = crypto.new_key(), place_of(SEALED[name], values_of(SEALED[name], 1))
    sealed = crypto.seal(key, b"Un secret de voisinage", home)
    assert crypto.unseal(key, sealed, home) == b"Un secret de voisinage"
    elsewhere = [place_of(one, values_of(one, 1)) for other, one in SEALED.items() if other != name]
    elsewhere += [place_of(SEALED[name], values_of(SEALED[name], 2)), Place(b""), Place(home + b" ")]
    # Each part of what it is known by counts.
    first = values_of(SEALED[name], 1)
    elsewhere += [place_of(SEALED[name], first | {one: 77}) for one in first]
    for place in elsewhere:
        with pytest.raises(Damaged):
            crypto.unseal(key, sealed, place)
    with pytest.raises(Damaged):
        crypto.unseal(key, crypto.seal(key, b"of before"), home)
    with pytest.raises(Damaged):  # nor by calling the one form the other
        crypto.unseal(key, b"\x01" + sealed[1:])
    with pytest.raises(Damaged):
        crypto.unseal(key, b"\x02" + crypto.seal(key, b"of before")[1:], home)


def test_no_two_places_are_the_same() -> None:
    places = [place_of(one, values_of(one, number)) for one in SEALED.values() for number in (1, 2)]
    assert len(set(places)) == len(places)


def test_names_that_run_together_are_two_places() -> None:
    """« a,b » and « c » are not « a » and « b,c »."""
    sheet = SEALED["draft.sealed_body"]
    rows = [
        {"contribution_id": 1, "person_id": 2, "sheet": '3","4'},
        {"contribution_id": 1, "person_id": 2, "sheet": "3,4"},
        {"contribution_id": 1, "person_id": "2,3", "sheet": "4"},
        {"contribution_id": "1", "person_id": 2, "sheet": "3,4"},
    ]
    assert len({place_of(sheet, row) for row in rows}) == len(rows)


def test_a_row_without_its_number_is_refused() -> None:
    with pytest.raises(ValueError, match="is not known by"):
        place_of(SEALED["note.sealed_body"], {"contribution_id": 1, "id": None})


# --- in a database ----------------------------------------------------------------------------------


def opened(session: Session, name: str, number: int) -> bytes:
    """What the code that reads this column gets of the row of this number."""
    column = SEALED[name]
    row = session.scalars(select(column.class_).where(_key_of(column.class_) == number)).one()
    if isinstance(row, Vote):
        return counting.opened(session, row)
    return bytes_in(row, column.key)


def _key_of(model: type[Base]) -> Any:
    (key,) = model.__table__.primary_key.columns
    return key if key.type.python_type is int else cast(key, Integer)


def _exchange(session: Session, model: type[Base], names: list[str]) -> None:
    """As who can write into the database does."""
    columns = [model.__table__.c[name] for name in names]
    rows = [dict(session.execute(select(*columns).where(_key_of(model) == one)).one()._mapping) for one in NUMBERS]
    for number, values in zip(NUMBERS, reversed(rows), strict=True):
        session.execute(update(model.__table__).where(_key_of(model) == number).values(values))  # type: ignore[arg-type]


def test_exchanged_between_rows_it_does_not_open(store: Store) -> None:
    """Alone, and with the key of its row, in every column that seals."""
    with store.write() as session:
        fill(session, bound=True)
    with store.read() as session:
        for name, number in product(SEALED, NUMBERS):
            if name != "ballot_box.sealed_half":
                assert opened(session, name, number) == said(*name.split("."), number)
    for name, column in SEALED.items():
        if name == "arrival.sealed_raw":
            continue  # the database refuses to change it: below
        with_key = [column.key, "key_id"] if "key_id" in column.class_.__table__.c else [column.key]
        for names in ([column.key], with_key):
            with store.write() as session:
                _exchange(session, column.class_, names)
            with store.read() as session:
                for number in NUMBERS:
                    with pytest.raises(Damaged):
                        opened(session, name, number)
            with store.write() as session:
                _exchange(session, column.class_, names)


def test_with_the_keys_of_their_owners_they_do_not_open(store: Store) -> None:
    """Two residents' parts, contributions and intakes with their data keys exchanged, and the values as well."""
    with store.write() as session:
        fill(session, bound=True)
    owners = [Intake, Part, Contribution]
    inside = ["arrival.sealed_raw", "part.sealed_body", "medium.sealed_name", "text_version.sealed_body"]
    with store.write() as session:
        for model in owners:
            _exchange(session, model, ["key_id"])
        for name in inside[1:]:
            _exchange(session, SEALED[name].class_, [SEALED[name].key])
    with store.read() as session:
        for name, number in product(inside, NUMBERS):
            with pytest.raises(Damaged):
                opened(session, name, number)


def test_moved_to_another_owner_it_does_not_open(store: Store) -> None:
    """A whole row that is told to belong to somebody else, whose key is the same."""
    with store.write() as session:
        fill(session, bound=True)
        session.execute(update(TextVersion).where(TextVersion.id == 1).values(number=9))
        session.execute(update(TextVersion).where(TextVersion.id == 2).values(contribution_id=1))
        session.execute(update(Contribution).where(Contribution.id == 1).values(key_id=2))
    with store.read() as session, pytest.raises(Damaged):
        opened(session, "text_version.sealed_body", 2)


# --- what versions before sealed --------------------------------------------------------------------


def unbound(store: Store) -> None:
    """As an earlier version left it."""
    with store.write() as session:
        fill(session, bound=False)
    (store.keyring.folder / "values-bound").unlink()


def check_all_open(store: Store) -> None:
    with store.read() as session:
        for name, number in product(SEALED, NUMBERS):
            if name != "ballot_box.sealed_half":
                assert opened(session, name, number) == said(*name.split("."), number), name


def test_what_is_there_is_bound_once(store: Store) -> None:
    unbound(store)
    with store.read() as session:
        for name in SEALED:
            with pytest.raises(Damaged):
                opened(session, name, 1)
    assert bound_values.bring_up_to_date(store) == len(SEALED) * len(NUMBERS)
    check_all_open(store)
    assert bound_values.bring_up_to_date(store) == 0
    assert store.keyring.are_values_bound


def test_cut_short_it_goes_on(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    unbound(store)
    whole, calls = bound_values._replace, iter(range(100))

    def cut(*given: Any) -> None:
        if next(calls) == 9:
            raise KeyboardInterrupt
        whole(*given)

    monkeypatch.setattr(bound_values, "_replace", cut)
    with pytest.raises(KeyboardInterrupt):
        bound_values.bring_up_to_date(store)
    assert not store.keyring.are_values_bound
    monkeypatch.undo()
    left = bound_values.bring_up_to_date(store)
    assert 0 < left < len(SEALED) * len(NUMBERS)
    check_all_open(store)


def test_the_old_form_is_not_taken_twice(sqlite_store: Store) -> None:
    """Nor by telling the database that it is of a version before; only by who can start a command."""
    unbound(sqlite_store)
    bound_values.bring_up_to_date(sqlite_store)
    before, key = "0001", SEALED["part.sealed_body"]
    with sqlite_store.write() as session:
        part = session.get_one(Part, 1)
        data_key = vault_of(session).key_of(session, part.key_id)
        part.sealed_body = crypto.seal(data_key, b"of somebody else, from an old backup")
    assert bound_values.bring_up_to_date(sqlite_store) == 0
    with sqlite_store.write() as session:
        revision = session.scalar(text("SELECT version_num FROM alembic_version"))
        session.execute(text("UPDATE alembic_version SET version_num = :before"), {"before": before})
    with pytest.raises(bound_values.AlreadyBound):
        bound_values.bring_up_to_date(sqlite_store)
    with sqlite_store.read() as session, pytest.raises(Damaged):
        bytes_in(session.get_one(Part, 1), key.key)
    with sqlite_store.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
    assert bound_values.bring_up_to_date(sqlite_store, again=True) == 1


def test_writes_are_short(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slower the disk, the fewer rows at once."""
    sizes, clock = [], iter(n * 0.2 for n in range(10_000))

    def slowly(_connection: Any, _table: Any, _column: Any, found: Any) -> None:
        sizes.append(len(found))

    with sqlite_store.write() as session:
        key = vault_of(session).new_key(session)
        data_key = vault_of(session).key_of(session, key.id)
        session.add_all(
            StoredSetting(name=f"s{n:03}", key_id=key.id, sealed=crypto.seal(data_key, b"{}"), revision=1)
            for n in range(100)
        )
    monkeypatch.setattr(bound_values, "_replace", slowly)
    monkeypatch.setattr("inbox.backup.bound_values.time", SimpleNamespace(monotonic=lambda: next(clock)))
    bound_values.bind_all(sqlite_store)
    assert sizes[:3] == [50, 10, 5]
    assert sum(sizes) == 100
