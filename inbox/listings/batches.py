"""Batches of paper forms: the scanned files that were handed in together, and a slip for each of their forms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Integer, Select, and_, case, func, literal_column, or_, select
from sqlalchemy.orm import Session, aliased

from config.enums import Channel, MediumKind, Moderation, NotContribution, StepKind, StepState, TextOrigin
from inbox.listings.visibility import Aspect, Visibility
from inbox.models import (
    Centre,
    Contribution,
    ContributionPart,
    Intake,
    Medium,
    Part,
    Reference,
    Step,
    TextVersion,
)
from inbox.models.intake_rows import SCANNED
from inbox.models.sealed_places import place_of as place_of_value
from inbox.paper.page_names import SheetPlace, file_number_of, sheet_place
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.keyset import cut_page

FIRST_WORDS = 12
"""How many words a slip shows: enough to find the sheet, on one or two lines."""
LEAST_PRINTED, MOST_PRINTED = 3, 60
"""Words: how long a beginning must, and may, be that forms have in common."""
_LONGEST = 90


@dataclass(frozen=True, slots=True)
class PaperBatch:
    """Scanned files that were handed in together."""

    id: int
    received_at: datetime
    centre: str
    by_mail: bool
    files: int
    forms: int
    waiting: int
    """How many of the files are still being separated into forms."""


@dataclass(frozen=True, slots=True)
class Slip:
    """One form: its number, and what it takes to find its sheet of paper."""

    number: int
    """Its place in the batch, counted from 1."""
    reference: str
    place: SheetPlace
    words: str
    """What it begins with; empty when nothing has been read."""
    by_machine: bool
    """Whether a machine read these words, and nobody has confirmed them."""
    picture: int | None
    """The medium that shows its first page in small."""
    contribution: int | None
    """Where its words are worked on."""
    shown: bool = True
    """Whether the person who looks may see words and picture."""


@dataclass(frozen=True, slots=True)
class PageWithoutSlip:
    """A page that gets no slip, and why."""

    place: SheetPlace
    why: NotContribution


@dataclass(frozen=True, slots=True)
class BatchContent:
    """Everything a batch holds."""

    slips: tuple[Slip, ...]
    left: tuple[PageWithoutSlip, ...]


def is_scanned_condition() -> ColumnElement[bool]:
    """True of a scanned file, and of a copier's mail; not of a letter that staff typed in, nor once it is erased."""
    return literal_column(f"intake.{SCANNED}")


def in_batch_condition(batch_id: int) -> ColumnElement[bool]:
    """True of what was handed in together: the first, and all that name it."""
    return or_(Intake.id == batch_id, Intake.batch_id == batch_id)


@dataclass(frozen=True, slots=True)
class BatchPage:
    """One page of the list of batches, newest first."""

    batches: list[PaperBatch]
    next_cursor: int | None
    """The batch before which the older ones are; None at the end."""
    previous_cursor: int | None
    """The batch after which the newer ones are; None at the beginning."""


def list_batches(
    session: Session, *which: ColumnElement[bool], before: int | None = None, after: int | None = None, limit: int = 50
) -> BatchPage:
    """A page of the batches of which some file is one of these: their numbers first, then only these batches."""
    numbers = select(Intake.scanned_batch).where(is_scanned_condition(), *which).distinct()

    def older(place: int | None, most: int) -> list[int | None]:
        found = numbers if place is None else numbers.where(Intake.scanned_batch < place)
        return list(session.scalars(found.order_by(Intake.scanned_batch.desc()).limit(most)))

    def newer(place: int, most: int) -> list[int | None]:
        found = numbers.where(Intake.scanned_batch > place)
        return list(session.scalars(found.order_by(Intake.scanned_batch).limit(most)))[::-1]

    page = cut_page(older, newer, before, after, limit)
    rows = session.execute(batches_query(*which, Intake.scanned_batch.in_(page.rows)))
    return BatchPage(
        [PaperBatch(*row) for row in rows],
        next_cursor=page.rows[-1] if page.rows and page.is_more_behind else None,
        previous_cursor=page.rows[0] if page.rows and page.is_more_before else None,
    )


