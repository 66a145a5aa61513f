"""An answer as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import format_decimal

from config.answer_states import AnswerKind, AnswerState, Outcome, Way
from config.settings.loader import Settings
from config.wording.consultation import Consultation
from inbox.accounts import staff
from inbox.answers import answer_preview, answer_recordings, canned_passages, deliveries, drafting
from inbox.answers.answer_preview import AnswerPreview
from inbox.answers.answer_recordings import RecordingView
from inbox.answers.answer_wording import Named
from inbox.answers.canned_passages import OfferedPassage
from inbox.answers.deliveries import Delivery, DeliveryTotals
from inbox.answers.drafting import AnswerWording
from inbox.answers.selection import RecipientSelection
from inbox.models import Answer
from inbox.records import references
from inbox.storage.unit_of_work import Session

PAGE_ROWS = 50


@dataclass(frozen=True)
class AnswerLine:
    """One answer of the list."""

    id: int
    state: AnswerState
    outcome: Outcome | None
    beginning: str
    title: str
    author: str
    at: datetime
    people: int
    """To how many contributions it was given; 0 before it leaves."""


@dataclass(frozen=True)
class AnswerView:
    """One answer."""

    id: int
    kind: AnswerKind
    state: AnswerState
    revision: int
    outcome: Outcome | None
    is_general: bool
    tells: bool
    languages: Sequence[str]
    words: Mapping[str, str]
    chosen: RecipientSelection
    title: str
    theme: str
    single: str
    """The reference, where it is for one contribution only."""
    single_id: int | None
    versions: Sequence[tuple[AnswerWording, str]]
    authors: frozenset[int]
    needs_second: bool
    approved_by: str
    leaves_at: datetime | None
    preview: AnswerPreview | None
    totals: DeliveryTotals | None
    deliveries: Sequence[Delivery]
    more_after: int | None
    recordings: Mapping[str, RecordingView]
    """What was spoken of it, by language."""
    names: Mapping[int, str]
    passages: Sequence[OfferedPassage]
    """What can be put into it at a key."""

    @property
    def price(self) -> str:
        """What the text messages cost in euros, as the reader writes numbers."""
        return str(format_decimal(self.preview.price if self.preview else 0, format="#,##0.00"))

    @property
    def editable(self) -> bool:
        """Whether it is still being written."""
        return self.state is AnswerState.DRAFT

    @property
    def to_print(self) -> frozenset[Way]:
        """Which papers there are to print for it."""
        if self.totals is None:
            return frozenset()
        return frozenset(way for way in (Way.LETTER, Way.NOTICE) if self.totals.of_way(way))


def answer_view_of(
    session: Session, settings: Settings, answer: Answer, write_to: Named, language: str, after: int = 0
) -> AnswerView:
    """For its page."""
    chosen = drafting.chosen_recipients(session, answer)
    consultation = answer_preview.answer_texts(session, answer).consultation
    versions = drafting.wording_versions(session, answer)
    spoken = {one.language: one for one in answer_recordings.recordings_of(session, answer.id)}
    voices = [one.person_id for one in spoken.values()]
    named = [*(one.person_id for one in versions), *voices, answer.approved_by_id, answer.created_by_id]
    names = staff.names_of(session, named)
    early = answer.state in (AnswerState.DRAFT, AnswerState.TO_APPROVE)
    given, more = ([], None) if early else deliveries.list_deliveries(session, answer.id, after=after, limit=PAGE_ROWS)
    single = chosen.numbers[0] if chosen.is_single else None
    return AnswerView(
        id=answer.id,
        kind=answer.kind,
        state=answer.state,
        revision=answer.revision,
        outcome=answer.outcome,
        is_general=answer.is_general,
        tells=answer.tells,
        languages=consultation.languages if consultation else settings.languages,
        words=versions[0].words,
        chosen=chosen,
        title=_in(consultation, language),
        theme=_theme(consultation, chosen.theme, language),
        single=references.references_of(session, [single]).get(single, "") if single is not None else "",
        single_id=single,
        versions=[(one, names.get(one.person_id, "")) for one in versions if one.words or one is versions[0]],
        authors=frozenset([answer.created_by_id, *voices, *(one.person_id for one in versions)]),
        needs_second=drafting.needs_second_person(session, answer),
        approved_by=names.get(answer.approved_by_id, "") if answer.approved_by_id is not None else "",
        leaves_at=answer.leaves_at if answer.state is AnswerState.LEAVING else None,
        preview=answer_preview.preview_answer(session, settings, answer, write_to) if early else None,
        totals=None if early else deliveries.delivery_totals(session, answer.id),
        deliveries=given,
        more_after=more,
        recordings=spoken,
        names=names,
        passages=canned_passages.passages_for(session, answer.consultation_id) if early else (),
    )


def list_answers(session: Session, before: int | None = None) -> list[AnswerLine]:
    """The answers, the newest first."""
    found = deliveries.newest_answers(session, before, PAGE_ROWS)
    names = staff.names_of(session, [one.created_by_id for one in found])
    given = deliveries.recipient_counts(session, [one.id for one in found])
    lines = []
    for one in found:
        said = answer_preview.answer_texts(session, one)
        words = next(iter(said.words.values()), "")
        line = AnswerLine(
            one.id,
            one.state,
            one.outcome,
            " ".join(words.split())[:140],
            _in(said.consultation, ""),
            names.get(one.created_by_id, ""),
            one.created_at,
            given.get(one.id, 0),
        )
        lines.append(line)
    return lines


def _in(consultation: Consultation | None, language: str) -> str:
    if consultation is None:
        return ""
    return consultation.title.get(language) or consultation.title[consultation.language]


def _theme(consultation: Consultation | None, key: str | None, language: str) -> str:
    theme = consultation.theme(key) if consultation is not None and key else None
    return (theme.label.get(language) or next(iter(theme.label.values()))) if theme else key or ""
