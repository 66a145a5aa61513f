"""How officials arrange a report: its title, the order and headings of its sections, and sentences of their own.

An own sentence is marked as its author's wherever it is shown. It names the contributions it speaks of, or says that
it has none.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.enums import Moderation
from inbox.errors import InboxError
from inbox.models import Contribution, ReportEdit
from inbox.models.column_types import utc_now
from inbox.records import history, references
from inbox.storage.upsert import insert_if_new

LONGEST_HEADING, LONGEST_SENTENCE, MOST_SENTENCES = 200, 2000, 400


class EditedMeanwhile(InboxError):
    """Somebody else arranged the report since the page was opened."""

    remedy = "Look at the report as it now is, then make your change again."


class BadSentence(InboxError):
    """A sentence without words, or with too many, or for voices that are not there."""

    remedy = "Write a sentence; name the voices by their references, each of a published contribution."


class OwnSentence(BaseModel):
    """A sentence of an official's."""

    model_config = ConfigDict(frozen=True)

    number: int
    section: str
    text: str
    author_id: int
    author: str
    at: datetime
    voices: tuple[int, ...]
    """The contributions it speaks of."""


class ReportArrangement(BaseModel):
    """What stands beside the figures."""

    model_config = ConfigDict(frozen=True)

    title: str = ""
    order: tuple[str, ...] = ()
    """Keys of sections that were moved, in their order; the others follow as they are."""
    headings: dict[str, str] = {}
    hidden: tuple[str, ...] = ()
    sentences: tuple[OwnSentence, ...] = ()

    def ordered(self, keys: list[str]) -> list[str]:
        """These sections in the order somebody gave them."""
        moved = [key for key in self.order if key in keys]
        return moved + [key for key in keys if key not in moved]

    def of(self, section: str) -> list[OwnSentence]:
        """The own sentences of a section."""
        return [one for one in self.sentences if one.section == section]


def arrangement_of(session: Session, consultation_id: int) -> tuple[ReportArrangement, int]:
    """How a consultation's report is arranged, and the revision of that; 0 for one that nobody has touched."""
    row = session.get(ReportEdit, consultation_id)
    return (ReportArrangement.model_validate(row.body), row.revision) if row else (ReportArrangement(), 0)


def save_arrangement(
    session: Session, consultation_id: int, edit: ReportArrangement, by: int, expect_revision: int
) -> int:
    """Put an arrangement in force; its revision. Raises ``EditedMeanwhile``."""
    insert_if_new(session, ReportEdit, consultation_id=consultation_id, body={}, revision=0, changed_at=utc_now())
    row = session.scalars(
        select(ReportEdit)
        .where(ReportEdit.consultation_id == consultation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if row.revision != expect_revision:
        raise EditedMeanwhile(f"revision {row.revision}, not {expect_revision}")
    row.body, row.revision = edit.model_dump(mode="json"), row.revision + 1
    row.changed_by_id, row.changed_at = by, utc_now()
    session.flush()
    history.record_event(session, f"consultation:{consultation_id}", "report_edited", by, {"revision": row.revision})
    return row.revision


def move_section(edit: ReportArrangement, keys: list[str], key: str, by: int) -> ReportArrangement:
    """A section one place up (``by`` -1) or down (1) among its neighbours ``keys``."""
    order = edit.ordered(keys)
    if key not in order:
        return edit
    at = order.index(key)
    to = min(max(at + by, 0), len(order) - 1)
    order.insert(to, order.pop(at))
    return edit.model_copy(update={"order": (*(one for one in edit.order if one not in keys), *order)})


def rename_section(edit: ReportArrangement, key: str, words: str) -> ReportArrangement:
    """A section under another heading; its own again for none."""
    line = " ".join(words.split())[:LONGEST_HEADING]
    headings = {**edit.headings, key: line}
    return edit.model_copy(update={"headings": {one: said for one, said in headings.items() if said}})


def toggle_section(edit: ReportArrangement, key: str, *, is_hidden: bool) -> ReportArrangement:
    """A section left out of the document, or put back."""
    hidden = [one for one in edit.hidden if one != key] + ([key] if is_hidden else [])
    return edit.model_copy(update={"hidden": tuple(hidden)})


def with_sentence(
    session: Session,
    consultation_id: int,
    edit: ReportArrangement,
    section: str,
    text: str,
    voices: str,
    by: tuple[int, str],
) -> ReportArrangement:
    """One more own sentence; ``voices`` are references, apart by commas or lines. Raises ``BadSentence``."""
    words = text.strip()
    if not 1 <= len(words) <= LONGEST_SENTENCE or len(edit.sentences) >= MOST_SENTENCES:
        raise BadSentence(f"a sentence of {len(words)} characters")
    spoken_of = []
    for written in voices.replace(";", ",").replace("\n", ",").split(","):
        if not written.strip():
            continue
        number = references.parse_reference(written)
        found = references.contribution_of(session, number) if number else None
        if found is None or not _is_published(session, consultation_id, found):
            raise BadSentence("a reference of no published contribution")
        spoken_of.append(found)
    sentence = OwnSentence(
        number=max((one.number for one in edit.sentences), default=0) + 1,
        section=section,
        text=words,
        author_id=by[0],
        author=by[1],
        at=utc_now(),
        voices=tuple(dict.fromkeys(spoken_of)),
    )
    return edit.model_copy(update={"sentences": (*edit.sentences, sentence)})


def _is_published(session: Session, consultation_id: int, contribution_id: int) -> bool:
    found = session.get(Contribution, contribution_id)
    return (
        found is not None
        and found.listed
        and found.consultation_id == consultation_id
        and found.moderation is Moderation.PUBLISHED
    )


def without_sentence(edit: ReportArrangement, number: int) -> ReportArrangement:
    """One own sentence less."""
    return edit.model_copy(update={"sentences": tuple(one for one in edit.sentences if one.number != number)})
