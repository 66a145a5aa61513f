"""Faults as other systems read and write them: Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2).

What was passed on to services and is published, and what a program handed in itself. A request's number is the
contribution's on the public pages, never its reference: systems of faults put their numbers and words on maps.
The description is the text in force, as a role may read it; nobody's address is in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from config.answer_states import Outcome
from config.enums import Moderation
from config.settings.sections.open311_section import LONGEST_SERVICE
from inbox.answers.answer_wording import AnswerToTell
from inbox.answers.service_requests import CLOSED, OPEN
from inbox.listings import contribution_list
from inbox.listings.visibility import Visibility
from inbox.models import Contribution, ContributionOutcome, PlaceMention, ReportedFault, ServiceRequest
from inbox.records import references

MOST = 1_000
"""Requests of one answer, the newest first, as the specification says."""
ENDS = frozenset({Outcome.DONE, Outcome.NOT_KEPT})
"""With these outcomes a request is closed."""


@dataclass(frozen=True, slots=True)
class FaultQuery:
    """Which requests are asked for; None: any."""

    ids: Collection[int] | None = None
    services: Collection[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    statuses: Collection[str] | None = None
    token_id: int = 0
    """Whose own it may be that nobody has decided about yet."""


def service_code(name: str) -> str:
    """What programs call a service: its name in small letters of ASCII; empty for none."""
    plain = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "oe")).encode("ascii", "ignore").decode()
    code = re.sub(r"[^a-z0-9]+", "-", plain.casefold()).strip("-")
    # A name without one Latin letter is called by its bytes.
    return code[:LONGEST_SERVICE] or name.encode().hex()[:LONGEST_SERVICE]


def services(session: Session, named: Sequence[str]) -> dict[str, str]:
    """The services by code: those of the settings, then those that moderators named."""
    used = session.scalars(select(ServiceRequest.service).distinct().order_by(ServiceRequest.service)).all()
    found: dict[str, str] = {}
    for name in (*named, *(one for one in used if one)):
        found.setdefault(service_code(name), name)
    return found


def service_requests(
    session: Session, sight: Visibility, zone: tzinfo, wanted: FaultQuery = FaultQuery(), language: str = "fr"
) -> list[dict[str, Any]]:
    """The requests that fit, the newest first; times are those of ``zone``, as in ISO 8601."""
    service = func.coalesce(ServiceRequest.service, ReportedFault.service)
    at = func.coalesce(ServiceRequest.at, ReportedFault.at)
    rows = session.execute(
        select(Contribution, ServiceRequest, ReportedFault, ContributionOutcome)
        .outerjoin(ServiceRequest, ServiceRequest.contribution_id == Contribution.id)
        .outerjoin(ReportedFault, ReportedFault.contribution_id == Contribution.id)
        .outerjoin(ContributionOutcome, ContributionOutcome.contribution_id == Contribution.id)
        .where(Contribution.listed, _there(wanted), *_narrowed(session, wanted, service, at))
        .order_by(at.desc(), Contribution.id.desc())
        .limit(MOST)
    ).all()
    made: list[_Row] = [(row[0], row[1], row[2], row[3]) for row in rows]
    found = [contribution for contribution, *_more in made]
    said = contribution_list.current_texts_of(session, found, sight)
    ids = [one.id for one in found]
    received, places = contribution_list.received_times(session, ids), _places(session, ids)
    numbers = references.references_of(session, ids)

    def told(one: Contribution, passed: ServiceRequest | None, came: ReportedFault | None, decided: Any) -> Any:
        name = passed.service if passed else came.service if came else ""
        outcome = decided.outcome if decided else None
        begun = received.get(one.id, (one.created_at, 0))[0]
        changes = (passed and passed.at, passed and passed.changed_at, came and came.at, decided and decided.at)
        return {
            "service_request_id": str(one.id),
            "status": _status(one, passed, outcome),
            "status_notes": _notes(passed, outcome, language, numbers.get(one.id, "")),
            "service_name": name or None,
            "service_code": service_code(name) or None,
            "description": said[one.id].body if one.id in said else "",
            "agency_responsible": name or None,
            "service_notice": None,
            "requested_datetime": begun.astimezone(zone).isoformat("T", "seconds"),
            "updated_datetime": max(begun, *filter(None, changes)).astimezone(zone).isoformat("T", "seconds"),
            "expected_datetime": None,
            "address": places.get(one.id),
            "address_id": None,
            "zipcode": None,
            "lat": None,
            "long": None,
            "media_url": None,
        }

    told_ones = [told(*row) for row in made]
    return [one for one in told_ones if wanted.statuses is None or one["status"] in wanted.statuses]


_Row = tuple[Contribution, ServiceRequest | None, ReportedFault | None, ContributionOutcome | None]


def _there(wanted: FaultQuery) -> ColumnElement[bool]:
    published = Contribution.moderation == Moderation.PUBLISHED
    passed_on = and_(ServiceRequest.contribution_id.is_not(None), published)
    return or_(passed_on, ReportedFault.token_id == wanted.token_id)


def _narrowed(
    session: Session, wanted: FaultQuery, service: ColumnElement[str], at: ColumnElement[datetime]
) -> Iterable[ColumnElement[bool]]:
    if wanted.ids is not None:
        yield Contribution.id.in_(wanted.ids)
    if wanted.services is not None:
        known = services(session, session.scalars(select(ReportedFault.service).distinct()).all())
        yield service.in_([name for code, name in known.items() if code in wanted.services])
    if wanted.since is not None:
        yield at >= wanted.since
    if wanted.until is not None:
        yield at <= wanted.until


def _status(one: Contribution, passed: ServiceRequest | None, outcome: Outcome | None) -> str:
    if outcome in ENDS or (passed is None and one.moderation is Moderation.SET_ASIDE):
        return CLOSED
    return passed.status if passed else OPEN


def _notes(passed: ServiceRequest | None, outcome: Outcome | None, language: str, reference: str) -> str | None:
    if passed is not None and passed.status_notes:
        return passed.status_notes
    return str(AnswerToTell({}, outcome, None).facts(language, reference)["outcome"]) if outcome else None


def _places(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """The place of the town's own list that a text names first."""
    rows = session.execute(
        select(PlaceMention.contribution_id, PlaceMention.place)
        .where(PlaceMention.contribution_id.in_(ids))
        .order_by(PlaceMention.contribution_id, PlaceMention.place)
    )
    found: dict[int, str] = {}
    for number, place in rows:
        found.setdefault(number, place)
    return found
