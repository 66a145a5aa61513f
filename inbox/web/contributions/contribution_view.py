"""Everything the page of one contribution shows, read in one snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.enums import ArrivalKind, Channel, MediumKind, Moderation, Reading, SetAsideReason, TextOrigin
from inbox.consultations import consultation_versions
from inbox.contributions import erasure_wishes, moderation, text_versions, transcripts
from inbox.erasure import erasure_requests
from inbox.listings import contribution_list
from inbox.models import Arrival, Contribution, ContributionPart, Intake, Message, Part, Person
from inbox.models.sealed_places import place_of
from inbox.records import references
from inbox.records.answer_messages import messages_about
from inbox.storage.envelope_encryption import vault_of
from inbox.web.base.labels import ASIDES, EVIDENCES, MESSAGE_STATES, PURPOSES, Label
from inbox.web.contributions.history_view import HistoryEvent, HistoryPage, history_page_of
from inbox.web.contributions.marked_passages import TextPiece, text_pieces
from inbox.web.contributions.theme_labels import ShownTheme, names_behind, shown_themes, title_of
from inbox.web.contributions.transcript_view import MediumView, medium_view
from inbox.web.sheet.text_differences import TextChange, word_differences

_ONLY_PIECES = (MediumKind.THUMBNAIL, MediumKind.BOX, MediumKind.MASKED)
"""What only shows again what stands on a page."""


@dataclass(frozen=True, slots=True)
class AsideView:
    """What was set apart from a mail: quoted mail, signature, footer; and what proves it."""

    label: Label
    text: str
    because: Label = ""


@dataclass(frozen=True, slots=True)
class PartView:
    """One part as it arrived."""

    id: int
    number: int
    channel: Channel
    received_at: datetime
    language: str | None
    body: str
    passages: tuple[dict[str, Any], ...]
    asides: tuple[AsideView, ...]
    media: tuple[MediumView, ...]
    reason: str
    mails: tuple[int, ...]
    """Arrivals whose source can be looked at."""

    @property
    def pieces(self) -> tuple[TextPiece, ...]:
        """What was written, with what of it is forwarded or perhaps not meant."""
        return text_pieces(self.body, self.passages)


@dataclass(frozen=True, slots=True)
class TextVersionView:
    """One version of the text, with the name of who wrote it."""

    number: int
    origin: TextOrigin
    body: str
    by: str
    at: datetime
    changes: tuple[TextChange, ...] = ()
    """From the version before; empty for the first."""


@dataclass(frozen=True, slots=True)
class SentMessage:
    """What went out to the resident, without its words."""

    purpose: Label
    state: Label
    at: datetime | None


@dataclass(frozen=True, slots=True)
class ContributionSheet:
    """One contribution."""

    id: int
    reference: str
    channel: Channel
    language: str | None
    reading: Reading
    moderation: Moderation
    set_aside_reason: SetAsideReason | None
    revision: int
    received_at: datetime
    consultation: str
    entered_by: str
    parts: tuple[PartView, ...]
    versions: tuple[TextVersionView, ...]
    marked: bool
    """Whether the text in force is exactly what the machines read, so that its words can be shown one by one."""
    themes: tuple[ShownTheme, ...]
    past: HistoryPage
    actions: frozenset[str]
    undoable: HistoryEvent | None
    messages: tuple[SentMessage, ...]
    erased_at: datetime | None
    """When it will be erased, as its author has asked and confirmed; until then that can be taken back."""

    erasure_wished: bool
    """Whether its author wishes it to be erased, in other words than the keyword, and nobody has settled it."""

    @property
    def pictured(self) -> bool:
        """Whether there is a picture to be read beside the text."""
        return any(medium.show == "image" for part in self.parts for medium in part.media)

    @property
    def typed(self) -> bool:
        """Whether it came as text only, so that its text and its original need not stand beside each other."""
        return bool(self.parts) and not any(part.media for part in self.parts)

    @property
    def as_it_came(self) -> bool:
        """Whether the text in force is what was typed, nothing set apart."""
        return self.typed and self.origin is TextOrigin.RESIDENT

    @property
    def current(self) -> TextVersionView | None:
        """The version in force."""
        return self.versions[0] if self.versions else None

    @property
    def origin(self) -> TextOrigin | None:
        """Whose wording is in force."""
        return self.current.origin if self.current else None

    @property
    def text(self) -> str:
        """What the contribution says."""
        return self.current.body if self.current else ""

    @property
    def pieces(self) -> tuple[TextPiece, ...]:
        """The text in force, with what of it is forwarded or perhaps not meant."""
        passages, at = [], 0
        for part in self.parts:
            passages += [one | {"start": one["start"] + at, "end": one["end"] + at} for one in part.passages]
            at += len(part.body)
        return text_pieces(self.text, passages)

    @property
    def doubtful(self) -> int:
        """How many of the machine-read words are doubtful."""
        return sum(medium.doubtful for part in self.parts for medium in part.media)

    @property
    def disputed(self) -> int:
        """In how many places two engines heard different words."""
        return sum(medium.disputed for part in self.parts for medium in part.media)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why a person is needed, each reason once."""
        return tuple(dict.fromkeys(part.reason for part in self.parts if part.reason))