def batches_query(*which: ColumnElement[bool]) -> Select[int, datetime, str, bool, int, int, int]:
    """The batches of which some file is one of these, newest first, as ``PaperBatch`` takes them."""
    forms = select(func.count(Part.id)).where(*_forms(), Part.intake_id == Intake.id).scalar_subquery()
    splitting = (
        select(func.count(Step.id))
        .where(Step.intake_id == Intake.id, Step.kind == StepKind.SPLIT_PAGES, Step.state == StepState.OPEN)
        .scalar_subquery()
    )
    files = (
        select(
            Intake.scanned_batch.label("batch"),
            Intake.received_at.label("received_at"),
            func.coalesce(Centre.name, "").label("centre"),
            case((Intake.channel == Channel.EMAIL, 1), else_=0).label("by_mail"),
            forms.label("forms"),
            splitting.label("splitting"),
        )
        .outerjoin(Centre, Centre.id == Intake.centre_id)
        .where(is_scanned_condition(), *which)
        .subquery()
    )
    return (
        select(
            files.c.batch,
            func.min(files.c.received_at),
            func.max(files.c.centre),
            func.max(files.c.by_mail) == 1,
            func.count(),
            func.sum(files.c.forms).cast(Integer),
            func.sum(files.c.splitting).cast(Integer),
        )
        .group_by(files.c.batch)
        .order_by(files.c.batch.desc())
    )


def _forms() -> tuple[ColumnElement[bool], ...]:
    """The parts that are forms: neither blank nor foreign pages, nor erased."""
    return (Part.not_contribution.is_(None), Part.erased_at.is_(None))


def batch_content(session: Session, batch_id: int, sight: Visibility) -> BatchContent:
    """The slips of a batch, in the order of its files and pages, and the pages that get none, for whoever sees them."""
    parts = session.scalars(
        select(Part)
        .join(Intake, Intake.id == Part.intake_id)
        .where(in_batch_condition(batch_id), Intake.erased_at.is_(None), Part.erased_at.is_(None))
        .order_by(Intake.id, Part.id)
    ).all()
    media = _media_of(session, parts)
    vault_of(session).open_keys(session, {part.key_id for part in parts})
    places = {part.id: _place(session, part, media.get(part.id, [])) for part in parts}
    in_order = sorted(
        parts, key=lambda part: (part.intake_id, file_number_of(part.part_key), places[part.id].first, part.id)
    )
    forms = [part for part in in_order if part.not_contribution is None]
    references = _references(session, [part.id for part in forms])
    contributions = _contributions(session, [part.id for part in forms])
    told = forms if sight.sees(Aspect.UNMODERATED) else _untouched(session, forms)
    shown = {part.id for part in told}
    texts = _texts(session, [part.id for part in told])
    printed = _printed_on_all([body.split() for body, _by_machine in texts.values()])
    slips = tuple(
        Slip(
            number,
            references[part.id],
            places[part.id],
            *_first_words(texts.get(part.id, ("", False)), printed),
            picture=_picture(media.get(part.id, [])) if part.id in shown else None,
            shown=part.id in shown,
            contribution=contributions.get(part.id),
        )
        for number, part in enumerate((form for form in forms if form.id in references), start=1)
    )
    left = tuple(PageWithoutSlip(places[p.id], p.not_contribution) for p in in_order if p.not_contribution is not None)
    return BatchContent(slips, left)


def may_see(session: Session, part: Part, sight: Visibility) -> bool:
    """Whether somebody who handed a form in may see its words and its picture."""
    return sight.sees(Aspect.UNMODERATED) or bool(_untouched(session, [part]))


def _untouched(session: Session, parts: Sequence[Part]) -> list[Part]:
    """The forms that no moderator has worked on: what is masked in a text stands unmasked in its picture."""
    worded = select(TextVersion.id).where(
        TextVersion.contribution_id == Contribution.id, TextVersion.origin == TextOrigin.PERSON
    )
    others = aliased(ContributionPart)  # then its text holds other people's words, too
    joined = select(others.part_id).where(
        others.contribution_id == Contribution.id, others.part_id != ContributionPart.part_id
    )
    touched = session.scalars(
        select(ContributionPart.part_id)
        .join(Contribution, Contribution.id == ContributionPart.contribution_id)
        .where(ContributionPart.part_id.in_([part.id for part in parts]))
        .where(or_(Contribution.moderation != Moderation.IN_REVIEW, worded.exists(), joined.exists()))
    )
    ids = set(touched)
    return [part for part in parts if part.id not in ids]


def _media_of(session: Session, parts: Sequence[Part]) -> dict[int, list[Medium]]:
    found: dict[int, list[Medium]] = {}
    rows = select(Medium).where(Medium.part_id.in_([part.id for part in parts]), Medium.discarded_at.is_(None))
    for medium in session.scalars(rows.order_by(Medium.position)):
        found.setdefault(medium.part_id, []).append(medium)
    return found


