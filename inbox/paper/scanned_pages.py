"""What became of each page of scanned files: noted when a file is split, told for a batch."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from config.enums import MediumKind, NotContribution, PageEnd, StepKind, StepState
from inbox.contributions.optimistic_locking import NotThere
from inbox.jobs import enqueue
from inbox.models import Arrival, Intake, Medium, Part, ScannedPage, Step
from inbox.models.sealed_places import place_of as sealed_at
from inbox.paper.page_names import sheet_place
from inbox.records import history
from inbox.storage.envelope_encryption import vault_of

TO_SCAN_AGAIN = (PageEnd.UNREADABLE, PageEnd.MISSING_SIDE)
"""What somebody who still has the paper can mend."""

_JUDGED = {
    NotContribution.BLANK_PAGE: PageEnd.BLANK,
    NotContribution.FOREIGN_PAGE: PageEnd.FOREIGN,
    NotContribution.DUPLICATE_PAGE: PageEnd.DUPLICATE,
    NotContribution.TEST_SHEET: PageEnd.TEST_SHEET,
}


@dataclass(frozen=True, slots=True)
class EndedPage:
    """A page, and what became of it; ``number`` 0 is a file without pages. ``part_key`` is where it stands."""

    file: int
    number: int
    ending: PageEnd
    part_key: str


def record_page_ends(session: Session, intake_id: int, pages: Iterable[EndedPage]) -> None:
    """Note what became of the pages of a scanned file, anew where they were noted before; safe to repeat."""
    rows = session.execute(select(Part.part_key, Part.id).where(Part.intake_id == intake_id))
    parts = {part_key: part_id for part_key, part_id in rows}  # noqa: C416 - rows are no pairs to mypy
    known = {(one.file, one.number): one for one in _rows(session, intake_id)}
    for page in pages:
        row = known.pop((page.file, page.number), None)
        if row is None:
            row = ScannedPage(intake_id=intake_id, file=page.file, number=page.number)
            session.add(row)
        row.ending, row.part_id = page.ending, parts.get(page.part_key)
    session.flush()
    gone = [one.id for one in known.values()]
    session.execute(delete(ScannedPage).where(ScannedPage.id.in_(gone)))


def typed_codes(session: Session, intake_id: int) -> dict[tuple[int, int], str]:
    """The digits of codes that a person typed in, by file and page."""
    return {(one.file, one.number): one.typed for one in _rows(session, intake_id) if one.typed}


def typed_since(session: Session, intake_id: int) -> set[tuple[int, int]]:
    """The pages, by file and number, that have not been read since their code was typed in."""
    return {(one.file, one.number) for one in _rows(session, intake_id) if one.typed and _is_unread(one)}


def complete_sheet(session: Session, part_id: int) -> None:
    """Write that the sides of a part miss no other side any more."""
    session.execute(
        update(ScannedPage)
        .where(ScannedPage.part_id == part_id, ScannedPage.ending == PageEnd.MISSING_SIDE)
        .values(ending=PageEnd.FORM)
        .execution_options(synchronize_session=False)
    )


def _is_unread(page: ScannedPage) -> bool:
    return page.ending is PageEnd.UNREADABLE


def save_typed_code(session: Session, batch_id: int, page_id: int, code: str, by: int) -> None:
    """Have a page read again by the digits of its code, which a person typed in; raises ``NotThere``."""
    page = session.get(ScannedPage, page_id)
    intake = session.get(Intake, page.intake_id) if page is not None else None
    if page is None or intake is None or intake.scanned_batch != batch_id or not _is_unread(page):
        raise NotThere(f"page {page_id}")
    page.typed = code
    enqueue.add_step(session, StepKind.SPLIT_PAGES, intake=intake.id, again=True)
    history.record_event(session, f"intake:{intake.id}", "code_typed", by, {"page": page.number})


def _rows(session: Session, intake_id: int) -> Sequence[ScannedPage]:
    return session.scalars(select(ScannedPage).where(ScannedPage.intake_id == intake_id)).all()


@dataclass(frozen=True, slots=True)
class PageLine:
    """A page as the overview of its batch shows it."""

    id: int
    intake_id: int
    number: int
    ending: PageEnd
    picture: int | None
    """The medium that shows it in small."""
    typed: bool
    """Whether a person typed its code in."""
    part_id: int | None = None
    faults: str = ""
    """Of a test sheet, what is to be set otherwise at the copier; nothing where it is set well."""


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file of a batch: its name, its pages, and how far it is."""

    intake_id: int
    name: str
    pages: tuple[PageLine, ...]
    is_open: bool
    """Whether it is still being read."""
    is_stuck: bool
    """Whether reading it failed, and a person at the town hall has to look."""
    withdrawn: bool

    @property
    def to_mend(self) -> tuple[PageLine, ...]:
        """What is to be scanned again, or typed in."""
        return () if self.withdrawn else tuple(page for page in self.pages if page.ending in TO_SCAN_AGAIN)


@dataclass(frozen=True, slots=True)
class BatchOverview:
    """Everything a centre wants to know of a batch."""

    files: tuple[FileLine, ...]
    forms: int
    letters: int
    """Contributions its pages became: forms of ours, and what was read as it came; no others."""

    @property
    def counts(self) -> dict[PageEnd, int]:
        """How many pages ended how, in the order of the endings; of files that count."""
        endings = [page.ending for one in self.files if not one.withdrawn for page in one.pages]
        return {ending: endings.count(ending) for ending in PageEnd if ending in endings}

    @property
    def open(self) -> int:
        """How many files are still being read."""
        return sum(one.is_open for one in self.files)

    @property
    def trials(self) -> tuple[tuple[FileLine, PageLine], ...]:
        """The test sheets, each by its first page, with their files."""
        seen = {
            page.part_id: (one, page)
            for one in reversed(self.files)
            if not one.withdrawn
            for page in reversed(one.pages)
            if page.ending is PageEnd.TEST_SHEET
        }
        return tuple(reversed(seen.values()))

    @property
    def to_mend(self) -> tuple[tuple[FileLine, PageLine], ...]:
        """The pages to scan again, or to type in, with their files."""
        return tuple((one, page) for one in self.files for page in one.to_mend)


