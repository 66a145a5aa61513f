"""« Ce n'est pas ça »: what we understood, told to its author only; that this is not it, noted for a person."""

from __future__ import annotations

from datetime import timedelta

from channels.base.values import Command, CommandKind, IncomingText
from channels.intent.said_otherwise import says_otherwise
from channels.voice import Understood
from config.enums import Channel
from gateway.receipts.text_erasure import Answer
from inbox.contributions import text_versions
from inbox.desk import contests
from inbox.erasure import erasure_requests
from inbox.models import Contribution, ContributionLink, Intake
from inbox.records import answer_messages, history, person_lookup, references
from inbox.storage.unit_of_work import Session
from inbox.storage.upsert import insert_if_new

_SPOKEN, _TEXTED = 900, 300
"""Characters of what we understood that are said (about a minute), or texted (three segments)."""
_ANSWERED_WITHIN = timedelta(days=60)
"""An answer of longer ago is not what a text contests that names none."""


def understood(session: Session, intake: Intake, reference: str, language: str) -> Understood:
    """What a caller hears of what we understood."""
    contribution = _living(session, reference)
    if contribution is None or not erasure_requests.is_sole_author(session, contribution.id, intake.contributor_id):
        return Understood("elsewhere")
    wording = text_versions.current_text(session, contribution)
    if wording is None:
        return Understood("nothing")
    return Understood("yours", _shortened(wording.body, _SPOKEN), contribution.language or language)


def contest(session: Session, reference: str, way: Channel) -> None:
    """Note that a message was misunderstood; whoever holds its number may say so."""
    contribution = _living(session, reference)
    if contribution is not None:
        contests.lodge(session, contribution.id, way)


def is_about_something(session: Session, contributor_id: int | None, command: Command) -> bool:
    """Whether « pas ça » without a number can mean something: it follows an answer, or a message of theirs."""
    return command.reference is not None or _meant(session, contributor_id) is not None


def about_reference(session: Session, intake: Intake, command: Command) -> Answer:
    """COMPRIS or AUTRE: the key of the text that answers, and its facts."""
    number = references.parse_reference(command.reference or "")
    known = references.contribution_of(session, number) if number else None
    if command.reference is None:
        known = _meant(session, intake.contributor_id)
        number = references.reference_of(session, known) if known is not None else None
    contribution = _living(session, number) if number is not None and known is not None else None
    if number is None or contribution is None:
        return "sms_state_unknown", {}
    if command.kind is CommandKind.CONTEST:
        contests.lodge(session, contribution.id, Channel.SMS)
        return "sms_contested", {"reference": number}
    if not erasure_requests.is_sole_author(session, contribution.id, intake.contributor_id):
        return "sms_understood_elsewhere", {"reference": number}
    wording = text_versions.current_text(session, contribution)
    if wording is None:
        return "sms_understood_nothing", {"reference": number}
    return "sms_understood", {"reference": number, "said": _shortened(wording.body, _TEXTED)}


def note_text(session: Session, intake: Intake, text: IncomingText, contribution_id: int) -> None:
    """« AUTRE je parlais du samedi » contests the answer its author got last, and stands beside what was answered."""
    if not says_otherwise(text.body):
        return
    about = answer_messages.last_answered(session, intake.contributor_id, intake.received_at - _ANSWERED_WITHIN)
    if about is None or about == contribution_id:
        return
    if insert_if_new(session, ContributionLink, from_id=contribution_id, to_id=about, kind=answer_messages.REPLY):
        history.record_event(session, f"contribution:{contribution_id}", "replies", details={"to": about})
    contests.lodge(session, about, Channel.SMS)


def _meant(session: Session, contributor_id: int | None) -> int | None:
    """What somebody means who names no number: what they were answered last, else what they said last."""
    if contributor_id is None:
        return None
    return answer_messages.last_answered(session, contributor_id, None) or person_lookup.last_contribution(
        session, contributor_id
    )


def _living(session: Session, reference: str) -> Contribution | None:
    known = references.contribution_of(session, reference)
    found = session.get(Contribution, known) if known is not None else None
    return found if found is not None and found.erased_at is None else None


def _shortened(body: str, most: int) -> str:
    said = " ".join(body.split())
    return said if len(said) <= most else said[:most].rsplit(" ", 1)[0] + " …"
