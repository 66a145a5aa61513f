"""Service requests: what asks for something to be mended, passed on to the service that does it.

Its outcome is told as any other is: on the pages, to whoever asks by the reference, in exports. An answer of the town
that decides something else goes first.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.answer_states import Outcome
from inbox.contributions.optimistic_locking import lock_for_change
from inbox.models import Contribution, ContributionOutcome, ServiceRequest
from inbox.models.column_types import utc_now
from inbox.records import history

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
    history.record_event(session, f"contribution:{contribution_id}", "passed_on", by)


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
