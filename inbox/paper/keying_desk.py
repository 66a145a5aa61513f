"""The keying desk: what machines could not read on forms, asked of people, one small picture at a time.

Alike things are asked about in a row. One zone in ten is typed in by two people, neither of whom sees what the other
typed: how far they agree tells how good the rest is. Numbers that need a second reading are asked of the same person
again where nobody else is left to be asked, without what they typed or a machine guessed; a sampled zone is not.
Nothing is asked about once a moderator has worded or decided the contribution.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from config.enums import DeskKind, DeskSaid, Moderation, NotContribution, Reading, Role, TextOrigin
from config.wording.projects import CARD_ROW, is_of_vote
from inbox.contributions import transcripts
from inbox.models import Contribution, ContributionPart, DeskAnswer, DeskItem, Intake, Medium, Part, Person, PersonRole
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.upsert import insert_if_new

HOLD = timedelta(minutes=5)
"""How long something on somebody's screen is nobody else's."""
TWICE = 10
"""One zone in so many is asked of two people."""
TELEPHONE = "telephone"
"""What forms call the row of boxes for a telephone number."""
MOST = 50
"""Things handed out at once."""


@dataclass(frozen=True, slots=True)
class DeskScope:
    """Whose files somebody may work on: everybody's, those of a centre, or those a person handed in."""

    everybody: bool = False
    centre_id: int | None = None
    person_id: int | None = None

    def condition(self) -> ColumnElement[bool]:
        """True of the things somebody may be asked about."""
        if self.everybody:
            return true()
        if self.centre_id is not None:
            return DeskItem.centre_id == self.centre_id
        return DeskItem.entered_by_id == self.person_id


@dataclass(frozen=True, slots=True)
class TaskHeap:
    """How much there is to do of one kind and field, for one person."""

    kind: DeskKind
    field: str
    """Empty for boxes: they are all asked about together."""
    things: int


@dataclass(frozen=True, slots=True)
class DeskTask:
    """One thing to be asked about."""

    id: int
    kind: DeskKind
    field: str
    picture: int
    """The medium that shows the place, and nothing but the place."""
    label: str
    """What is printed beside a box; empty of zones."""
    suggestion: str
    """A machine's guess, where it is likely to save time; never at a number, for it is to confirm what is typed."""
    typed: str
    """What this person has typed already and not finished."""
    number: int
    again: bool = False
    """Whether they said before what stands there, and nobody else is left to be asked."""


def offer_task(
    session: Session, medium: Medium, kind: DeskKind, field: str, settles: str = "", picture: Medium | None = None
) -> None:
    """Have people asked about something; safe to repeat."""
    part = session.get_one(Part, medium.part_id)
    intake = session.get_one(Intake, part.intake_id)
    insert_if_new(
        session,
        DeskItem,
        kind=kind,
        field=field[:64],
        medium_id=medium.id,
        picture_id=(picture or medium).id,
        part_id=part.id,
        batch_id=intake.batch_id or intake.id,
        centre_id=intake.centre_id,
        entered_by_id=intake.entered_by_id,
        wanted=2 if _is_typed_twice(kind, field, medium.id) else 1,
        settles=settles[:255],
        is_open=True,
    )


def _is_typed_twice(kind: DeskKind, field: str, medium_id: int) -> bool:
    """Of zones a sample; the number of a project always, because a wrong digit is another's vote."""
    if kind is DeskKind.ZONE:
        return _is_sampled(medium_id)
    return is_of_vote(field) and field != CARD_ROW


def _is_number(field: str) -> bool:
    return field == TELEPHONE or is_of_vote(field)


def _is_sampled(medium_id: int) -> bool:
    # By the number alone, so that repeating comes to the same; hashed, so that no rhythm of forms shows in it.
    return hashlib.sha256(str(medium_id).encode()).digest()[0] % TWICE == 0


def withdraw_tasks(session: Session, medium_id: int) -> None:
    """Ask nobody about a medium any more: a machine has read it, or its pages came anew."""
    session.execute(
        update(DeskItem)
        .where(DeskItem.medium_id == medium_id, DeskItem.is_open)
        .values(is_open=False)
        .execution_options(synchronize_session=False)
    )


