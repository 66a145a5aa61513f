"""What a contribution says: composed from what was typed and what machines read, until a person words it.

Every version is kept. A person's version covers the parts that were there when it was made;
what comes later (the next text message in a row) is added below it, never silently lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from config.enums import Channel, Moderation, Reading, StepKind, StepState, TextOrigin
from inbox.contributions import search_index, tags
from inbox.contributions.optimistic_locking import lock_contributions, lock_for_change
from inbox.contributions.text_assembly import ComposedText, compose_parts, part_texts, parts_of_contribution
from inbox.errors import InboxError
from inbox.jobs import enqueue
from inbox.jobs.step_end_hooks import StepEndHook
from inbox.models import Contribution, ContributionPart, History, Part, Step, TextVersion
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.records import history
from inbox.storage.envelope_encryption import vault_of

READING_KINDS = (StepKind.FETCH_MEDIA, StepKind.READ_SPEECH, StepKind.READ_PAGES)
"""The steps that bring a part from waiting to read."""

_REASON_LENGTH = 255
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_STUCK = (StepState.NEEDS_PERSON, StepState.QUARANTINED)

NO_TEXT = "no text was found in it"
"""The reason of a part that was read and yielded nothing."""


class EmptyText(InboxError):
    """A wording without a word."""

    remedy = "Write what the contribution says, or set it aside as unreadable."


@dataclass(frozen=True, slots=True)
class TextWording:
    """One version of a contribution's text."""

    number: int
    origin: TextOrigin
    body: str
    person_id: int | None
    at: datetime

    @property
    def unconfirmed(self) -> bool:
        """Whether a machine read it and no person has confirmed it."""
        return self.origin is TextOrigin.MACHINE


def compose_text(session: Session, contribution: Contribution) -> ComposedText:
    """What the contribution's parts say, in order: typed bodies, then the newest transcript of each medium."""
    parts = parts_of_contribution(session, contribution.id)
    return compose_parts(session, parts, part_texts(session, parts))


# --- versions ----------------------------------------------------------------------------------


def current_text(session: Session, contribution: Contribution) -> TextWording | None:
    """The version in force; None when nothing could be read yet, or it was erased."""
    row = session.scalar(
        select(TextVersion)
        .where(TextVersion.contribution_id == contribution.id)
        .order_by(TextVersion.number.desc())
        .limit(1)
    )
    wording = _opened(session, contribution, row) if row else None
    # An empty version says that the text was taken back.
    return wording if wording and wording.body else None


def find_version(session: Session, contribution: Contribution, number: int) -> TextWording | None:
    """One version; None when it was erased."""
    row = session.scalar(
        select(TextVersion).where(TextVersion.contribution_id == contribution.id, TextVersion.number == number)
    )
    return _opened(session, contribution, row) if row else None


def list_versions(session: Session, contribution: Contribution) -> list[TextWording]:
    """Every version that has not been erased, newest first."""
    rows = session.scalars(
        select(TextVersion).where(TextVersion.contribution_id == contribution.id).order_by(TextVersion.number.desc())
    )
    opened = (_opened(session, contribution, row) for row in rows)
    return [wording for wording in opened if wording is not None]


def _opened(session: Session, contribution: Contribution, row: TextVersion) -> TextWording | None:
    body = vault_of(session).text_if_kept(
        session, contribution.key_id, row.sealed_body, place_of(TextVersion.sealed_body, row)
    )
    return None if body is None else TextWording(row.number, row.origin, body, row.person_id, row.created_at)


def add_version(
    session: Session,
    contribution: Contribution,
    body: str,
    origin: TextOrigin,
    by: int | None = None,
    worded_at: datetime | None = None,
) -> int:
    """Put a new version in force, findable by its words; its number. The contribution must be locked.

    The revision rises: a page that shows the text before this one may decide nothing.
    """
    newest = select(func.max(TextVersion.number)).where(TextVersion.contribution_id == contribution.id)
    number = (session.scalar(newest) or 0) + 1
    row = {"contribution_id": contribution.id, "number": number}
    place = place_of(TextVersion.sealed_body, row)
    session.add(
        TextVersion(
            **row,
            origin=origin,
            sealed_body=vault_of(session).seal_text(session, contribution.key_id, body, place),
            person_id=by,
            created_at=worded_at or utc_now(),
        )
    )
    contribution.revision += 1
    session.flush()
    search_index.index_text(session, contribution.id, body, contribution.language)
    tags.update_reasons(session, contribution.id, body)
    _ask_for_themes(session, contribution.id)
    return number


def _ask_for_themes(session: Session, contribution_id: int) -> None:
    """Themes follow the text: whoever suggests them reads it again. One part's step is enough."""
    parts = parts_of_contribution(session, contribution_id)
    if parts:
        enqueue.add_step(session, StepKind.SUGGEST_THEMES, part=parts[0].id, again=True)