def contribution_sheet(
    session: Session, contribution_id: int, language: str, past_before: int | None = None
) -> ContributionSheet | None:
    """The sheet of a contribution, with its history from a line on; None when there is none, or it was erased."""
    contribution = session.get(Contribution, contribution_id)
    if contribution is None or contribution.erased_at is not None:
        return None
    parts = _parts(session, contribution_id)
    wordings = text_versions.list_versions(session, contribution)
    names = _names(session, {wording.person_id for wording in wordings})
    # As it stands now: its newest themes are the ones to choose from.
    version = consultation_versions.current_version_by_id(session, contribution.consultation_id)
    consultation = consultation_versions.as_consultation(version) if version else None
    subjects = [f"contribution:{contribution_id}", *(f"part:{part.id}" for part in parts)]
    past = history_page_of(session, *subjects, before=past_before)
    undoable = moderation.undoable_decision(session, contribution)
    return ContributionSheet(
        id=contribution.id,
        reference=references.reference_of(session, contribution_id),
        channel=contribution.channel,
        language=contribution.language,
        reading=contribution.reading,
        moderation=contribution.moderation,
        set_aside_reason=contribution.set_aside_reason,
        revision=contribution.revision,
        received_at=contribution_list.received_times(session, [contribution.id]).get(
            contribution.id, (contribution.created_at, 0)
        )[0],
        consultation=title_of(version, language) if version else "",
        entered_by=_entered_by(session, parts),
        parts=tuple(part_view(session, number, part) for number, part in enumerate(parts, 1)),
        versions=_versions(wordings, names),
        marked=bool(wordings) and _is_as_read(session, contribution, wordings[0]),
        themes=shown_themes(contribution.tags, consultation, language, names_behind(session, contribution.tags)),
        past=past,
        actions=frozenset(action for state, action in moderation.TRANSITIONS if state is contribution.moderation),
        undoable=next((event for event in past.events if undoable and event.id == undoable.id), None),
        messages=_messages(session, contribution_id, parts),
        erased_at=erasure_requests.erasure_due(session, contribution_id),
        erasure_wished=erasure_wishes.has_open_wish(session, contribution_id),
    )


def _versions(wordings: list[text_versions.TextWording], names: dict[int | None, str]) -> tuple[TextVersionView, ...]:
    """The versions, newest first, each with what changed from the one before."""
    before = [*wordings[1:], None][: len(wordings)]
    return tuple(
        TextVersionView(
            now.number,
            now.origin,
            now.body,
            names.get(now.person_id, ""),
            now.at,
            word_differences(then.body, now.body) if then is not None else (),
        )
        for now, then in zip(wordings, before, strict=True)
    )


def _messages(session: Session, contribution_id: int, parts: list[Part]) -> tuple[SentMessage, ...]:
    of_intakes = Message.intake_id.in_([part.intake_id for part in parts])
    rows = session.scalars(select(Message).where(messages_about(contribution_id) | of_intakes).order_by(Message.id))
    return tuple(SentMessage(PURPOSES[row.purpose], MESSAGE_STATES[row.state], row.sent_at) for row in rows)


def _is_as_read(session: Session, contribution: Contribution, wording: text_versions.TextWording) -> bool:
    return wording.unconfirmed and text_versions.compose_text(session, contribution).text == wording.body


def _parts(session: Session, contribution_id: int) -> list[Part]:
    return list(
        session.scalars(
            select(Part)
            .join(ContributionPart, ContributionPart.part_id == Part.id)
            .where(ContributionPart.contribution_id == contribution_id, Part.erased_at.is_(None))
            .order_by(Part.id)
        )
    )


def part_view(session: Session, number: int, part: Part) -> PartView:
    """A part for a page, as it arrived."""
    media = [m for m in part.media if m.discarded_at is None and m.kind not in _ONLY_PIECES]
    newest = transcripts.latest_transcripts(session, [medium.id for medium in media])
    beside = _beside(session, part)
    return PartView(
        id=part.id,
        number=number,
        channel=part.channel,
        received_at=part.intake.received_at,
        language=part.language,
        body=vault_of(session).text_left(session, part.key_id, part.sealed_body, place_of(Part.sealed_body, part)),
        passages=tuple(one for one in beside if "start" in one),
        asides=tuple(_aside(one) for one in beside if "start" not in one),
        media=tuple(medium_view(session, part, medium, newest.get(medium.id)) for medium in media),
        reason=part.reading_reason or "" if part.reading is Reading.NEEDS_PERSON else "",
        mails=_mails(session, part),
    )


def _beside(session: Session, part: Part) -> list[dict[str, Any]]:
    """What is known of a part's body beside its words: what was set apart, and the passages of it."""
    found: list[dict[str, Any]] | None = vault_of(session).json_if_kept(
        session, part.key_id, part.sealed_aside, place_of(Part.sealed_aside, part)
    )
    return found or []


def _aside(one: dict[str, Any]) -> AsideView:
    return AsideView(ASIDES.get(one["kind"], one["kind"]), one["text"], EVIDENCES.get(one.get("evidence", ""), ""))


def _mails(session: Session, part: Part) -> tuple[int, ...]:
    return tuple(
        session.scalars(select(Arrival.id).where(Arrival.intake_id == part.intake_id, Arrival.kind == ArrivalKind.MAIL))
    )


def _names(session: Session, person_ids: set[int | None]) -> dict[int | None, str]:
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(person_ids - {None})))
    return {row.id: row.name for row in rows}


def _entered_by(session: Session, parts: list[Part]) -> str:
    intakes = select(Intake.entered_by_id).where(Intake.id.in_([part.intake_id for part in parts]))
    return session.scalar(select(Person.name).where(Person.id.in_(intakes)).limit(1)) or ""
