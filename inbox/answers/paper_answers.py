"""Answers on paper: which letters and notices there are to print, and that they were printed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config.answer_states import GivenState, Way
from inbox.models import Centre, ContributionPart, GivenAnswer, Intake, Part
from inbox.models.column_types import utc_now
from inbox.records import history

_PRINTABLE = (GivenState.TO_PRINT, GivenState.PRINTED)


def printable_answers(session: Session, answer_id: int, way: Way) -> Sequence[GivenAnswer]:
    """What of an answer goes this way, printed before or not, in order."""
    return session.scalars(
        select(GivenAnswer)
        .where(GivenAnswer.answer_id == answer_id, GivenAnswer.way == way, GivenAnswer.state.in_(_PRINTABLE))
        .order_by(GivenAnswer.id)
    ).all()


def centre_names(session: Session, contribution_ids: Collection[int]) -> Mapping[int, str]:
    """The name of the centre through which each of these contributions came, where one did."""
    rows = session.execute(
        select(ContributionPart.contribution_id, Centre.name)
        .join(Part, Part.id == ContributionPart.part_id)
        .join(Intake, Intake.id == Part.intake_id)
        .join(Centre, Centre.id == Intake.centre_id)
        .where(ContributionPart.contribution_id.in_(contribution_ids))
    )
    return dict(rows.tuples().all())


def record_printed(session: Session, answer_id: int, way: Way, by: int) -> None:
    """Write that what was still to be printed of an answer is printed."""
    printed = session.scalars(
        update(GivenAnswer)
        .where(GivenAnswer.answer_id == answer_id, GivenAnswer.way == way, GivenAnswer.state == GivenState.TO_PRINT)
        .values(state=GivenState.PRINTED, at=utc_now())
        .returning(GivenAnswer.id)
    ).all()
    if printed:
        details = {"way": way.value, "count": len(printed)}
        history.record_event(session, f"answer:{answer_id}", "answer_printed", by, details)
