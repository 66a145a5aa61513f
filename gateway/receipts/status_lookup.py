"""What a reference opens: a state in plain words, and nothing else; never who or what."""

from __future__ import annotations

from datetime import datetime, timedelta

from channels.voice import SpokenState
from config.enums import NotContribution
from config.settings.loader import Settings
from config.wording.consultation import Consultation
from gateway.receipts import sound_links
from inbox.answers import answer_recordings, reference_state
from inbox.answers.reference_state import ReferenceState
from inbox.consultations import printed_forms
from inbox.erasure import erasure_requests
from inbox.models import Intake, LookUp
from inbox.models.column_types import utc_now
from inbox.records import answer_codes, history, intake_lookup, person_lookup, references, web_look_ups
from inbox.records.answer_codes import CodeTried
from inbox.records.rejections import count_refusal
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import Session
from inbox.storage.upsert import insert_if_new

KEYED = "reference_keyed"
MISSED_IN_CALLS = "missed_in_calls"
"""What counts the numbers keyed in calls that led nowhere, whoever called."""


def look_up_status(
    session: Session,
    settings: Settings,
    digits: str,
    language: str,
    consultation: Consultation | None,
    asker: int | None = None,
) -> SpokenState:
    """What ``digits`` tell, or that there is no such reference; ``asker`` is who asks, if that is known."""
    known = reference_state.state_by_reference(session, settings, digits, language, consultation, asker)
    return SpokenState(known.name, known.consultation, known.facts)


def keyed_status(
    session: Session, settings: Settings, intake: Intake, digits: str, language: str, consultation: Consultation | None
) -> SpokenState:
    """The state a caller asks for by keys, unless this call or this caller has asked too often.

    Keys that are no reference tell nothing, and are not counted. The same keys again count once, so
    that a request repeated by the provider is answered like the first.
    """
    number = references.parse_reference(digits)
    if number is None:
        return _dictation(session, intake, digits, consultation)
    tag = vault_of(session).keyring.keyed_hash(KEYED, f"{intake.id} {number}".encode())[:16]
    is_new = insert_if_new(session, LookUp, intake_id=intake.id, tag=tag, at=utc_now())
    if is_new:
        history.record_event(session, f"intake:{intake.id}", KEYED, details={"tag": tag})
    tags = intake_lookup.keyed_reference_hashes(session, intake.id)
    if tags.index(tag) >= settings.voicemail.lookups_per_call or asks_too_often(
        session, settings, intake.contributor_id
    ):
        count_refusal(session, "voice", "too_many_lookups")
        return SpokenState("later", consultation)
    known = _known_to_caller(session, settings, intake, number, language, consultation)
    if (
        known.name == "unknown"
        and _listens(settings, consultation)
        and printed_forms.claim_copy(session, number, intake)
    ):
        return SpokenState("card", consultation, {"reference": number})
    if _guesses_are_many(session, settings, intake, known, is_new=is_new):
        count_refusal(session, "voice", "too_many_missed")
        return SpokenState("later", consultation)
    reference_state.record_answer_heard(session, known)
    return spoken_state(session, settings, known)


def _guesses_are_many(
    session: Session, settings: Settings, intake: Intake, known: ReferenceState, *, is_new: bool
) -> bool:
    """Whether so many numbers that lead nowhere were keyed within the hour, by all callers together, that who asks is
    asked to call again: numbers can be withheld, and forged. Whoever asks for what is their own is told all the same.
    """
    now, missed = utc_now(), known.name in (reference_state.UNKNOWN, reference_state.ERASED)
    counted = web_look_ups.look_ups_counted(session, MISSED_IN_CALLS, now)
    if missed and is_new:
        web_look_ups.count_look_up(session, MISSED_IN_CALLS, now)
    number = str(known.facts.get("reference", ""))
    contribution_id = references.contribution_of(session, number) if number and not missed else None
    is_theirs = contribution_id is not None and erasure_requests.is_sole_author(
        session, contribution_id, intake.contributor_id
    )
    return counted >= settings.voicemail.missed_lookups_per_hour and not is_theirs


def state_by_code(
    session: Session,
    settings: Settings,
    intake: Intake,
    reference: str,
    digits: str,
    language: str,
    consultation: Consultation | None,
) -> SpokenState:
    """The individual answer to a reference, for whoever keys the code that came with it; or that it is another."""
    given = reference_state.individual_answer(session, reference)
    if given is not None:
        tried = answer_codes.try_code(session, given, intake.id, digits)
        if tried is not CodeTried.RIGHT:
            count_refusal(session, "voice", f"code_{tried.value}")
            return SpokenState(f"code_{tried.value}", consultation, {"reference": reference})
    known = _known_to_caller(session, settings, intake, reference, language, consultation)
    reference_state.record_answer_heard(session, known)
    return spoken_state(session, settings, known)


def _known_to_caller(
    session: Session, settings: Settings, intake: Intake, number: str, language: str, consultation: Consultation | None
) -> ReferenceState:
    return reference_state.state_by_reference(
        session, settings, number, language, consultation, intake.contributor_id, proven_in=intake.id
    )


def spoken_state(session: Session, settings: Settings, known: ReferenceState) -> SpokenState:
    """What a reference opens, as it is told in a call."""
    spoken = sound_links.sound_url(session, settings, sound_links.ANSWER, known.recording_id)
    return SpokenState(known.name, known.consultation, known.facts, spoken)


def _dictation(session: Session, intake: Intake, digits: str, consultation: Consultation | None) -> SpokenState:
    """Keys that are no reference may be the code by which an official speaks an answer."""
    if answer_recordings.claim_code(session, digits, intake.id) is None:
        return SpokenState("unknown", consultation)
    intake.not_contribution = intake.not_contribution or NotContribution.NO_MESSAGE
    return SpokenState("dictation", consultation, {"code": digits})


def _listens(settings: Settings, consultation: Consultation | None) -> bool:
    """Whether a call can be spoken in today."""
    today = utc_now().astimezone(settings.zone).date()
    return consultation is None or consultation.opens <= today <= consultation.closes


def asks_too_often(
    session: Session, settings: Settings, contributor_id: int | None, asked_at: datetime | None = None
) -> bool:
    """Whether a number has sent more keywords and keyed more references within the hour than are answered.

    Counted by when they came in. What is found late (``asked_at``) may be found in any order: then the hour after
    it counts like the one before.
    """
    if contributor_id is None:
        return False  # a withheld number: nobody is answered by text, and in a call the call's own limit holds
    moment = asked_at or utc_now()
    hour = timedelta(hours=1)
    asked = person_lookup.keywords_and_look_ups(session, contributor_id, moment - hour, moment + hour)
    return asked > settings.texting.lookups_per_hour
