"""Taking a scanned file back, by whoever handed it in; it can be put back."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from config.enums import Moderation, NotContribution, PageEnd, Reading, StepKind, StepState, TextOrigin
from inbox.contributions import text_versions
from inbox.contributions.optimistic_locking import NotThere
from inbox.errors import InboxError
from inbox.jobs import enqueue
from inbox.models import Contribution, ContributionPart, FormCopy, Intake, Part, Reference, ScannedPage, Step
from inbox.models.column_types import utc_now
from inbox.records import history, references

_WITHDRAWN = NotContribution.WITHDRAWN


class WorkedOn(InboxError):
    """A moderator has worked on forms of the file."""

    remedy = "Ask a moderator: forms of this file have been worked on already."


def withdraw_file(session: Session, intake_id: int, by: int) -> None:
    """Let nothing of a scanned file count, and its numbers be free for the same sheets scanned again.

    Raises ``NotThere``, and ``WorkedOn`` once a moderator has decided or worded anything of it. Twice is once.
    """
    intake = _held(session, intake_id)
    if intake.not_contribution is _WITHDRAWN:
        return
    if _worked_on(session, intake_id):
        raise WorkedOn(f"intake {intake_id}")
    freed = [exclude_part(session, part, _WITHDRAWN) for part in _parts(session, intake_id)]
    intake.not_contribution = _WITHDRAWN
    # Whoever splits it now loses the step, and saves nothing of it.
    dropped = session.scalars(
        update(Step)
        .where(Step.intake_id == intake_id, Step.kind == StepKind.SPLIT_PAGES, Step.state == StepState.OPEN)
        .values(state=StepState.DONE, token=Step.token + 1, lease_until=None, ended_at=utc_now())
        .returning(Step.id)
        .execution_options(synchronize_session=False)
    ).all()
    details = {"slips": dict(slip for slips in freed for slip in slips), "split": bool(dropped)}
    history.record_event(session, f"intake:{intake_id}", "withdrawn", by, details)


def restore_file(session: Session, intake_id: int, by: int) -> None:
    """Let a withdrawn file count again; raises ``NotThere``. Twice is once."""
    intake = _held(session, intake_id)
    if intake.not_contribution is not _WITHDRAWN:
        return
    intake.not_contribution = None
    lines = history.history_of(session, f"intake:{intake_id}")
    withdrawn = next((line for line in lines if line.action == "withdrawn" and not line.undone), None)
    details = withdrawn.details if withdrawn is not None else {}
    for part in _parts(session, intake_id):
        if part.not_contribution is _WITHDRAWN:
            _count_again(session, part)
    _give_back(session, details.get("slips", {}))
    if details.get("split"):
        enqueue.add_step(session, StepKind.SPLIT_PAGES, intake=intake_id, again=True)
    history.record_event(
        session, f"intake:{intake_id}", "put_back", by, undoes=withdrawn.id if withdrawn is not None else None
    )


def _held(session: Session, intake_id: int) -> Intake:
    intake = session.get(Intake, intake_id, with_for_update=True, populate_existing=True)
    if intake is None or intake.erased_at is not None or intake.scanned_batch is None:
        raise NotThere(f"intake {intake_id}")
    return intake


def _parts(session: Session, intake_id: int) -> Sequence[Part]:
    return session.scalars(
        select(Part).where(Part.intake_id == intake_id, Part.erased_at.is_(None)).order_by(Part.id)
    ).all()


def _worked_on(session: Session, intake_id: int) -> bool:
    """Whether a moderator has decided or worded a contribution of it, or joined it with others."""
    mine = (
        select(ContributionPart.contribution_id)
        .join(Part, Part.id == ContributionPart.part_id)
        .where(Part.intake_id == intake_id)
    )
    decided = (Contribution.moderation != Moderation.IN_REVIEW) | (Contribution.origin == TextOrigin.PERSON)
    others = (
        select(ContributionPart.part_id)
        .join(Part, Part.id == ContributionPart.part_id)
        .where(ContributionPart.contribution_id.in_(mine), Part.intake_id != intake_id)
    )
    found = select(Contribution.id).where(Contribution.id.in_(mine), decided)
    return bool(session.scalar(found.limit(1)) or session.scalar(others.limit(1)))


def exclude_rescanned_page(session: Session, batch_id: int, page_id: int, by: int) -> None:
    """Count an unreadable page no more, because its sheet was scanned again.

    Raises:
        NotThere: there is no such page, it was read, it was erased, or it belongs to another batch.
        WorkedOn: a moderator has decided on a contribution made of it.
    """
    page = session.get(ScannedPage, page_id)
    part = session.get(Part, page.part_id) if page is not None and page.part_id is not None else None
    if page is None or part is None or page.ending is not PageEnd.UNREADABLE:
        raise NotThere(f"page {page_id}")
    if _held(session, page.intake_id).scanned_batch != batch_id:
        raise NotThere(f"page {page_id}")
    if any(one.moderation is not Moderation.IN_REVIEW for one in text_versions.lock_contributions_of(session, part.id)):
        raise WorkedOn(f"part {part.id}")
    exclude_part(session, part, NotContribution.DUPLICATE_PAGE)
    history.record_event(session, f"part:{part.id}", "scanned_again", by)


def exclude_part(session: Session, part: Part, why: NotContribution) -> list[tuple[str, list[int]]]:
    """Count a part no more; the printed numbers that led to it, which are free now, each with where it led."""
    if part.not_contribution is not None:
        return []
    contributions = text_versions.lock_contributions_of(session, part.id)
    part.not_contribution, part.reading, part.reading_reason = why, Reading.READ, None
    session.flush()
    for contribution in contributions:
        text_versions.settle_contribution(session, contribution)
    slips = session.scalars(
        select(Reference).join(FormCopy, FormCopy.reference == Reference.number).where(Reference.part_id == part.id)
    ).all()
    freed = [(slip.number, [part.id, slip.contribution_id or 0]) for slip in slips]
    for slip in slips:
        contribution_id, slip.part_id, slip.contribution_id = slip.contribution_id, None, None
        session.flush()
        # Its page stays, and is called something.
        references.issue_reference(session, part=part.id, contribution=contribution_id)
    return freed


def _count_again(session: Session, part: Part) -> None:
    contributions = text_versions.lock_contributions_of(session, part.id)
    part.not_contribution = None
    session.flush()
    for contribution in contributions:
        text_versions.settle_contribution(session, contribution)


def _give_back(session: Session, slips: dict[str, list[int]]) -> None:
    """Let printed numbers lead where they led, but for those that lead elsewhere by now."""
    for number, (part_id, contribution_id) in slips.items():
        slip = session.get(Reference, number, with_for_update=True)
        if slip is not None and slip.part_id is None and slip.contribution_id is None:
            session.execute(delete(Reference).where(Reference.part_id == part_id))  # nobody was told the other one
            slip.part_id, slip.contribution_id = part_id, contribution_id or None
            session.flush()