def batch_overview(session: Session, batch_id: int) -> BatchOverview:
    """A batch as its centre sees it, in the order in which its files came."""
    intakes = session.scalars(select(Intake).where(Intake.scanned_batch == batch_id).order_by(Intake.id)).all()
    ids = [one.id for one in intakes]
    pages = _lines(session, ids)
    states = {
        step.intake_id: step.state
        for step in session.scalars(select(Step).where(Step.intake_id.in_(ids), Step.kind == StepKind.SPLIT_PAGES))
    }
    files = tuple(
        FileLine(
            intake_id=one.id,
            name=_name(session, one),
            pages=tuple(pages.get(one.id, ())),
            is_open=states.get(one.id) is StepState.OPEN,
            is_stuck=states.get(one.id) in (StepState.QUARANTINED, StepState.NEEDS_PERSON),
            withdrawn=one.not_contribution is NotContribution.WITHDRAWN,
        )
        for one in intakes
    )
    counted = select(Part.id).where(
        Part.intake_id.in_([one.id for one in intakes if one.not_contribution is None]),
        Part.not_contribution.is_(None),
        Part.erased_at.is_(None),
    )
    parts = set(session.scalars(counted))
    endings = page_ends_of_parts(session, batch_id)
    letters = {part for part in parts if PageEnd.LETTER in endings.get(part, ())}
    forms = {part for part in parts - letters if is_form(endings.get(part))}
    return BatchOverview(files, len(forms), len(letters))


def page_ends_of_parts(session: Session, batch_id: int) -> Mapping[int, set[PageEnd]]:
    """How the pages ended that each part of a batch is made of, as far as that was noted."""
    rows = session.execute(
        select(ScannedPage.part_id, ScannedPage.ending)
        .join(Intake, Intake.id == ScannedPage.intake_id)
        .where(Intake.scanned_batch == batch_id)
    )
    found: dict[int, set[PageEnd]] = {}
    for part_id, ending in rows:
        if part_id is not None:
            found.setdefault(part_id, set()).add(ending)
    return found


def is_form(endings: Collection[PageEnd] | None) -> bool:
    """Whether pages that ended so are a form of ours; a page whose code nobody has read yet is none, nor is a letter.

    None stands for a part of which no page was noted, as of files that came before pages were.
    """
    return endings is None or PageEnd.FORM in endings or PageEnd.MISSING_SIDE in endings


def _lines(session: Session, intake_ids: Sequence[int]) -> Mapping[int, Sequence[PageLine]]:
    rows = session.execute(
        select(ScannedPage, Part.not_contribution, Part.reading_reason)
        .outerjoin(Part, Part.id == ScannedPage.part_id)
        .where(ScannedPage.intake_id.in_(intake_ids), Part.erased_at.is_(None))
        .order_by(ScannedPage.intake_id, ScannedPage.file, ScannedPage.number)
    ).all()
    pictures = _pictures(session, {row.part_id for row, _judged, _reason in rows if row.part_id is not None})
    found: dict[int, list[PageLine]] = {}
    for row, judged, reason in rows:
        # A person may have judged it since.
        ending = _JUDGED.get(judged, row.ending) if judged is not None else row.ending
        picture = _picture(pictures.get(row.part_id, []), row.number) if row.part_id is not None else None
        faults = (reason or "") if ending is PageEnd.TEST_SHEET else ""
        line = PageLine(row.id, row.intake_id, row.number, ending, picture, bool(row.typed), row.part_id, faults)
        found.setdefault(row.intake_id, []).append(line)
    return found


def _pictures(session: Session, part_ids: Iterable[int]) -> dict[int, list[tuple[int, int]]]:
    """The small pictures of parts, each with the number of its page; 0 where it was not noted."""
    rows = session.execute(
        select(Medium, Part.key_id)
        .join(Part, Part.id == Medium.part_id)
        .where(Medium.part_id.in_(list(part_ids)), Medium.kind == MediumKind.THUMBNAIL)
        .where(Medium.locator.is_not(None), Medium.discarded_at.is_(None))
        .order_by(Medium.position)
    ).all()
    vault = vault_of(session)
    vault.open_keys(session, {key_id for _medium, key_id in rows})
    found: dict[int, list[tuple[int, int]]] = {}
    for medium, key_id in rows:
        name = vault.text_if_kept(session, key_id, medium.sealed_name, sealed_at(Medium.sealed_name, medium))
        found.setdefault(medium.part_id, []).append((sheet_place([name]).first if name else 0, medium.id))
    return found


def _picture(pictures: Sequence[tuple[int, int]], number: int) -> int | None:
    """That of a page, or the first where none is."""
    own = (medium for page, medium in pictures if page == number)
    return next(own, pictures[0][1] if pictures else None)


def _name(session: Session, intake: Intake) -> str:
    """What the file was called when it was handed in; empty where nobody said."""
    newest = select(Arrival).where(Arrival.intake_id == intake.id).order_by(Arrival.id.desc()).limit(1)
    arrival = session.scalar(newest)
    if arrival is None:
        return ""
    place = sealed_at(Arrival.sealed_headers, arrival)
    headers = vault_of(session).json_if_kept(session, intake.key_id, arrival.sealed_headers, place)
    return str(headers.get("name") or "") if isinstance(headers, dict) else ""
