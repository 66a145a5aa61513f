"""Open311 GeoReport v2: the town's services, faults handed in by programs, and what became of faults."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, request

from config.enums import ArrivalKind, Channel
from gateway.intake.contribute import NewPart, create_contributions
from gateway.intake.intake_store import IncomingMessage, store_message
from gateway.intake.sealed_originals import seal_original
from gateway.web.api.api_guard import ProblemDetails, current_token, record_opening, token_visibility
from gateway.web.api.open311_replies import fault_key, for_anybody, open311_reply
from inbox.answers import service_requests
from inbox.answers.service_requests import CLOSED, OPEN
from inbox.consultations import consultation_versions
from inbox.export import open311
from inbox.export.open311 import FaultQuery
from inbox.models import ReportedFault
from inbox.models.column_types import utc_now
from inbox.records import history, references
from inbox.storage.unit_of_work import Session
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.openings import LISTED, SEEN
from inbox.web.base.row_ids import DIGITS

BASE = "/open311/v2"
ACCOUNT = "open311"
LONGEST_WORDS, LONGEST_PLACE, LONGEST_NOTES = 4_000, 300, 400
LONGEST_LIST = 4_000

pages = Blueprint("open311", __name__, url_prefix=BASE)


@pages.get("/discovery.<kind>")
@for_anybody
def discovery(*, kind: str) -> Response:
    """Where what is."""
    base = f"{settings_of().public_url}{BASE}"
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": base,
        "changeset": "2026-11-29",
        "type": "production",
        "formats": [{"format": "text/xml"}, {"format": "application/json"}],
    }
    contact = settings_of().legal.contact or None
    key = "An administrator of the town makes tokens on the page of the town's tools."
    table = {"changeset": "2026-11-29", "contact": contact, "key_service": key, "endpoints": [endpoint]}
    return open311_reply(kind, "discovery", "endpoint", table)


@pages.get("/services.<kind>")
@for_anybody
def services(*, kind: str) -> Response:
    """The town's services that the settings name."""
    return open311_reply(kind, "services", "service", [_service(code, name) for code, name in _named().items()])


@pages.get("/services/<code>.<kind>")
@for_anybody
def service(*, kind: str, code: str) -> Response:
    """What a service wants to know of a fault: nothing beyond its words and place."""
    if code not in _named():
        raise ProblemDetails(404, "There is no such service_code")
    return open311_reply(kind, "service_definition", "attribute", {"service_code": code, "attributes": []})


@pages.get("/requests.<kind>")
@fault_key
def requests(*, kind: str) -> Response:
    """Faults that were passed on and are published, and those of this program."""
    found = _found(_wanted())
    record_opening(LISTED, "service requests", len(found))
    return open311_reply(kind, "service_requests", "request", found)


@pages.get("/requests/<int:number>.<kind>")
@fault_key
def one_request(*, kind: str, number: int) -> Response:
    """One of them."""
    found = _found(FaultQuery(ids=[number], token_id=current_token().token_id))
    if not found:
        raise ProblemDetails(404, "There is no such service_request_id")
    record_opening(SEEN, f"contribution:{number}")
    return open311_reply(kind, "service_requests", "request", found)


@pages.get("/tokens/<token>.<kind>")
@fault_key
def by_token(*, kind: str, token: str) -> Response:
    """The number of a request by its reference, which a resident can name."""
    number = references.parse_reference(token[:40])
    with store_of().read() as session:
        contribution_id = references.contribution_of(session, number) if number else None
    if contribution_id is None or not _found(FaultQuery(ids=[contribution_id], token_id=current_token().token_id)):
        raise ProblemDetails(404, "There is no such token")
    row = {"service_request_id": str(contribution_id), "token": number}
    return open311_reply(kind, "service_requests", "request", [row])


@pages.post("/requests.<kind>")
@fault_key
def report(*, kind: str) -> Response:
    """Take in a fault as a contribution that a person reads; nobody's name, number or address is kept with it."""
    code, said = request.form.get("service_code", ""), _typed("description", LONGEST_WORDS)
    name = _named().get(code)
    if not code:
        raise ProblemDetails(400, "service_code is missing")
    if name is None:
        raise ProblemDetails(404, "There is no such service_code")
    if not said:
        raise ProblemDetails(400, "description is missing")
    number, reference = _keep(f"{said}\n{_place()}", name)
    row = {"service_request_id": str(number), "service_notice": f"No {reference}", "account_id": None}
    return open311_reply(kind, "service_requests", "request", [row], 201)


@pages.post("/servicerequestupdates.<kind>")
@fault_key
def update(*, kind: str) -> Response:
    """Note what a service's own program says of a fault: open or closed, and why."""
    written, status = request.form.get("service_request_id", ""), request.form.get("status", "").casefold()
    if status not in (OPEN, CLOSED):
        raise ProblemDetails(400, "status is open or closed")
    number = _row_number(written)
    if number is None or not _found(FaultQuery(ids=[number])):
        raise ProblemDetails(404, "There is no such service_request_id")
    with store_of().write() as session:
        notes, by = _typed("description", LONGEST_NOTES), current_token().person_id
        if not service_requests.record_service_status(session, number, status, notes, by):
            raise ProblemDetails(404, "There is no such service_request_id", "It was not passed on to a service.")
    return open311_reply(kind, "service_request_updates", "request_update", [{"update_id": f"{number}-{status}"}], 201)