_WITHOUT_PLACE = frozenset(
    (
        MediumKind.THUMBNAIL,
        MediumKind.MASKED,
        MediumKind.ZONE,
        MediumKind.CHARACTERS,
        MediumKind.DRAWING,
        MediumKind.BOX,
    )
)


def _place(session: Session, part: Part, media: Sequence[Medium]) -> SheetPlace:
    names = []
    for medium in media:
        # A page image made of another medium has no place of its own.
        if medium.kind in _WITHOUT_PLACE or medium.sealed_source is not None:
            continue
        name = vault_of(session).text_if_kept(
            session, part.key_id, medium.sealed_name, place_of_value(Medium.sealed_name, medium)
        )
        if name is not None:
            names.append(name)
    return sheet_place(names)


def _picture(media: Sequence[Medium]) -> int | None:
    there = (m.id for m in media if m.kind is MediumKind.THUMBNAIL and m.locator is not None)
    return next(there, None)


def _contributions(session: Session, part_ids: Sequence[int]) -> dict[int, int]:
    rows = select(ContributionPart.part_id, func.min(ContributionPart.contribution_id))
    of_parts = rows.where(ContributionPart.part_id.in_(part_ids)).group_by(ContributionPart.part_id)
    return {part_id: number for part_id, number in session.execute(of_parts) if number is not None}


def _references(session: Session, part_ids: Sequence[int]) -> dict[int, str]:
    """The number of each form: its own, whatever it was joined with since; else that of its contribution."""
    own = select(Reference.part_id, func.min(Reference.number)).where(Reference.part_id.in_(part_ids))
    shared = (
        select(ContributionPart.part_id, func.min(Reference.number))
        .join(Reference, Reference.contribution_id == ContributionPart.contribution_id)
        .where(ContributionPart.part_id.in_(part_ids))
        .group_by(ContributionPart.part_id)
    )
    found = [*session.execute(shared), *session.execute(own.group_by(Reference.part_id))]
    return {part_id: number for part_id, number in found if part_id is not None}


def _texts(session: Session, part_ids: Sequence[int]) -> dict[int, tuple[str, bool]]:
    """What each form says as its text now stands, and whether only a machine says so."""
    newest = aliased(TextVersion)
    number = select(func.max(newest.number)).where(newest.contribution_id == Contribution.id).scalar_subquery()
    rows = session.execute(
        select(ContributionPart.part_id, Contribution.key_id, TextVersion)
        .join(Contribution, Contribution.id == ContributionPart.contribution_id)
        .join(TextVersion, and_(TextVersion.contribution_id == Contribution.id, TextVersion.number == number))
        .where(ContributionPart.part_id.in_(part_ids), TextVersion.sealed_body.is_not(None))
        .order_by(Contribution.id)
    ).all()
    vault = vault_of(session)
    vault.open_keys(session, {row.key_id for row in rows})
    found: dict[int, tuple[str, bool]] = {}
    for row in rows:
        said: TextVersion = row.TextVersion
        body = vault.text_if_kept(session, row.key_id, said.sealed_body, place_of_value(TextVersion.sealed_body, said))
        if body is not None:
            found.setdefault(row.part_id, (body, said.origin is TextOrigin.MACHINE))
    return found


def _printed_on_all(texts: Sequence[list[str]]) -> list[list[str]]:
    """The beginnings that half of the forms have in common: the printed question tells no sheet from another."""
    common = list({tuple(words) for words in texts if words})  # people who say the same are no printed question
    enough = max(2, (len(common) + 1) // 2)
    shared: list[list[str]] = []
    for length in range(1, MOST_PRINTED + 1):
        counts = Counter(words[:length] for words in common if len(words) > length)
        often = {beginning for beginning, count in counts.items() if count >= enough}
        common = [words for words in common if words[:length] in often]
        shared += [list(beginning) for beginning in often]
    return [beginning for beginning in shared if len(beginning) >= LEAST_PRINTED]


def _first_words(text: tuple[str, bool], printed: Sequence[list[str]]) -> tuple[str, bool]:
    """What a slip shows of a form, behind what is printed on the others as well."""
    body, by_machine = text
    words = body.split()
    same = (len(one) for one in printed if words[: len(one)] == one and len(words) > len(one) + 1)
    skipped = 0 if words in printed else max(same, default=0)
    return ("… " if skipped else "") + _beginning(words[skipped:]), by_machine


def _beginning(words: Sequence[str]) -> str:
    said = " ".join(words[:FIRST_WORDS])
    cut = len(words) > FIRST_WORDS or len(said) > _LONGEST
    return f"{said[:_LONGEST].rstrip()}…" if cut else said
