"""What everybody may read of a consultation: the published words, the numbers, the answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from config.answer_states import AnswerKind, AnswerState, Outcome, VoiceUse
from config.enums import Bucket, Channel, Moderation, Role, SetAsideReason
from config.wording.consultation import Consultation as ConsultationFile
from inbox.answers import answer_preview, service_requests
from inbox.consultations import consultation_versions
from inbox.listings import contribution_list
from inbox.listings.filters import ContributionFilter, walk_along
from inbox.listings.visibility import visibility_of
from inbox.models import (
    Answer,
    ConsultationVersion,
    Contribution,
    GivenAnswer,
)
from inbox.records import references, tallies
from inbox.storage.keyset import cut_page
from inbox.wishes import lent_voices

EVERYBODY = visibility_of([Role.OFFICIAL])
"""Everybody sees of a contribution what an official sees: what a moderator has published."""
PAGE_ROWS = 20
LONGEST_SHOWN = 1_200
"""Characters of a text in the list; the rest is read on a page of its own."""
MOST_ANSWERS = 20


@dataclass(frozen=True, slots=True)
class PublishedVoice:
    """One published contribution, without anything that says whose it is: not even its reference."""

    id: int
    channel: Channel
    language: str | None
    text: str
    cut: bool
    themes: Sequence[str]
    at: datetime
    outcome: Outcome | None
    answers: Sequence[Mapping[str, str]]
    """The general answers to it, by language."""
    own_voice: VoiceUse | None = None
    """How it can be heard in its author's own voice: as it is, or altered; None where it cannot."""


@dataclass(frozen=True, slots=True)
class VoicePage:
    """A page of them."""

    voices: Sequence[PublishedVoice]
    older: int | None
    newer: int | None
    count: int
    at_least: bool


@dataclass(frozen=True, slots=True)
class PublishedAnswer:
    """A general answer of the town."""

    words: Mapping[str, str]
    outcome: Outcome | None
    theme: str | None
    at: datetime
    people: int


@dataclass(frozen=True, slots=True)
class PublishedNumbers:
    """What a consultation counts."""

    by_channel: Mapping[Channel, int]
    buckets: Mapping[Bucket, int]
    reasons: Mapping[SetAsideReason, int]
    outcomes: Mapping[Outcome, int]
    published: int

    @property
    def arrived(self) -> int:
        """All that arrived: the sum of the ledger's buckets."""
        return sum(self.buckets.values())


def find_public_consultation(session: Session, slug: str) -> tuple[int, ConsultationFile] | None:
    """The id and the current version of a consultation that is public; None where none of this slug is."""
    version = None if "\0" in slug else consultation_versions.current_version(session, slug)
    if version is None:
        return None
    consultation = consultation_versions.as_consultation(version)
    return (version.consultation_id, consultation) if consultation.public else None


def list_public_consultations(session: Session) -> list[tuple[ConsultationVersion, ConsultationFile]]:
    """Every public consultation, those that close last first."""
    found = [
        (one, consultation_versions.as_consultation(one))
        for one in consultation_versions.current_versions_by_slug(session)
    ]
    return sorted((one for one in found if one[1].public), key=lambda one: one[1].closes, reverse=True)


def list_published_voices(
    session: Session,
    slug: str,
    *,
    words: str = "",
    theme: str = "",
    channel: Channel | None = None,
    quarter: str = "",
    before: int | None = None,
    after: int | None = None,
    limit: int = PAGE_ROWS,
) -> VoicePage:
    """A page of what is published, the newest first. A reference finds nothing: it opens a state, never words."""
    if references.parse_reference(words) is not None:
        return VoicePage((), None, None, 0, False)
    wanted = ContributionFilter(
        moderation=Moderation.PUBLISHED,
        consultation=slug,
        text=words or None,
        theme=theme or None,
        channel=channel,
        quarter=quarter or None,
    )
    walk = walk_along(session, wanted, EVERYBODY)
    page = cut_page(
        lambda place, most: walk.older(session, place, most),
        lambda place, most: walk.newer(session, place, most),
        before,
        after,
        limit,
    )
    count, at_least = walk.count(session)
    shown = page.rows
    return VoicePage(
        _voices(session, shown),
        shown[-1].id if shown and page.is_more_behind else None,
        shown[0].id if shown and page.is_more_before else None,
        count,
        at_least,
    )