def list_heaps(session: Session, whose: DeskScope, person_id: int) -> list[TaskHeap]:
    """What there is to do for somebody, the largest heap first."""
    rows = session.execute(
        select(DeskItem.kind, DeskItem.field, func.count())
        .where(*_askable(whose, person_id))
        .group_by(DeskItem.kind, DeskItem.field)
    ).all()
    found: dict[tuple[DeskKind, str], int] = {}
    for kind, field, things in rows:
        key = (kind, "" if kind is DeskKind.BOX else field)
        found[key] = found.get(key, 0) + things
    made = [TaskHeap(kind, field, things) for (kind, field), things in found.items()]
    return sorted(made, key=lambda heap: (-heap.things, heap.kind, heap.field))


def count_tasks(session: Session, whose: DeskScope, person_id: int) -> int:
    """How many things there are for somebody."""
    return session.scalar(select(func.count()).select_from(DeskItem).where(*_askable(whose, person_id))) or 0


def _askable(whose: DeskScope, person_id: int, *, again: bool = True) -> list[ColumnElement[bool]]:
    """True of what somebody may be asked about; with ``again``, once more where nobody else is left to be asked."""
    finished = _finished_by(person_id)
    if again:
        finished = and_(finished, or_(DeskItem.kind != DeskKind.CHARACTERS, _others_left(person_id)))
    settled = (
        exists()
        .where(ContributionPart.part_id == DeskItem.part_id, Contribution.id == ContributionPart.contribution_id)
        .where(or_(Contribution.moderation != Moderation.IN_REVIEW, Contribution.origin == TextOrigin.PERSON))
        # An answer still needs the number, and so does a vote.
        .where(DeskItem.field != TELEPHONE)
    )
    left_out = exists().where(
        Part.id == DeskItem.part_id,
        # While it waits, a machine may still read it.
        or_(
            and_(Part.not_contribution.is_not(None), Part.not_contribution != NotContribution.VOTE),
            Part.erased_at.is_not(None),
            Part.reading == Reading.WAITING,
        ),
    )
    return [DeskItem.is_open.is_(True), whose.condition(), ~finished, ~settled, ~left_out]