def correct_text(
    session: Session, contribution_id: int, body: str, by: int, expect_revision: int | None
) -> TextWording:
    """A person's wording, in force at once; raises Stale, EmptyText, NotThere.

    Whatever still needed a person to read these parts has had one.
    """
    if not body.strip():
        raise EmptyText("an empty wording")
    contribution = lock_for_change(session, contribution_id, expect_revision)
    before = current_text(session, contribution)
    if before is not None and before.body == body and before.origin is TextOrigin.PERSON:
        return before
    action = "confirm" if before is not None and before.body == body else "correct"
    _word(session, contribution, body, by, action, before)
    wording = current_text(session, contribution)
    assert wording is not None
    return wording


def confirm_text(session: Session, contribution_id: int, by: int, expect_revision: int | None) -> TextWording:
    """A person has compared the text with the original and found it right; raises Stale, EmptyText, NotThere."""
    contribution = lock_for_change(session, contribution_id, expect_revision)
    before = current_text(session, contribution)
    if before is None:
        raise EmptyText("there is nothing to confirm")
    return correct_text(session, contribution_id, before.body, by, None)


def _word(
    session: Session, contribution: Contribution, body: str, by: int, action: str, before: TextWording | None
) -> None:
    number = add_version(session, contribution, body, TextOrigin.PERSON, by)
    resolved = _resolve_steps(session, contribution.id)
    details = {"version": number, "before": before.number if before else None, "steps": resolved}
    history.record_event(session, f"contribution:{contribution.id}", action, by, details)
    settle_contribution(session, contribution)