def find_published_voice(session: Session, slug: str, contribution_id: int) -> PublishedVoice | None:
    """One of them, whole; None where it is not published."""
    found = session.get(Contribution, contribution_id)
    if found is None or found.moderation is not Moderation.PUBLISHED or not found.listed:
        return None
    if found.consultation is None or found.consultation.slug != slug:
        return None
    return next(iter(_voices(session, [found], whole=True)), None)


def _voices(session: Session, found: Sequence[Contribution], *, whole: bool = False) -> list[PublishedVoice]:
    ids = [one.id for one in found]
    said = contribution_list.current_texts_of(session, found, EVERYBODY)
    themes = contribution_list.visible_tags_of(session, found, EVERYBODY)
    received = contribution_list.received_times(session, ids)
    outcomes = service_requests.contribution_outcomes(session, ids)
    answers = _answers_of(session, ids)
    heard = lent_voices.playable_voices(session, ids, online=True)
    return [
        PublishedVoice(
            one.id,
            one.channel,
            one.language,
            said[one.id].body if whole else said[one.id].body[:LONGEST_SHOWN],
            not whole and len(said[one.id].body) > LONGEST_SHOWN,
            [tag.name for tag in themes[one.id]],
            received.get(one.id, (one.created_at, 0))[0],
            outcomes.get(one.id),
            answers.get(one.id, ()),
            heard.get(one.id),
        )
        for one in found
        if one.id in said
    ]


def _answers_of(session: Session, ids: Sequence[int]) -> Mapping[int, list[Mapping[str, str]]]:
    rows = session.execute(
        select(GivenAnswer.contribution_id, Answer)
        .join(Answer, Answer.id == GivenAnswer.answer_id)
        .where(GivenAnswer.contribution_id.in_(ids), *_told_to_all())
        .order_by(Answer.id.desc())
    )
    found: dict[int, list[Mapping[str, str]]] = {}
    for contribution_id, answer in rows:
        found.setdefault(contribution_id, []).append(answer_preview.answer_texts(session, answer).words)
    return found


def _told_to_all() -> tuple[ColumnElement[bool], ...]:
    is_answer = Answer.kind == AnswerKind.ANSWER
    return (is_answer, Answer.is_general.is_(True), Answer.tells.is_(True), Answer.state == AnswerState.GIVEN)


def list_published_answers(
    session: Session, consultation_id: int, theme_of: Mapping[str, str]
) -> list[PublishedAnswer]:
    """The general answers that have been given, the newest first."""
    found = session.scalars(
        select(Answer)
        .where(Answer.consultation_id == consultation_id, *_told_to_all())
        .order_by(Answer.id.desc())
        .limit(MOST_ANSWERS)
    ).all()
    people = dict(
        session.execute(
            select(GivenAnswer.answer_id, func.count())
            .where(GivenAnswer.answer_id.in_([one.id for one in found]))
            .group_by(GivenAnswer.answer_id)
        )
        .tuples()
        .all()
    )
    return [
        PublishedAnswer(
            answer_preview.answer_texts(session, one).words,
            one.outcome,
            theme_of.get(answer_preview.theme_of(session, one) or ""),
            one.ended_at or one.created_at,
            people.get(one.id, 0),
        )
        for one in found
    ]


def read_published_numbers(session: Session, consultation_id: int) -> PublishedNumbers:
    """What is counted, as it is kept: a page needs no look at every row."""
    kept = [one for one in tallies.contribution_tallies(session) if one.consultation_id == consultation_id]
    channels: Counter[Channel] = Counter()
    for one in kept:
        channels[one.channel] += one.count
    return PublishedNumbers(
        {channel: channels[channel] for channel in Channel if channels[channel]},
        {bucket: n for bucket, n in tallies.bucket_counts(tallies.unit_tallies(session, consultation_id)).items() if n},
        _reasons(session, consultation_id),
        service_requests.outcome_counts(session, consultation_id),
        sum(one.count for one in kept if one.moderation is Moderation.PUBLISHED),
    )


def _reasons(session: Session, consultation_id: int) -> Mapping[SetAsideReason, int]:
    rows = session.execute(
        select(Contribution.set_aside_reason, func.count())
        .where(
            Contribution.consultation_id == consultation_id,
            Contribution.moderation == Moderation.SET_ASIDE,
            Contribution.listed,
        )
        .group_by(Contribution.set_aside_reason)
        .order_by(func.count().desc())
    )
    return {reason: count for reason, count in rows if reason is not None}
