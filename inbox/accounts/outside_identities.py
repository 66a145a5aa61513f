"""Whom a provider outside knows somebody as: accounts are found, never made, by what a provider says."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from inbox.accounts.authentication import SIGNED_IN
from inbox.accounts.openid_provider import Told
from inbox.accounts.staff import normalise_login
from inbox.models import OutsideIdentity, Person
from inbox.records import history
from inbox.storage.envelope_encryption import vault_of


def find_person(session: Session, issuer: str, told: Told) -> Person | None:
    """Whose account it is that the provider speaks of; None when there is none, or it is closed.

    The first time it is the account whose login is the verified address. From then on the provider's own name for that
    person counts alone: whoever gets the same address later is somebody else.
    """
    subject = vault_of(session).keyring.keyed_hash("outside identity", f"{issuer}\0{told.subject}".encode())
    number = session.scalar(select(OutsideIdentity.person_id).where(OutsideIdentity.subject_hash == subject))
    found = select(Person).options(selectinload(Person.roles)).with_for_update(of=Person)
    if number is not None:
        person = session.scalar(found.where(Person.id == number))
    else:
        person = _known_by_address(session, issuer, told, subject)
    if person is None or not person.active:
        return None
    history.record_event(session, f"person:{person.id}", SIGNED_IN, person.id, {"by": "oidc"})
    return person


def _known_by_address(session: Session, issuer: str, told: Told, subject: str) -> Person | None:
    login = normalise_login(told.verified_mail)
    if "@" not in login:
        return None
    wanted = select(Person).where(Person.login == login).options(selectinload(Person.roles))
    person = session.scalar(wanted.with_for_update(of=Person))
    if person is None or not person.active:
        return None
    taken = select(OutsideIdentity.id).where(OutsideIdentity.person_id == person.id, OutsideIdentity.issuer == issuer)
    if session.scalar(taken) is not None:
        return None
    session.add(OutsideIdentity(person_id=person.id, issuer=issuer, subject_hash=subject))
    history.record_event(session, f"person:{person.id}", "outside_identity_bound", person.id)
    return person