def _resolve_steps(session: Session, contribution_id: int) -> list[tuple[int, str]]:
    """Close the readings that asked for a person or failed: a person has read the parts. They can be replayed."""
    part_ids = [part.id for part in parts_of_contribution(session, contribution_id)]
    stuck = session.scalars(
        select(Step)
        .where(Step.part_id.in_(part_ids), Step.kind.in_(READING_KINDS), Step.state.in_(_STUCK))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    resolved = [(step.id, step.state.value) for step in stuck]
    for step in stuck:
        step.state, step.ended_at = StepState.DONE, utc_now()
    return resolved


def revert_text(session: Session, contribution: Contribution, details: Mapping[str, Any]) -> None:
    """Put the version before a person's wording in force again, as a new one, and what it closed open again.

    ``details`` are those of the line of history that is undone, which must be recorded as undone already.
    """
    before = find_version(session, contribution, details["before"]) if details["before"] else None
    if before is None:
        add_version(session, contribution, "", TextOrigin.RESIDENT)
    else:
        add_version(session, contribution, before.body, before.origin, before.person_id, before.at)
    for step_id, state in details.get("steps", ()):
        session.execute(
            update(Step)
            .where(Step.id == step_id, Step.state == StepState.DONE)
            .values(state=StepState(state))
            .execution_options(synchronize_session=False)
        )
    settle_contribution(session, contribution)


# --- settling ----------------------------------------------------------------------------------


def settle_part(session: Session, part_id: int) -> None:
    """Bring a part's reading, and its contributions' reading, confidence and text, up to date with its steps.

    Computed from the rows alone, so that doing it twice, or in any order, comes to the same.
    """
    for contribution in lock_contributions_of(session, part_id):
        if contribution.erased_at is None:
            settle_contribution(session, contribution)


def lock_contributions_of(session: Session, part_id: int) -> list[Contribution]:
    """Lock the contributions of a part; again when a merge or split changed which they are meanwhile."""
    wanted = select(ContributionPart.contribution_id).where(ContributionPart.part_id == part_id)
    session.flush()
    ids = set(session.scalars(wanted))
    while True:
        locked = lock_contributions(session, ids)
        now = set(session.scalars(wanted))
        if now <= ids:
            return [contribution for contribution in locked if contribution.id in now]
        ids |= now


def settle_contribution(session: Session, contribution: Contribution) -> None:
    """Bring a locked contribution and its parts up to date."""
    parts = parts_of_contribution(session, contribution.id)
    said = part_texts(session, parts)
    steps = _reading_steps(session, [part.id for part in parts])
    worded = last_person_version(session, contribution)
    for part in parts:
        if worded is not None and part.created_at <= worded.at:
            part.reading, part.reading_reason = _reading_of_worded(part, steps.get(part.id, []))
        else:
            # A side of a form on which nothing is written came in another file than the side that says something.
            beside = part.channel is Channel.PAPER and any(one.text for one in said.values())
            part.reading, part.reading_reason = _reading_of(
                part, steps.get(part.id, []), is_said=beside or bool(said[part.id].text)
            )
    contribution.reading = _worst(part.reading for part in parts)
    contribution.confidence = compose_parts(session, parts, said).confidence
    later = [part for part in parts if worded is None or part.created_at > worded.at]
    _write_text(session, contribution, compose_parts(session, later, said), worded)
    session.flush()


def last_person_version(session: Session, contribution: Contribution) -> TextWording | None:
    """The newest version by a person that was not taken back."""
    rows = session.scalars(
        select(TextVersion)
        .where(TextVersion.contribution_id == contribution.id, TextVersion.origin == TextOrigin.PERSON)
        .order_by(TextVersion.number.desc())
    ).all()
    taken_back = _taken_back(session, contribution.id) if rows else set()
    row = next((row for row in rows if row.number not in taken_back), None)
    return _opened(session, contribution, row) if row else None


def _taken_back(session: Session, contribution_id: int) -> set[int]:
    """Numbers of the versions whose line of history was undone."""
    subject = f"contribution:{contribution_id}"
    undone = select(History.undoes_id).where(History.subject == subject, History.undoes_id.is_not(None))
    lines = session.scalars(select(History).where(History.id.in_(undone)))
    return {line.details["version"] for line in lines if line.details.get("version")}


def _reading_steps(session: Session, part_ids: list[int]) -> dict[int, list[Step]]:
    found: dict[int, list[Step]] = {}
    rows = session.scalars(
        select(Step)
        .where(Step.part_id.in_(part_ids), Step.kind.in_(READING_KINDS))
        .order_by(Step.id)
        .execution_options(populate_existing=True)
    )
    for step in rows:
        assert step.part_id is not None
        found.setdefault(step.part_id, []).append(step)
    return found


def _reading_of(part: Part, steps: Sequence[Step], *, is_said: bool) -> tuple[Reading, str | None]:
    if _any(steps, StepState.OPEN):
        return Reading.WAITING, part.reading_reason
    stuck = [step for step in steps if step.state in _STUCK]
    # The door may have known already that a person must look, for instance at an attachment nobody can read.
    known = part.reading_reason if part.reading_reason != NO_TEXT else None
    if stuck or known:
        return Reading.NEEDS_PERSON, join_reasons(known, *(step.reason for step in stuck))
    return (Reading.READ, None) if is_said else (Reading.NEEDS_PERSON, NO_TEXT)


def _reading_of_worded(part: Part, steps: Sequence[Step]) -> tuple[Reading, str | None]:
    """Of a part a person has worded: only what machines still have to do is open."""
    return (Reading.WAITING, part.reading_reason) if _any(steps, StepState.OPEN) else (Reading.READ, None)


def _any(steps: Sequence[Step], state: StepState) -> bool:
    return any(step.state is state for step in steps)


def _worst(readings: Iterable[Reading]) -> Reading:
    found = set(readings)
    for reading in (Reading.WAITING, Reading.NEEDS_PERSON):
        if reading in found:
            return reading
    return Reading.READ


def _write_text(
    session: Session, contribution: Contribution, composed: ComposedText, worded: TextWording | None
) -> None:
    """Put what is composed in force, below what a person worded, unless that is what is in force already."""
    if worded is not None and not composed.text:
        return
    body = f"{worded.body}\n\n{composed.text}" if worded else composed.text
    now = current_text(session, contribution)
    if (now is None and not body) or (now is not None and (now.body, now.origin) == (body, composed.origin)):
        return
    add_version(session, contribution, body, composed.origin)
    if contribution.moderation is Moderation.PUBLISHED:
        # What was published is no longer what it says: a moderator has to look again.
        contribution.moderation = Moderation.IN_REVIEW
        history.record_event(
            session,
            f"contribution:{contribution.id}",
            "reopen",
            details={"from": Moderation.PUBLISHED.value, "to": Moderation.IN_REVIEW.value, "because": "new_text"},
        )


def join_reasons(*reasons: str | None) -> str | None:
    """The sentences of several reasons, each once, as many as a part's reason holds; None when there is none."""
    sentences = dict.fromkeys(one for reason in reasons for one in _SENTENCE_END.split(reason or "") if one)
    kept = ""
    for sentence in sentences:
        if len(longer := f"{kept} {sentence}".strip()) <= _REASON_LENGTH:
            kept = longer
    return kept or next(iter(sentences), "")[:_REASON_LENGTH] or None


def clear_step_reason(session: Session, part_id: int, reason: str | None) -> None:
    """Take a reason a step gave off its part, because the step is done again."""
    part = session.get(Part, part_id, with_for_update=True, populate_existing=True)
    if part is not None and part.reading_reason:
        forgotten = _SENTENCE_END.split(reason or "")
        left = (one for one in _SENTENCE_END.split(part.reading_reason) if one not in forgotten)
        part.reading_reason = join_reasons(*left)


READING_ENDS = StepEndHook(before=lock_contributions_of, ended=settle_part, opened_again=clear_step_reason)
"""What follows when a reading ends, or is done again (``inbox.jobs.step_end_hooks``)."""
