"""Accounts: who may sign in, and how guessing is slowed down."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from config.enums import Role
from inbox.accounts import passwords, sign_in_sessions, staff
from inbox.accounts.authentication import authenticate
from inbox.models import Centre, Person
from inbox.models.column_types import utc_now
from inbox.records import history
from inbox.storage.database import Store

PASSWORD = "quatre mots qui durent"


@pytest.fixture
def lena(store: Store) -> int:
    with store.write() as session:
        return staff.create_person(
            session, " Lena ", "Léna  Le Gall", passwords.hash_password(PASSWORD), [Role.MODERATOR, Role.OFFICIAL]
        ).id


def sign_in(store: Store, login: str, password: str, later: timedelta = timedelta(0)) -> int | None:
    person = authenticate(store, login, password, now=utc_now() + later)
    return person.id if person else None


def begin(store: Store, person: int) -> str:
    with store.write() as session:
        return sign_in_sessions.create_session(session, person, "Firefox", utc_now())


def goes_on(store: Store, token: str) -> bool:
    with store.read() as session:
        return sign_in_sessions.find_session(session, token, utc_now()) is not None


def test_created(store: Store, lena: int):
    with store.read() as session:
        (person,) = staff.list_people(session)
        assert (person.id, person.login, person.name, person.active) == (lena, "lena", "Léna Le Gall", True)
        assert {role.role for role in person.roles} == {Role.MODERATOR, Role.OFFICIAL}
        assert PASSWORD not in person.password_hash
        assert [line.action for line in history.history_of(session, f"person:{lena}")] == ["created"]


@pytest.mark.parametrize(
    ("login", "password", "centre", "error"),
    [
        ("LENA", PASSWORD, None, staff.LoginTaken),
        ("", PASSWORD, None, staff.LoginTaken),
        ("x" * 65, PASSWORD, None, staff.LoginTaken),
        ("yann", "court", None, passwords.WeakPassword),
        ("yann", "x" * 2_000, None, passwords.WeakPassword),
        ("yann", PASSWORD, "nowhere", staff.NoSuchCentre),
    ],
    ids=["taken", "empty", "long", "short password", "endless password", "unknown centre"],
)
def test_not_created(store: Store, lena: int, login: str, password: str, centre: str | None, error):
    with pytest.raises(error) as caught, store.write() as session:
        staff.create_person(session, login, "Yann", passwords.hash_password(password), [Role.CENTRE], centre)
    assert caught.value.remedy
    with store.read() as session:
        assert list(session.scalars(select(Person.id))) == [lena]


def test_of_a_centre(store: Store):
    with store.write() as session:
        session.add(Centre(slug="bellevue", name="Bellevue"))
        person = staff.create_person(
            session, "yann", "Yann", passwords.hash_password(PASSWORD), [Role.CENTRE], "bellevue"
        )
        assert person.centre is not None
        assert person.centre.name == "Bellevue"


@pytest.mark.parametrize(
    ("login", "password", "is_lena"),
    [
        ("lena", PASSWORD, True),
        (" LENA ", PASSWORD, True),
        ("lena", PASSWORD + " ", False),
        ("lena", "", False),
        ("nobody", PASSWORD, False),
        ("", "", False),
        ("lena\0", PASSWORD, True),
        ("lena' OR 1=1 --", PASSWORD, False),
    ],
)
def test_signing_in(store: Store, lena: int, login: str, password: str, is_lena: bool):
    assert (sign_in(store, login, password) == lena) == is_lena


def test_closed_account_does_not_open(store: Store, lena: int):
    token = begin(store, lena)
    with store.write() as session:
        staff.deactivate(session, "lena")
        staff.deactivate(session, "lena")
    assert not goes_on(store, token)
    assert sign_in(store, "lena", PASSWORD) is None


def test_new_password_ends_sessions(store: Store, lena: int):
    token = begin(store, lena)
    with store.write() as session:
        staff.change_password(session, "lena", passwords.hash_password("un autre mot de passe"))
    assert not goes_on(store, token)
    assert sign_in(store, "lena", PASSWORD) is None
    assert sign_in(store, "lena", "un autre mot de passe") == lena


def test_new_roles_end_sessions(store: Store, lena: int):
    token = begin(store, lena)
    with store.write() as session:
        staff.set_roles(session, "lena", [Role.MODERATOR, Role.ADMINISTRATOR])
    with store.read() as session:
        person = session.get_one(Person, lena)
        assert {role.role for role in person.roles} == {Role.MODERATOR, Role.ADMINISTRATOR}
    assert not goes_on(store, token)


@pytest.mark.parametrize(
    "act", [staff.deactivate, lambda s, login: staff.change_password(s, login, passwords.hash_password(PASSWORD))]
)
def test_nobody(store: Store, act):
    with pytest.raises(staff.NoSuchPerson), store.write() as session:
        act(session, "nobody")
