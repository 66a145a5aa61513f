"""Staff who sign in: accounts and roles."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session, selectinload

from config.enums import Role
from inbox.accounts import sign_in_sessions
from inbox.accounts.passwords import PasswordHash
from inbox.errors import InboxError
from inbox.models import Centre, OneTimeLink, Person, PersonRole
from inbox.records import history
from inbox.storage.upsert import insert_if_new


class LoginTaken(InboxError):
    """Another account has this login, or it is empty."""

    remedy = "Choose another login of 1 to 64 characters."


class NoSuchPerson(InboxError):
    """There is no account with this login."""

    remedy = "Look at `portevoix person list`."


class LastAdministrator(InboxError):
    """Without this account nobody could give rights any more."""

    remedy = "Make somebody else an administrator first."


class NoSuchCentre(InboxError):
    """There is no neighbourhood centre with this slug."""

    remedy = "Name the centre in a consultation file and import it, or correct the slug."


def create_person(
    session: Session,
    login: str,
    name: str,
    password: PasswordHash,
    roles: Iterable[Role],
    centre: str | None = None,
    by: int | None = None,
) -> Person:
    """Add an account; ``centre`` is a slug. Raises LoginTaken, NoSuchCentre."""
    login = normalise_login(login)
    if not login or len(login) > 64:
        raise LoginTaken("the login is empty or too long")
    centre_id = _centre_id(session, centre)
    if not insert_if_new(
        session,
        Person,
        login=login,
        name=" ".join(name.split())[:128] or login,
        password_hash=password,
        centre_id=centre_id,
        active=True,
    ):
        raise LoginTaken(f"the login {login} is taken")
    person = find_person(session, login)
    person.roles = [PersonRole(role=role) for role in sorted(set(roles))]
    details = {"roles": [role.role.value for role in person.roles]}
    history.record_event(session, f"person:{person.id}", "created", by, details)
    return person


def centre_id(session: Session, slug: str) -> int | None:
    """The neighbourhood centre of this short name; None where there is none."""
    return session.scalar(select(Centre.id).where(Centre.slug == slug))


def _centre_id(session: Session, slug: str | None) -> int | None:
    found = centre_id(session, slug) if slug else None
    if slug and found is None:
        raise NoSuchCentre(f"no centre is called {slug}")
    return found


def change_details(session: Session, login: str, name: str, centre: str | None, by: int | None = None) -> Person:
    """Change somebody's name and centre, ``centre`` being a slug; raises NoSuchPerson, NoSuchCentre."""
    person = find_person(session, login)
    name, centre_id = " ".join(name.split())[:128] or person.login, _centre_id(session, centre)
    if (person.name, person.centre_id) != (name, centre_id):
        person.name, person.centre_id = name, centre_id
        history.record_event(session, f"person:{person.id}", "details_changed", by)
    return person


def change_password(session: Session, login: str, password: PasswordHash, by: int | None = None) -> Person:
    """Give somebody a new password and end their sessions; raises NoSuchPerson."""
    person = find_person(session, login)
    person.password_hash = password
    sign_in_sessions.end_all_sessions(session, person.id)
    history.record_event(session, f"person:{person.id}", "password_changed", by)
    return person


def set_roles(session: Session, login: str, roles: Iterable[Role], by: int | None = None) -> Person:
    """Say what somebody may do from now on, and end their sessions; raises NoSuchPerson, LastAdministrator."""
    person = find_person(session, login)
    wanted = set(roles)
    if wanted == {role.role for role in person.roles}:
        return person
    if Role.ADMINISTRATOR not in wanted:
        _keep_an_administrator(session, person)
    person.roles = [role for role in person.roles if role.role in wanted] + [
        PersonRole(role=role) for role in sorted(wanted - {role.role for role in person.roles})
    ]
    sign_in_sessions.end_all_sessions(session, person.id)
    history.record_event(
        session, f"person:{person.id}", "roles_changed", by, {"roles": sorted(r.value for r in wanted)}
    )
    return person


def deactivate(session: Session, login: str, by: int | None = None) -> Person:
    """Close an account, end its sessions and its link; what it did stays in the history.

    Raises NoSuchPerson, LastAdministrator.
    """
    person = find_person(session, login)
    if person.active:
        _keep_an_administrator(session, person)
        session.execute(delete(OneTimeLink).where(OneTimeLink.person_id == person.id))
        person.active = False
        sign_in_sessions.end_all_sessions(session, person.id)
        history.record_event(session, f"person:{person.id}", "deactivated", by)
    return person


def _keep_an_administrator(session: Session, leaving: Person) -> None:
    """Raise LastAdministrator when ``leaving`` is the only one there is."""
    others = (
        select(Person.id)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(PersonRole.role == Role.ADMINISTRATOR, Person.active)
        .with_for_update(of=Person)
    )
    if set(session.scalars(others)) == {leaving.id}:
        raise LastAdministrator("somebody has to be the administrator")


def reactivate(session: Session, login: str, by: int | None = None) -> Person:
    """Open a closed account again, with its roles and its password; raises NoSuchPerson."""
    person = find_person(session, login)
    if not person.active:
        person.active = True
        history.record_event(session, f"person:{person.id}", "reactivated", by)
    return person


def list_people(session: Session) -> list[Person]:
    """Every account with its roles, by login."""
    return list(session.scalars(select(Person).options(selectinload(Person.roles)).order_by(Person.login)))


def names_of(session: Session, ids: Iterable[int | None]) -> dict[int, str]:
    """The names of these people, by id; None, for nobody, is left out."""
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_({one for one in ids if one is not None})))
    return dict(rows.tuples().all())


def account_id(session: Session, login: str) -> int | None:
    """The id of the account with exactly this login; None where there is none."""
    return session.scalar(select(Person.id).where(Person.login == login))


def centre_ids(session: Session) -> list[int]:
    """The ids of all neighbourhood centres, in order."""
    return list(session.scalars(select(Centre.id).order_by(Centre.id)))


def find_person(session: Session, login: str) -> Person:
    """The account with this login, held until the transaction ends; raises NoSuchPerson."""
    person = session.scalar(_by_login(normalise_login(login)).with_for_update(of=Person))
    if person is None:
        raise NoSuchPerson(f"nobody has the login {login}")
    return person


def _by_login(login: str) -> Select[Person]:
    return select(Person).where(Person.login == login).options(selectinload(Person.roles))


def normalise_login(login: str) -> str:
    """One spelling of a login: people type capitals and spaces."""
    return "".join(character for character in login.strip().casefold() if character.isprintable())
