"""What people said at the keying desk, brought into the transcripts and readings of the form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config import phone_numbers
from config.enums import AddressKind, DeskKind, DeskSaid, StepKind, StepState
from inbox.consultations import contributors
from inbox.contributions import text_versions, transcripts
from inbox.models import Contribution, DeskItem, Part, Step
from inbox.models.column_types import utc_now
from inbox.paper import keying_desk
from inbox.paper.keying_desk import TELEPHONE
from inbox.records import history

READ_DIFFERENTLY = "Two people read this writing differently: compare what they typed with the picture."
SEVERAL_TICKED = "More than one box is ticked where one was asked for."
CANNOT_BE_READ = "Somebody tried to read this writing, and could not."
NAMES_SOMEBODY = "It names somebody, says who typed it in."

_AGREED, _MOST_READINGS = 2, 4
"""Readings of a number that must say the same, and how many are asked for at most."""
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_BOX_STATES = {DeskSaid.TICKED: "ticked", DeskSaid.EMPTY: "empty", DeskSaid.WITHDRAWN: "withdrawn"}


def apply_desk_result(session: Session, item: DeskItem, by: int) -> None:
    """Bring what was said of a closed thing into its form; safe to repeat."""
    contributions = text_versions.lock_contributions_of(session, item.part_id)
    part = session.get_one(Part, item.part_id, with_for_update=True, populate_existing=True)
    if part.erased_at is not None:
        return
    action = "boxes_said" if item.kind is DeskKind.BOX else "keyed"
    for contribution in contributions:
        history.record_event(session, f"contribution:{contribution.id}", action, by, {"field": item.field})
    told = _box_said(session, item) if item.kind is DeskKind.BOX else _typed(session, item)
    _settle_reason(session, part, item)
    if item.kind is DeskKind.CHARACTERS and item.field == TELEPHONE:
        _number_said(session, part, contributions, item)
    for sentence in told:
        part.reading_reason = text_versions.join_reasons(part.reading_reason, sentence)
    session.flush()
    text_versions.settle_part(session, part.id)


# --- writing ----------------------------------------------------------------------------------


def _typed(session: Session, item: DeskItem) -> list[str]:
    """Keep what was typed as a transcript of its picture; why a moderator has to look, if there is a reason."""
    answers = keying_desk.task_answers(session, item)
    bodies = [body for answer, body in answers if answer.said is DeskSaid.KEYED]
    told = [NAMES_SOMEBODY] if any(answer.has_name for answer, _body in answers) else []
    if not bodies:
        return [*told, CANNOT_BE_READ]
    if len({keying_desk.fold_typed_text(body) for body in bodies}) > 1:
        told.append(READ_DIFFERENTLY)
    if item.kind is DeskKind.ZONE:  # of characters in boxes, somebody's name or number, nothing becomes text
        _keep_words(session, item.medium_id, bodies[0])
    return told


def _number_said(session: Session, part: Part, contributions: Sequence[Contribution], item: DeskItem) -> None:
    """Let a number that was confirmed be the way by which its resident is answered.

    A single wrong digit would tell a stranger: so a number counts where the machine's guess or a second reading says
    the same, by another person or, where nobody else is left, by the same one again; it is asked for where neither
    does.
    """
    typed = [body for answer, body in keying_desk.task_answers(session, item) if answer.said is DeskSaid.KEYED]
    numbers = [contributors.normalise_for_installation(session, AddressKind.PHONE, body) for body in typed]
    newest = transcripts.latest_transcripts(session, [item.medium_id]).get(item.medium_id)
    sheet = (transcripts.sheet_geometry(session, newest) if newest is not None else None) or {}
    guess = contributors.normalise_for_installation(session, AddressKind.PHONE, str(sheet.get("guess") or ""))
    if not numbers or not phone_numbers.E164.fullmatch(numbers[0]):
        return
    ((number, times),) = Counter([*numbers, *([guess] if len(numbers) == 1 else [])]).most_common(1)
    if times >= _AGREED:
        person = contributors.get_or_create_contributor(session, AddressKind.PHONE, number)
        whose = person.id if person is not None else None
        part.contributor_id = part.contributor_id or whose
        for contribution in contributions:
            contribution.contributor_id = contribution.contributor_id or whose
    elif len(numbers) < _MOST_READINGS:
        item.wanted, item.is_open = len(keying_desk.task_answers(session, item)) + 1, True


def _keep_words(session: Session, medium_id: int, body: str) -> None:
    newest = transcripts.latest_transcripts(session, [medium_id]).get(medium_id)
    sheet = (transcripts.sheet_geometry(session, newest) if newest is not None else None) or {}
    width, height = sheet.get("size") or (0, 0)
    words = [
        {"text": word, "confidence": 1.0, "box": [0, 0, width, height], "line": line, "page": 1}
        for line, said in enumerate(body.splitlines(), 1)
        for word in said.split()
    ]
    transcripts.add_transcript(
        session,
        medium_id,
        engine=transcripts.KEYED,
        model="",
        language=None,
        words=words,
        took_seconds=0.0,
        sheet={**sheet, "unread": [], "guess": ""} if sheet else None,
    )


# --- boxes ------------------------------------------------------------------------------------


def _box_said(session: Session, item: DeskItem) -> list[str]:
    """Read the page of a form anew, with what people said of its boxes."""
    newest = transcripts.latest_transcripts(session, [item.medium_id]).get(item.medium_id)
    sheet = transcripts.sheet_geometry(session, newest) if newest is not None else None
    if newest is None or sheet is None:
        return []
    told = []
    answers = keying_desk.task_answers(session, item)
    for box in sheet.get("boxes", ()):
        if box["key"] == item.field and answers:
            said = answers[-1][0].said
            if said is DeskSaid.CANNOT_READ:
                told.append(CANNOT_BE_READ)
            elif said in _BOX_STATES:
                box["state"], box["confidence"] = _BOX_STATES[said], 1.0
    if _several_ticked(sheet):
        told.append(SEVERAL_TICKED)
    transcripts.add_transcript(
        session,
        item.medium_id,
        engine=newest.engine,
        model=newest.model,
        language=None,
        words=ticked_words(sheet),
        took_seconds=0.0,
        sheet={**sheet, "unread": [box["place"] for box in sheet["boxes"] if box["state"] == "doubtful"]},
    )
    return told


def _several_ticked(sheet: transcripts.Sheet) -> bool:
    """Whether a question that asks for one answer has several on this page."""
    ticked = [box["key"].partition("=")[0] for box in sheet["boxes"] if box["state"] == "ticked"]
    return any(ticked.count(group) > 1 for group in sheet.get("one_answer", ()))


def ticked_words(sheet: transcripts.Sheet) -> list[dict[str, Any]]:
    """The labels of a page's ticked boxes, each a line whose words lie where the box does."""
    ticked = [box for box in sheet.get("boxes", ()) if box["state"] == "ticked"]
    number = int(sheet.get("number", 1))
    return [
        {"text": word, "confidence": box["confidence"], "box": box["place"], "line": line, "page": number}
        for line, box in enumerate(ticked, 1)
        for word in ("☒", *str(box.get("label") or box["key"]).split())
    ]


# --- why a person was needed ------------------------------------------------------------------


def _settle_reason(session: Session, part: Part, item: DeskItem) -> None:
    """Take the sentence off that this thing, and all others of the form that settle it, have settled."""
    if not item.settles:
        return
    left = session.scalar(
        select(DeskItem.id)
        .where(DeskItem.part_id == part.id, DeskItem.settles == item.settles, DeskItem.is_open)
        .limit(1)
    )
    if left is not None:
        return
    settled = _SENTENCE_END.split(item.settles)
    part.reading_reason = _without(part.reading_reason, settled)
    for step in _waiting_steps(session, part.id):
        step.reason = _without(step.reason, settled)
        if step.reason is None:
            step.state, step.ended_at = StepState.DONE, utc_now()
    session.flush()


def _waiting_steps(session: Session, part_id: int) -> Sequence[Step]:
    return session.scalars(
        select(Step)
        .where(Step.part_id == part_id, Step.kind == StepKind.READ_PAGES, Step.state == StepState.NEEDS_PERSON)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _without(reason: str | None, sentences: Sequence[str]) -> str | None:
    return text_versions.join_reasons(*(one for one in _SENTENCE_END.split(reason or "") if one not in sentences))