# --- inside -------------------------------------------------------------------------------------


def _named() -> dict[str, str]:
    return {open311.service_code(name): name for name in settings_of().open311.services}


def _service(code: str, name: str) -> dict[str, Any]:
    return {
        "service_code": code,
        "service_name": name,
        "description": name,
        "metadata": False,
        "type": "realtime",
        "keywords": "",
        "group": "",
    }


def _found(wanted: FaultQuery) -> list[dict[str, Any]]:
    settings = settings_of()
    with store_of().read() as session:
        return open311.service_requests(session, token_visibility(), settings.zone, wanted, settings.language)


def _wanted() -> FaultQuery:
    """Numbers go before all else, as the specification says."""
    mine = current_token().token_id
    if ids := _listed("service_request_id"):
        return FaultQuery(ids=[one for one in map(_row_number, ids) if one is not None], token_id=mine)
    statuses = _listed("status")
    if set(statuses) - {OPEN, CLOSED}:
        raise ProblemDetails(400, "status is open or closed")
    return FaultQuery(
        services=_listed("service_code") or None,
        since=_moment("start_date"),
        until=_moment("end_date"),
        statuses=statuses or None,
        token_id=mine,
    )


def _listed(name: str) -> list[str]:
    written = request.args.get(name, "")
    if len(written) > LONGEST_LIST:
        raise ProblemDetails(400, f"{name} is longer than {LONGEST_LIST} characters")
    return [one.strip() for one in written.split(",") if one.strip()]


def _row_number(written: str) -> int | None:
    return int(written) if written.isascii() and written.isdecimal() and len(written) <= DIGITS else None


def _moment(name: str) -> datetime | None:
    written = request.args.get(name, "")
    if not written:
        return None
    try:
        found = datetime.fromisoformat(written)
        return found.astimezone(settings_of().zone) if found.tzinfo else found.replace(tzinfo=settings_of().zone)
    except (ValueError, OverflowError):
        raise ProblemDetails(400, f"{name} is no moment", "Write it like 2027-05-01T08:00:00Z.") from None


def _typed(name: str, longest: int) -> str:
    words = request.form.get(name, "").replace("\0", "").strip()
    if len(words) > longest:
        raise ProblemDetails(400, f"{name} is longer than {longest} characters")
    return words


def _place() -> str:
    """Where it is: an address, or a place on the earth; one of both the specification wants."""
    written, numbers = _typed("address_string", LONGEST_PLACE), []
    for name, most in (("lat", 90.0), ("long", 180.0)):
        try:
            numbers.append(float(request.form.get(name, "")))
        except ValueError:
            continue
        if not abs(numbers[-1]) <= most:
            raise ProblemDetails(400, f"{name} is no degree")
    if not written and len(numbers) != 2:
        raise ProblemDetails(400, "A place is missing", "Send lat and long, or address_string.")
    return written or f"({numbers[0]:.5f}, {numbers[1]:.5f})"


def _keep(body: str, service_name: str) -> tuple[int, str]:
    """Once for each Idempotency-Key; without one, each is another's."""
    once, holder = request.headers.get("Idempotency-Key", "")[:64] or secrets.token_urlsafe(16), current_token()
    body = body.encode("utf-8", "replace").decode()
    vault = store_of().vault
    original = seal_original(vault, body.encode(), {})
    with store_of().write() as session:
        content = vault.keyring.keyed_hash("open311", body.encode())[:32]
        arrived = IncomingMessage(
            channel=Channel.EMAIL,
            account=ACCOUNT,
            external_id=f"{holder.token_id}-{once}-{content}",
            kind=ArrivalKind.ENTRY,
            raw=body.encode(),
            original=original,
            consultation_slug=_consultation(session),
            language=settings_of().language,
            entered_by_id=holder.person_id,
        )
        accepted = store_message(session, arrived)
        number = create_contributions(session, accepted.intake_id, [NewPart("entry", Channel.EMAIL, body=body)])[0]
        if number is None:
            raise ProblemDetails(409, "This was handed in before and has been erased since")
        if session.get(ReportedFault, number) is None:
            session.add(ReportedFault(contribution_id=number, token_id=holder.token_id, service=service_name))
            history.record_event(session, f"contribution:{number}", "fault_reported", holder.person_id)
        return number, references.format_reference(references.reference_of(session, number))


def _consultation(session: Session) -> str | None:
    """The consultation that is named, else the only one that is open; none where that cannot be told."""
    today = utc_now().astimezone(settings_of().zone).date()
    known = [
        consultation_versions.as_consultation(one) for one in consultation_versions.current_versions_by_slug(session)
    ]
    if asked := request.form.get("consultation", ""):
        if asked not in [one.slug for one in known]:
            raise ProblemDetails(404, "There is no such consultation")
        return asked
    open_ones = [one.slug for one in known if _is_open(one.opens, one.closes, today)]
    return open_ones[0] if len(open_ones) == 1 else None


def _is_open(opens: date, closes: date, today: date) -> bool:
    return opens <= today <= closes
