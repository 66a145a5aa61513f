"""A request and its clock: recorded, identity checked, extended once, answered or refused.

A month from the day it came; two more where it is complex, said with the reason within the first (GDPR article 12(3)).
Nothing of a person is shown, given, changed or erased before it is known how they were recognised.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from config.rights_states import IdentityCheck, RightsKind, RightsState, RightsWay
from inbox.errors import InboxError
from inbox.models import RightsContribution, RightsRequest
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.records import history
from inbox.storage.envelope_encryption import vault_of

MONTHS, EXTENDED_MONTHS = 1, 3
KEPT = timedelta(days=5 * 365)
"""How long an answered request is kept: civil claims end after five years (French civil code, article 2224)."""


class RightsClosed(InboxError):
    """The request was answered or refused already."""

    remedy = "Record a new request."


class NotRecognised(InboxError):
    """Nobody has said yet how it was made sure who asks."""

    remedy = "Say first how you made sure that this is the person."


class TooLate(InboxError):
    """The month within which an extension must be said is over, or it was extended before."""

    remedy = "Answer the request now."


class NoReason(InboxError):
    """A reason is missing, which the person must be told."""

    remedy = "Write the reason as the person is told it."


class NoSuchRequest(InboxError):
    """There is no such request."""


@dataclass(frozen=True)
class RequestSubject:
    """What is sealed of a request."""

    who: str
    """Who asks, and where the answer goes."""
    extension: str = ""
    refusal: str = ""
    note: str = ""


def months_after(day: date, months: int) -> date:
    """The same day some months later; the last of that month where there is none (Regulation 1182/71, article 3)."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def subject_of(request_id: int) -> str:
    """What the history calls a request."""
    return f"rights_request:{request_id}"


def record_request(
    session: Session, kind: RightsKind, way: RightsWay, received_on: date, who: str, by: int
) -> RightsRequest:
    """Record a request; its clock runs from the day it came, not from today."""
    vault = vault_of(session)
    key_id = vault.new_key(session).id
    request = RightsRequest(
        kind=kind,
        way=way,
        received_on=received_on,
        due_on=months_after(received_on, MONTHS),
        key_id=key_id,
        sealed_about=b"",
    )
    session.add(request)
    session.flush()
    place = place_of(RightsRequest.sealed_about, request)
    request.sealed_about = vault.seal_json(session, key_id, {"who": who}, place)
    _note(session, request, "rights_recorded", by, {"kind": kind.value, "way": way.value})
    return request


def read_request_subject(session: Session, request: RightsRequest) -> RequestSubject:
    """Who asks, and what was written of it."""
    place = place_of(RightsRequest.sealed_about, request)
    return RequestSubject(**vault_of(session).open_json(session, request.key_id, request.sealed_about, place))


def _write_about(session: Session, request: RightsRequest, **more: str) -> None:
    vault, place = vault_of(session), place_of(RightsRequest.sealed_about, request)
    known = vault.open_json(session, request.key_id, request.sealed_about, place)
    request.sealed_about = vault.seal_json(session, request.key_id, {**known, **more}, place)


def lock_open_request(session: Session, request_id: int) -> RightsRequest:
    """A request that is still open, held; raises ``NoSuchRequest`` and ``RightsClosed``."""
    request = session.get(RightsRequest, request_id, with_for_update=True)
    if request is None:
        raise NoSuchRequest(f"request {request_id}")
    if request.state is not RightsState.OPEN:
        raise RightsClosed(f"request {request_id} is {request.state}")
    return request


def lock_recognised_request(session: Session, request_id: int) -> RightsRequest:
    """The same of somebody who was recognised; raises ``NotRecognised`` as well."""
    request = lock_open_request(session, request_id)
    if request.identity is None:
        raise NotRecognised(f"request {request_id}")
    return request


def record_identity_check(session: Session, request_id: int, how: IdentityCheck, by: int) -> None:
    """Say how it was made sure who asks."""
    request = lock_open_request(session, request_id)
    request.identity = how
    _note(session, request, "rights_identity", by, {"how": how.value})


def extend_deadline(session: Session, request_id: int, reason: str, today: date, by: int) -> None:
    """Two more months, within the first one and once; raises ``TooLate`` and ``NoReason``."""
    request = lock_open_request(session, request_id)
    if request.extended_at is not None or today > request.due_on:
        raise TooLate(f"request {request_id}")
    _write_about(session, request, extension=_said(reason))
    request.extended_at, request.due_on = utc_now(), months_after(request.received_on, EXTENDED_MONTHS)
    _note(session, request, "rights_extended", by)


def refuse_request(session: Session, request_id: int, reason: str, by: int) -> None:
    """Refuse a request, with the reason that the person is told; raises ``NoReason``."""
    request = lock_open_request(session, request_id)
    _write_about(session, request, refusal=_said(reason))
    _close(session, request, RightsState.REFUSED, "rights_refused", by)


def answer_request(session: Session, request_id: int, note: str, by: int) -> None:
    """Everything that was asked for is done, and the person was told."""
    request = lock_recognised_request(session, request_id)
    _write_about(session, request, note=note.strip())
    _close(session, request, RightsState.ANSWERED, "rights_answered", by)


def _close(session: Session, request: RightsRequest, state: RightsState, action: str, by: int) -> None:
    request.state, request.closed_at = state, utc_now()
    _note(session, request, action, by)


def record_fulfilment(
    session: Session, request: RightsRequest, what: str, by: int, contribution_id: int | None = None
) -> None:
    """Write down what was given or done, of which contribution."""
    details = {} if contribution_id is None else {"contribution": contribution_id}
    _note(session, request, what, by, details)


def _note(
    session: Session, request: RightsRequest, action: str, by: int, details: dict[str, Any] | None = None
) -> None:
    history.record_event(session, subject_of(request.id), action, by, details)


def _said(reason: str) -> str:
    if not reason.strip():
        raise NoReason("no reason was given")
    return reason.strip()


def contributions_of(session: Session, request_id: int) -> Sequence[int]:
    """The contributions that a request is about."""
    wanted = select(RightsContribution.contribution_id).where(RightsContribution.request_id == request_id)
    return session.scalars(wanted.order_by(RightsContribution.contribution_id)).all()


def leave_out(session: Session, request_id: int, contribution_id: int, by: int) -> None:
    """Say that a contribution is another person's."""
    request = lock_open_request(session, request_id)
    which = (RightsContribution.request_id == request_id, RightsContribution.contribution_id == contribution_id)
    session.execute(delete(RightsContribution).where(*which))
    record_fulfilment(session, request, "rights_left_out", by, contribution_id)


def list_by_urgency(session: Session, limit: int = 200) -> Sequence[RightsRequest]:
    """The open ones, the most urgent first, and then those that are closed, the newest first."""
    still = select(RightsRequest).where(RightsRequest.state == RightsState.OPEN).order_by(RightsRequest.due_on)
    closed = select(RightsRequest).where(RightsRequest.state != RightsState.OPEN).order_by(RightsRequest.id.desc())
    return [*session.scalars(still).all(), *session.scalars(closed.limit(limit)).all()]


def delete_old_requests(session: Session, now: datetime) -> int:
    """Destroy what was closed longer ago than ``KEPT``; how many."""
    old = session.scalars(select(RightsRequest).where(RightsRequest.closed_at < now - KEPT)).all()
    for request in old:
        session.execute(delete(RightsContribution).where(RightsContribution.request_id == request.id))
        vault_of(session).destroy_key(session, request.key_id)
        session.delete(request)
    return len(old)
