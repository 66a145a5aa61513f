"""Before an answer leaves: who gets it, by which way, at what price and when, and who cannot be reached and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from config.answer_states import AnswerKind, Unreachable, Way
from config.settings.loader import Settings
from config.settings.sections.texting_section import is_sending_time, next_opening
from inbox.answers import answer_wording, drafting
from inbox.answers.answer_wording import AnswerToTell, Named
from inbox.answers.reach import ResidentReach, find_reaches
from inbox.answers.selection import author_visibility, selected_contributions
from inbox.consultations import consultation_versions
from inbox.models import Answer, Contribution
from inbox.models.column_types import utc_now
from inbox.records import answer_codes
from inbox.storage.envelope_encryption import vault_of


@dataclass(frozen=True, slots=True)
class AnswerPreview:
    """What would happen if the answer left now."""

    contributions: int
    people: int
    """Who is told: somebody who contributed twice is told once."""
    ways: Mapping[Way, int]
    unreachable: Mapping[Unreachable, int]
    unreached: Sequence[ResidentReach]
    segments: int
    call_minutes: int
    """Of all calls back together, each begun minute counted."""
    price: float
    """In euros; 0 where the settings say no price."""
    longest: str
    """The costliest text message, as it will be read."""
    longest_segments: int
    costly: str
    """Letters that make text messages cost more than they must."""
    texts_from: datetime | None
    """When the first text goes out."""
    texts_minutes: int
    """How long it takes until all texts are out, within the sending hours."""


def preview_answer(session: Session, settings: Settings, answer: Answer, write_to: Named) -> AnswerPreview:
    """For a draft; what is told later, when it really leaves, follows from the same functions."""
    chosen = drafting.chosen_recipients(session, answer)
    found = selected_contributions(session, chosen, author_visibility(session, answer), answer.id)
    found = [one for one in found if one.consultation_id == answer.consultation_id]
    return _previewed(session, settings, answer, found, write_to)


def answer_texts(session: Session, answer: Answer) -> AnswerToTell:
    """What an answer says."""
    consultation = consultation_versions.current_consultation(session, answer.consultation_id)
    words = drafting.current_wording(session, answer).words
    is_individual = answer.kind is AnswerKind.ANSWER and not answer.is_general
    code_of = partial(answer_codes.answer_code, vault_of(session).keyring, answer.id) if is_individual else None
    return AnswerToTell(words, answer.outcome, consultation, answer.kind, code_of)


def theme_of(session: Session, answer: Answer) -> str | None:
    """The theme whose contributions an answer is for, if it was chosen by one."""
    return drafting.chosen_recipients(session, answer).theme


def _previewed(
    session: Session, settings: Settings, answer: Answer, found: Sequence[Contribution], write_to: Named
) -> AnswerPreview:
    said = answer_texts(session, answer)
    told = reaches_of(session, settings, answer, found) if answer.tells else []
    once = each_person_once(told)
    ways = Counter(one.way for one in once if one.way is not None)
    unreached = [one for one in once if one.way is None]
    longest, most, total, costly = "", 0, 0, ""
    for one in once:
        if one.way is Way.TEXT:
            body, cost = answer_wording.answer_as_text_message(settings, said, one, write_to)
            total += cost.count
            if cost.count > most or not longest:
                longest, most, costly = body, cost.count, cost.costly
    minutes = sum(answer_wording.call_minutes(said, one, settings) for one in once if one.way is Way.CALL)
    begins = first_sending_time(settings, utc_now() + timedelta(minutes=settings.texting.answer_wait_minutes))
    return AnswerPreview(
        contributions=len(found),
        people=len(once) - len(unreached),
        ways=dict(ways),
        unreachable=dict(Counter(one.why for one in unreached if one.why is not None)),
        unreached=unreached,
        segments=total,
        call_minutes=minutes,
        price=total * settings.texting.segment_price + minutes * settings.voicemail.call_price,
        longest=longest,
        longest_segments=most,
        costly=costly,
        texts_from=begins if ways.get(Way.TEXT) or ways.get(Way.CALL) else None,
        texts_minutes=ways.get(Way.TEXT, 0) // settings.texting.per_minute,
    )


def reaches_of(
    session: Session, settings: Settings, answer: Answer, found: Sequence[Contribution]
) -> list[ResidentReach]:
    """How each is reached by an answer; nobody is called back to be told that a consultation has closed."""
    reaches = find_reaches(session, settings, found, general=answer.is_general)
    if answer.kind is AnswerKind.ANSWER:
        return reaches
    return [replace(one, way=Way.PHONE) if one.way is Way.CALL else one for one in reaches]


def each_person_once(told: Sequence[ResidentReach]) -> list[ResidentReach]:
    """Each person once, about the first of their contributions."""
    seen: set[int] = set()
    kept = []
    for one in told:
        if one.contributor_id is not None and one.contributor_id in seen:
            continue
        if one.contributor_id is not None:
            seen.add(one.contributor_id)
        kept.append(one)
    return kept


def first_sending_time(settings: Settings, earliest: datetime) -> datetime:
    """When texts go out that may leave at ``earliest``: then, or when the sending hours begin again."""
    here = earliest.astimezone(settings.zone)
    if is_sending_time(here, settings.texting):
        return here
    return next_opening(here, settings.texting) or here
