"""Service requests: what asks for something to be mended, passed on to the service that does it.

Its outcome is told as any other is: on the pages, to whoever asks by the reference, in exports. An answer of the town
that decides something else goes first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from config.answer_states import Outcome
from config.enums import Moderation
from inbox.contributions.optimistic_locking import lock_for_change
from inbox.models import Contribution, ContributionOutcome, ServiceRequest
from inbox.models.column_types import utc_now
from inbox.records import history

OPEN, CLOSED = "open", "closed"
LONGEST = 64
"""Characters of a service's name."""


def pass_to_service(session: Session, contribution_id: int, service: str, by: int) -> None:
    """Note that it was passed on; to another service when it was before. Raises NotThere."""
    lock_for_change(session, contribution_id)
    name = " ".join(service.split())[:LONGEST]
    row = session.get(ServiceRequest, contribution_id)
    if row is None:
        session.add(ServiceRequest(contribution_id=contribution_id, person_id=by, service=name, at=utc_now()))
    elif row.service == name:
        return
    else:
        row.service, row.person_id, row.at = name, by, utc_now()
        row.status, row.status_notes, row.changed_at = OPEN, "", None
    history.record_event(session, f"contribution:{contribution_id}", "passed_on", by)


def record_service_status(session: Session, contribution_id: int, status: str, notes: str, by: int | None) -> bool:
    """Note what the service's own program says of it; whether it was passed on at all."""
    row = session.get(ServiceRequest, contribution_id, with_for_update=True)
    if row is None:
        return False
    if (row.status, row.status_notes) != (status, notes):
        row.status, row.status_notes, row.changed_at = status, notes, utc_now()
        history.record_event(session, f"contribution:{contribution_id}", f"service_{status}", by)
    return True


@dataclass(frozen=True, slots=True)
class DueFault:
    """A fault that the town's fault-report system is to be sent, or asked after."""

    contribution_id: int
    outside_id: str | None
    """Its number there; None until it was sent."""
    attempts: int
    """That failed, one after the other."""


def due_faults(session: Session, now: datetime, most: int = 50) -> list[DueFault]:
    """Those whose time has come: published ones that were not sent, and sent ones that are open."""
    rows = session.scalars(
        select(ServiceRequest)
        .join(Contribution, Contribution.id == ServiceRequest.contribution_id)
        .where(
            Contribution.moderation == Moderation.PUBLISHED,
            Contribution.listed,
            ServiceRequest.status == OPEN,
            or_(ServiceRequest.not_before.is_(None), ServiceRequest.not_before <= now),
        )
        .order_by(ServiceRequest.at)
        .limit(most)
    )
    return [DueFault(row.contribution_id, row.outside_id, row.attempts) for row in rows]


def record_fault_sent(session: Session, contribution_id: int, outside_id: str, again: datetime) -> None:
    """It has a number there; it is asked after from ``again`` on."""
    row = session.get(ServiceRequest, contribution_id, with_for_update=True)
    if row is not None:
        row.outside_id, row.attempts, row.not_before, row.met = outside_id, 0, again, ""
        history.record_event(session, f"contribution:{contribution_id}", "fault_sent", None)


def record_fault_attempt(session: Session, contribution_id: int, again: datetime, met: str = "") -> None:
    """It was asked after, or could not be: ``met`` says what stood in the way."""
    row = session.get(ServiceRequest, contribution_id, with_for_update=True)
    if row is not None:
        row.attempts, row.not_before, row.met = row.attempts + 1 if met else 0, again, met[:120]


def undo_pass_to_service(session: Session, contribution_id: int, by: int) -> bool:
    """It was not passed on after all; whether it had been. Raises NotThere."""
    lock_for_change(session, contribution_id)
    row = session.get(ServiceRequest, contribution_id)
    if row is None:
        return False
    session.delete(row)
    history.record_event(session, f"contribution:{contribution_id}", "passed_on_taken_back", by)
    return True


def service_requests_of(session: Session, contribution_ids: Iterable[int]) -> dict[int, ServiceRequest]:
    """Those of these contributions that were passed on."""
    rows = session.scalars(select(ServiceRequest).where(ServiceRequest.contribution_id.in_(list(contribution_ids))))
    return {row.contribution_id: row for row in rows}


def contribution_outcomes(session: Session, contribution_ids: Iterable[int]) -> dict[int, Outcome]:
    """What became of these contributions, as an answer decided it or by having been passed on."""
    ids = list(contribution_ids)
    decided = session.scalars(select(ContributionOutcome).where(ContributionOutcome.contribution_id.in_(ids)))
    passed_on = dict.fromkeys(service_requests_of(session, ids), Outcome.PASSED_ON)
    return passed_on | {row.contribution_id: row.outcome for row in decided}


def contribution_outcome(session: Session, contribution_id: int) -> Outcome | None:
    """What became of one."""
    return contribution_outcomes(session, [contribution_id]).get(contribution_id)


def outcome_counts(session: Session, consultation_id: int) -> dict[Outcome, int]:
    """How many contributions of a consultation came to each outcome."""
    of_it = (Contribution.consultation_id == consultation_id, Contribution.listed)
    rows = session.execute(
        select(ContributionOutcome.outcome, func.count())
        .join(Contribution, Contribution.id == ContributionOutcome.contribution_id)
        .where(*of_it)
        .group_by(ContributionOutcome.outcome)
    )
    found = {row[0]: row[1] for row in rows}
    alone = (
        select(func.count())
        .select_from(ServiceRequest)
        .join(Contribution, Contribution.id == ServiceRequest.contribution_id)
    )
    decided = select(ContributionOutcome.contribution_id)
    if passed_on := session.scalar(alone.where(*of_it, ServiceRequest.contribution_id.not_in(decided))):
        found[Outcome.PASSED_ON] = found.get(Outcome.PASSED_ON, 0) + passed_on
    return {name: found[name] for name in Outcome if name in found}
