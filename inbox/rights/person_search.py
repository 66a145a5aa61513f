"""Finding what is kept of somebody who asks: by the address they contributed from, or by a reference they hold."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.enums import AddressKind
from inbox.consultations.contributors import address_hash, normalise_for_installation
from inbox.models import Contribution, Contributor, RightsContribution, RightsRequest
from inbox.records import references
from inbox.rights.rights_requests import record_fulfilment
from inbox.storage.upsert import insert_if_new


def add_findings(session: Session, request: RightsRequest, said: str, by: int) -> int:
    """Add to a request what was said under a number, a mail address or a reference; how many were not there yet.

    An address brings everything that came from it. A reference brings its own contribution only: who holds a slip has
    not shown to be the person behind an address.
    """
    found, known_as = _by_reference(session, said), None
    if not found:
        found, known_as = _by_address(session, said)
    if known_as is not None:
        request.address_hash = known_as
    new = [one for one in found if _add(session, request.id, one)]
    record_fulfilment(session, request, "rights_searched", by)
    return len(new)


def _add(session: Session, request_id: int, contribution_id: int) -> bool:
    return insert_if_new(session, RightsContribution, request_id=request_id, contribution_id=contribution_id)


def _by_reference(session: Session, said: str) -> Sequence[int]:
    number = references.parse_reference(said)
    found = references.contribution_of(session, number) if number is not None else None
    return [] if found is None else [found]


def _by_address(session: Session, said: str) -> tuple[Sequence[int], str | None]:
    for kind in (AddressKind.EMAIL,) if "@" in said else (AddressKind.PHONE, AddressKind.POSTAL):
        if not normalise_for_installation(session, kind, said):
            continue
        known_as = address_hash(session, kind, said)
        person = session.scalar(select(Contributor.id).where(Contributor.address_hash == known_as))
        if person is not None:
            wanted = (Contribution.contributor_id == person, Contribution.erased_at.is_(None))
            return session.scalars(select(Contribution.id).where(*wanted).order_by(Contribution.id)).all(), known_as
    return [], None


def contributor_of(session: Session, request: RightsRequest) -> int | None:
    """The person behind the address under which who asks was found, while anything is kept of them."""
    if request.address_hash is None:
        return None
    return session.scalar(select(Contributor.id).where(Contributor.address_hash == request.address_hash))
