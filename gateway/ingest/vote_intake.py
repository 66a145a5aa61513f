"""Voices for projects, from whichever way they came: into the sealed box, and nothing of them anywhere else.

What a voice came with is not kept, nor its copy at the telephone provider; the part that counts it in the ledger says
that a voice came. Words beside it are a contribution of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from channels.base.values import Address, IncomingText
from channels.intent.votes import VoteSaid, vote_in
from channels.sms import text_message
from config.enums import AddressKind, Channel, NotContribution, Purpose, StepKind, VoteBy
from config.settings.loader import Settings
from config.wording.consultation import Consultation
from gateway.intake.contribute import NewPart, create_contributions
from gateway.receipts import compose_receipt
from inbox.consultations import consultation_versions
from inbox.erasure.erase import erase_original
from inbox.jobs import steps
from inbox.models import Intake
from inbox.models.column_types import utc_now
from inbox.records import person_lookup
from inbox.storage.unit_of_work import Session
from inbox.votes import ballot_box, supported_contributions
from inbox.votes.rule import CastVoice

_ENGLISH = re.compile(r"\W*(?:yes|i\b|support|project|remove|withdraw|no [0-9])", re.IGNORECASE)

PART_KEY = "vote"
WORDS_KEY = "text"
"""The part that holds the words beside a voice, as that of any text."""


@dataclass(frozen=True, slots=True)
class VoteOutcome:
    """What came of a voice: the end of the key of the text that says so, and whether it lies in the box."""

    told: str
    counts: bool = False


def vote_in_message(consultation: Consultation, body: str) -> VoteSaid | None:
    """The voice a message holds, where the consultation has projects."""
    said = vote_in(body) if consultation.projects else None
    if said is None or any(consultation.project(number) for number in said.numbers):
        return said
    # Of no project of ours, and with words: it may be about something else.
    return None if said.words else said


def vote_in_text(intake: Intake, text: IncomingText) -> VoteSaid | None:
    """The voice a text message holds, if it is one: no keyword, no picture."""
    version = intake.consultation_version
    if version is None or text.command is not None or text.media or text.besides is not None:
        return None
    return vote_in_message(consultation_versions.as_consultation(version), text.body)


def ingest_text_vote(session: Session, settings: Settings, intake: Intake, text: IncomingText, said: VoteSaid) -> None:
    """Keep the voice of a text and the words beside it, forget what was typed, and say that it has come."""
    asked = voting_consultation(intake)
    voter = identify_voter(session, intake, asked, said, text.sender)
    once = f"text:{intake.account}:{intake.external_id}"
    given = store_vote(session, settings, intake, said, voter, at=intake.received_at, once=once)
    if given.told == "unknown":  # it names no project of ours: kept and shown as it is
        kept = NewPart(WORDS_KEY, Channel.SMS, body=text.body, not_contribution=NotContribution.KEYWORD)
        create_contributions(session, intake.id, [kept])
    else:
        erase_original(session, intake)
        steps.add_step(session, StepKind.DELETE_AT_PROVIDER, intake=intake.id, again=True)
        _keep(session, settings, intake, text, said)
    if text.sender is not None:
        language = voter_language(session, intake, text, asked)
        facts = {
            "most": asked.vote.most,
            "write_to": compose_receipt.reply_number(settings, asked, intake.addressed_to),
        }
        receipt = text_message.compose_text_message(f"sms_vote_{given.told}", text.sender, language, asked, **facts)
        compose_receipt.queue_message(session, receipt, Purpose.STATE, intake)


def _keep(session: Session, settings: Settings, intake: Intake, text: IncomingText, said: VoteSaid) -> None:
    parts = [voice_part(Channel.SMS)]
    if said.words:
        parts.append(NewPart(WORDS_KEY, Channel.SMS, body=said.words))
    contribution_id = create_contributions(session, intake.id, parts)[-1]
    if contribution_id is not None:
        compose_receipt.queue_text_receipt(session, settings, contribution_id, text.sender)


def voice_part(channel: Channel, key: str = PART_KEY) -> NewPart:
    """The part by which the ledger counts a voice."""
    return NewPart(key, channel, not_contribution=NotContribution.VOTE)


def ingest_keyed_vote(
    session: Session, settings: Settings, intake: Intake, said: VoteSaid, caller: Address | None, nth: int
) -> str:
    """Keep a voice that was keyed in a call, its ``nth``: the end of the key of the text ``voice_vote_…``."""
    voter = identify_voter(session, intake, voting_consultation(intake), said, caller)
    once = f"call:{intake.account}:{intake.external_id}:{nth}"
    given = store_vote(session, settings, intake, said, voter, at=utc_now(), once=once)
    if given.counts:
        create_contributions(session, intake.id, [voice_part(Channel.VOICEMAIL, f"{PART_KEY}-{nth}")])
    return given.told if given.told in ("counted", "unknown") else "refused"


def store_vote(
    session: Session,
    settings: Settings,
    intake: Intake,
    said: VoteSaid,
    voter: str | VoteOutcome,
    *,
    at: datetime,
    once: str,
) -> VoteOutcome:
    """Put a voice into the box of its consultation, or say why it cannot count. Safe to repeat."""
    asked = voting_consultation(intake)
    named = [asked.project(number) for number in said.numbers]
    if not all(one is not None and supported_contributions.takes_voices(session, one) for one in named):
        return VoteOutcome("unknown")
    if len(said.numbers) > asked.vote.most:
        return VoteOutcome("too_many")
    phase = asked.state_on(at.astimezone(settings.zone).date())
    if phase != "open":
        return VoteOutcome("closed" if phase == "closed" else "not_open_yet")
    if isinstance(voter, VoteOutcome):
        return voter
    assert intake.consultation_version is not None
    voice = CastVoice(voter, said.numbers, said.takes_back)
    ballot_box.cast_vote(session, intake.consultation_version.consultation_id, voice, at, once)
    return VoteOutcome("taken_back" if said.takes_back else "counted", counts=True)


def identify_voter(
    session: Session, intake: Intake, asked: Consultation, said: VoteSaid, sender: Address | None
) -> str | VoteOutcome:
    """Whose voice it is by the consultation's rule; else what its sender has to be told."""
    assert intake.consultation_version is not None
    number = intake.consultation_version.consultation_id
    if asked.vote.by is VoteBy.CENTRE:
        return VoteOutcome("at_centre")
    if asked.vote.by is VoteBy.CARD:
        if not said.card:
            return VoteOutcome("needs_card")
        known = ballot_box.is_card(session, number, said.card)
        return ballot_box.voter_by_card(session, number, said.card) if known else VoteOutcome("card_unknown")
    if sender is None:
        return VoteOutcome("no_number")
    return ballot_box.voter_by_address(session, number, AddressKind(sender.kind), sender.value)


def voter_language(session: Session, intake: Intake, text: IncomingText, asked: Consultation) -> str:
    """The language of « YES 12 », else what its sender last wrote in, else the consultation's."""
    said = "en" if _ENGLISH.match(text.body) else None
    if said is None and intake.contributor_id is not None:
        said = person_lookup.last_language(session, intake.contributor_id)
    return said if said in asked.languages else asked.language


def voting_consultation(intake: Intake) -> Consultation:
    """The consultation a voice was given to."""
    assert intake.consultation_version is not None, "a voice belongs to a consultation with projects"
    return consultation_versions.as_consultation(intake.consultation_version)