def _finished_by(person: int | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """True of what somebody has said something about."""
    return exists().where(
        DeskAnswer.item_id == DeskItem.id, DeskAnswer.person_id == person, DeskAnswer.said.is_not(None)
    )


def _others_left(person_id: int) -> ColumnElement[bool]:
    """True of what somebody else could still be asked about: staff, or volunteers of its centre."""
    theirs = or_(Person.centre_id == DeskItem.centre_id, Person.id == DeskItem.entered_by_id)
    role = or_(PersonRole.role.in_((Role.MODERATOR, Role.ADMINISTRATOR)), and_(PersonRole.role == Role.CENTRE, theirs))
    return exists().where(
        Person.id == PersonRole.person_id,
        Person.id != person_id,
        Person.active,
        role,
        ~_finished_by(Person.id).correlate(DeskItem, Person),
    )


def claim_tasks(
    session: Session,
    whose: DeskScope,
    person_id: int,
    kind: DeskKind,
    field: str = "",
    most: int = 10,
    *,
    again: bool = True,
) -> list[DeskTask]:
    """The next things for somebody, alike ones in a row, held for them for a while.

    With ``again``, those as well of which the same person is to say once more what stands there.
    """
    now = utc_now()
    free = or_(DeskItem.held_by_id.is_(None), DeskItem.held_by_id == person_id, DeskItem.held_until < now)
    wanted = [DeskItem.kind == kind, *([DeskItem.field == field] if field else [])]
    rows = session.scalars(
        select(DeskItem)
        .where(*_askable(whose, person_id, again=again), *wanted, free)
        .order_by(DeskItem.kind, DeskItem.field, DeskItem.id)
        .limit(min(most, MOST))
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    for row in rows:
        row.held_by_id, row.held_until = person_id, now + HOLD
        newest = _newest_answer(session, row.id, person_id)
        if newest is not None and newest.said is not None:
            session.add(DeskAnswer(item_id=row.id, person_id=person_id, turn=newest.turn + 1, at=now))
    session.flush()
    return _tasks(session, rows, person_id)


def _newest_answer(session: Session, item_id: int, person_id: int) -> DeskAnswer | None:
    return session.scalars(
        select(DeskAnswer)
        .where(DeskAnswer.item_id == item_id, DeskAnswer.person_id == person_id)
        .order_by(DeskAnswer.turn.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).one_or_none()


def _tasks(session: Session, rows: Sequence[DeskItem], person_id: int) -> list[DeskTask]:
    newest = transcripts.latest_transcripts(session, {row.medium_id for row in rows})
    typed = {
        one.item_id: one
        for one in session.scalars(
            select(DeskAnswer)
            .where(DeskAnswer.item_id.in_([row.id for row in rows]), DeskAnswer.person_id == person_id)
            .order_by(DeskAnswer.turn)
        )
    }
    parts = {one.id: one for one in session.scalars(select(Part).where(Part.id.in_({row.part_id for row in rows})))}
    sheets = {key: transcripts.sheet_geometry(session, one) or {} for key, one in newest.items()}
    tasks = []
    for row in rows:
        sheet, draft = sheets.get(row.medium_id, {}), typed.get(row.id)
        again = draft is not None and draft.turn > 0
        # Who only confirms what a machine proposes is no second reading of a number: a wrong digit is a stranger's.
        proposes = row.kind is DeskKind.ZONE or (row.kind is DeskKind.CHARACTERS and not _is_number(row.field))
        tasks.append(
            DeskTask(
                id=row.id,
                kind=row.kind,
                field=row.field,
                picture=row.picture_id,
                label=_label(sheet, row.field) if row.kind is DeskKind.BOX else "",
                # Asked again, they are to read what stands there, and not what was read before.
                suggestion=str(sheet.get("guess") or "") if proposes and not again else "",
                typed=_typed(session, parts[row.part_id].key_id, draft),
                number=draft.number if draft is not None else 0,
                again=again,
            )
        )
    return tasks


def _typed(session: Session, key_id: int, answer: DeskAnswer | None) -> str:
    if answer is None:
        return ""
    return vault_of(session).text_left(session, key_id, answer.sealed_body, place_of(DeskAnswer.sealed_body, answer))


def _sealed(session: Session, part: Part, answer: DeskAnswer, body: str) -> bytes:
    return vault_of(session).seal_text(session, part.key_id, body, place_of(DeskAnswer.sealed_body, answer))


def _label(sheet: transcripts.Sheet, field: str) -> str:
    return next((str(box.get("label") or "") for box in sheet.get("boxes", ()) if box.get("key") == field), "")


def find_task(session: Session, whose: DeskScope, item_id: int) -> DeskItem | None:
    """One thing, if somebody may be asked about it; also after it was answered."""
    return session.scalar(select(DeskItem).where(DeskItem.id == item_id, whose.condition()))


def task_picture(session: Session, whose: DeskScope, item_id: int) -> tuple[Medium, Part] | None:
    """The picture of one thing, for somebody who may be asked about it."""
    row = session.execute(
        select(Medium, Part)
        .join(DeskItem, DeskItem.picture_id == Medium.id)
        .join(Part, Part.id == Medium.part_id)
        .where(DeskItem.id == item_id, whose.condition(), Medium.discarded_at.is_(None))
    ).one_or_none()
    return (row[0], row[1]) if row is not None else None


def save_typing(session: Session, item: DeskItem, person_id: int, body: str, number: int) -> bool:
    """Keep what somebody is typing; whether it was newer than what was kept, and not finished yet."""
    answer = _answer(session, item, person_id)
    if answer.said is not None or number <= answer.number:
        return False
    part = session.get_one(Part, item.part_id)
    if part.erased_at is not None:
        return False
    answer.sealed_body = _sealed(session, part, answer, body)
    answer.number, answer.at = number, utc_now()
    item.held_by_id, item.held_until = person_id, utc_now() + HOLD
    session.flush()
    return True


def _answer(session: Session, item: DeskItem, person_id: int) -> DeskAnswer:
    insert_if_new(
        session, DeskAnswer, item_id=item.id, person_id=person_id, turn=0, has_name=False, number=0, at=utc_now()
    )
    newest = _newest_answer(session, item.id, person_id)
    assert newest is not None
    return newest


def submit_answer(
    session: Session, item: DeskItem, person_id: int, said: DeskSaid, body: str = "", *, has_name: bool = False
) -> bool:
    """What somebody says of a thing, also anew; whether enough people have, so that it is closed now."""
    part = session.get_one(Part, item.part_id)
    if part.erased_at is not None:
        return False
    answer = _answer(session, item, person_id)
    answer.said, answer.has_name, answer.at = said, has_name, utc_now()
    answer.sealed_body = _sealed(session, part, answer, body) if body else None
    item.held_by_id = item.held_until = None
    session.flush()
    finished = session.scalar(
        select(func.count()).select_from(DeskAnswer).where(DeskAnswer.item_id == item.id, DeskAnswer.said.is_not(None))
    )
    item.is_open = (finished or 0) < item.wanted and not _is_vain_sample(session, item, person_id)
    session.flush()
    return not item.is_open


def _is_vain_sample(session: Session, item: DeskItem, person_id: int) -> bool:
    """Whether a zone waits for a second person where there is none: agreement with oneself tells nothing."""
    if item.kind is not DeskKind.ZONE:
        return False
    return session.scalar(select(DeskItem.id).where(DeskItem.id == item.id, _others_left(person_id))) is None


@dataclass(frozen=True, slots=True)
class TypingAgreement:
    """How far two people who typed the same zones agree."""

    zones: int
    """How many were typed by two."""
    same: int
    """In how many both typed the same words, whatever their capitals, accents apart."""
    characters: float
    """Share of the characters in which they agree, 0–1; 1 where there is nothing."""


def typing_agreement(session: Session, whose: DeskScope, most: int = 500) -> TypingAgreement:
    """The agreement over the newest zones that two people have typed."""
    twice = session.scalars(
        select(DeskItem.id)
        .where(DeskItem.wanted > 1, DeskItem.kind == DeskKind.ZONE, ~DeskItem.is_open, whose.condition())
        .order_by(DeskItem.id.desc())
        .limit(most)
    ).all()
    rows = session.execute(
        select(DeskAnswer, Part.key_id)
        .join(DeskItem, DeskItem.id == DeskAnswer.item_id)
        .join(Part, Part.id == DeskItem.part_id)
        .where(and_(DeskAnswer.item_id.in_(twice), DeskAnswer.said == DeskSaid.KEYED))
        .order_by(DeskAnswer.id)
    ).all()
    typed: dict[int, list[str]] = {}
    for answer, key_id in rows:
        typed.setdefault(answer.item_id, []).append(fold_typed_text(_typed(session, key_id, answer)))
    pairs = [(bodies[0], bodies[1]) for bodies in typed.values() if len(bodies) > 1]
    length = sum(max(len(one), len(other)) for one, other in pairs)
    away = sum(edit_distance(one, other) for one, other in pairs)
    return TypingAgreement(len(pairs), sum(one == other for one, other in pairs), 1 - away / length if length else 1.0)


def fold_typed_text(body: str) -> str:
    """A typed text as two people's are compared: one kind of space, no capitals."""
    return " ".join(body.split()).casefold()


def edit_distance(one: str, other: str) -> int:
    """How many characters have to be changed, put in or left out (Levenshtein)."""
    if one == other:
        return 0
    before = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        now = [row]
        for column, second in enumerate(other, 1):
            now.append(min(before[column] + 1, now[-1] + 1, before[column - 1] + (letter != second)))
        before = now
    return before[-1]


def task_answers(session: Session, item: DeskItem) -> list[tuple[DeskAnswer, str]]:
    """What people said of a thing, the first first, with what they typed."""
    key_id = session.get_one(Part, item.part_id).key_id
    rows = session.scalars(
        select(DeskAnswer).where(DeskAnswer.item_id == item.id, DeskAnswer.said.is_not(None)).order_by(DeskAnswer.id)
    ).all()
    return [(one, _typed(session, key_id, one)) for one in rows]


def delete_typed_answers(session: Session, part_id: int) -> None:
    """Clear what was typed about a part that is erased, and ask nobody about it."""
    items = select(DeskItem.id).where(DeskItem.part_id == part_id)
    session.execute(update(DeskAnswer).where(DeskAnswer.item_id.in_(items)).values(sealed_body=None))
    session.execute(update(DeskItem).where(DeskItem.part_id == part_id).values(is_open=False))
