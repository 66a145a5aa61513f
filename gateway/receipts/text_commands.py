"""What a text message that is only a keyword asks for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from channels.base.tapback import Reaction
from channels.base.values import Address, Command, CommandKind, IncomingText
from channels.intent.keyword_commands import consent_in, language_of
from channels.intent.reactions import repeats
from channels.sms import text_message
from config.enums import Purpose
from config.settings.loader import Settings
from config.wording.consultation import Consultation
from gateway.receipts import compose_receipt, contesting, status_lookup, text_erasure
from inbox.consultations import consultation_versions, contributors
from inbox.erasure import erasure_requests
from inbox.models import Intake
from inbox.models.column_types import utc_now
from inbox.records import message_lookup, person_lookup, references
from inbox.records.rejections import count_refusal
from inbox.storage.unit_of_work import Session

_ALWAYS_ANSWERED = (CommandKind.STOP, CommandKind.START, CommandKind.YES, CommandKind.NO)
_STANDING = (CommandKind.STOP, CommandKind.START)
_ANSWERED_SOON = (*_STANDING, CommandKind.HELP, CommandKind.STATE)
_ABOUT_REFERENCE = (CommandKind.ERASE, CommandKind.KEEP)
_ABOUT_WORDS = (CommandKind.UNDERSTOOD, CommandKind.CONTEST)

CLOCKS_APART = timedelta(minutes=5)
"""How far the clock of a provider, or of a telephone, may be from ours."""

_TEXTS_REMEMBERED = 20
"""Of our texts to a person, those that a telephone may still show to react to."""

LATE = timedelta(days=1)
"""After this time nobody waits any more for the answer to a keyword, unless it is about erasing."""


def recognise_command(
    session: Session, settings: Settings, intake_id: int, text: IncomingText, came_at: datetime | None = None
) -> IncomingText:
    """The text with the command it is: yes and no only while we have asked, thanks only after a receipt.

    A telephone's reaction is one by its plain form, or because it repeats what we sent. Anything else that a
    resident writes is what that person has to say. ``came_at`` is when it really came in, where it is taken in later.
    """
    contributor_id = session.get_one(Intake, intake_id).contributor_id
    consent = consent_in(text.body) if not text.media else None
    if consent is not None and _asked_about(session, settings, contributor_id, came_at) is not None:
        # The provider may take a YES for a wish to get texts again; it answers a question of ours.
        return replace(text, command=consent, answered=False)
    if text.reaction is not None and not (
        text.reaction.is_plain or _repeats_us(session, contributor_id, text.reaction)
    ):
        text = replace(text, reaction=None)
    said = text.command
    if said is not None and said.kind is CommandKind.CONTEST:
        return text if contesting.is_about_something(session, contributor_id, said) else replace(text, command=None)
    thanked = text.command is not None and text.command.kind is CommandKind.THANKS
    return replace(text, command=None) if thanked and not _has_spoken(session, contributor_id) else text


def _asked_about(
    session: Session, settings: Settings, contributor_id: int | None, came_at: datetime | None
) -> int | None:
    """What we had asked about when the text came in."""
    until = came_at + CLOCKS_APART if came_at else utc_now()
    return erasure_requests.pending_question(
        session, contributor_id, until - timedelta(minutes=settings.texting.confirm_minutes), until
    )


def _repeats_us(session: Session, contributor_id: int | None, reaction: Reaction) -> bool:
    """Whether a reaction repeats one of the latest texts we sent to this person."""
    if contributor_id is None:
        return False
    sent = person_lookup.latest_texts(session, contributor_id, _TEXTS_REMEMBERED)
    for message in sent:
        body = message_lookup.words_of(session, message)
        if body is None:
            continue
        said = [body["body"], *(words for _language, words in body.get("in_languages", ()))]
        if any(repeats(reaction, one) for one in said):
            return True
    return False


def _has_spoken(session: Session, contributor_id: int | None) -> bool:
    """Whether somebody has contributed before."""
    return contributor_id is not None and person_lookup.has_spoken(session, contributor_id)


def execute_command(
    session: Session, settings: Settings, intake_id: int, text: IncomingText, came_at: datetime | None = None
) -> None:
    """Do what the keyword asks, and answer it, unless the provider has; thanks need no answer.

    A wish to get no more texts, or to get them again, is obeyed however late it is found (``came_at``),
    unless the same person has said something else since. After a day nobody is texted about it any more,
    nor told a state or how things are done; what is about erasing is still done, so it is also answered.
    """
    command, sender = text.command, text.sender
    if command is None or command.kind is CommandKind.THANKS:
        return
    intake = session.get_one(Intake, intake_id)
    if not _stands(session, settings, command, sender, came_at):
        return
    if came_at is not None and command.kind in _ANSWERED_SOON and came_at < utc_now() - LATE:
        return
    asker = intake.contributor_id
    if command.kind not in _ALWAYS_ANSWERED and status_lookup.asks_too_often(session, settings, asker, came_at):
        # Neither answered nor looked up: whoever guesses references learns nothing more in this hour.
        count_refusal(session, "sms", "too_many_keywords")
        return
    key, facts = _do(session, settings, intake, command, came_at)
    if sender is None or text.answered:
        return
    consultation = _consultation_of(intake)
    language = _language_of(session, settings, text, intake, consultation)
    if key == "":
        number = command.reference or ""
        state = status_lookup.look_up_status(session, settings, number, language, consultation, intake.contributor_id)
        key, consultation, facts = f"sms_state_{state.name}", state.consultation, dict(state.facts)
    else:
        facts["write_to"] = compose_receipt.reply_number(settings, consultation, intake.addressed_to)
    compose_receipt.queue_message(
        session, text_message.compose_text_message(key, sender, language, consultation, **facts), Purpose.STATE, intake
    )


def _stands(
    session: Session, settings: Settings, command: Command, sender: Address | None, came_at: datetime | None
) -> bool:
    """Obey a wish to get no more texts, or to get them again; False when its sender has said something else since."""
    if sender is None or command.kind not in _STANDING:
        return True
    note = contributors.opt_out if command.kind is CommandKind.STOP else contributors.opt_in
    return note(session, sender.kind, sender.value, settings.town, came_at)


def _do(
    session: Session, settings: Settings, intake: Intake, command: Command, came_at: datetime | None
) -> tuple[str, dict[str, object]]:
    """Do it; the key of the text that answers it, and its facts. An empty key asks for the reference's state."""
    if command.kind in (CommandKind.YES, CommandKind.NO):
        asked_about = _asked_about(session, settings, intake.contributor_id, came_at)
        assert asked_about is not None, "understood only while a question is open"
        return text_erasure.answer_erasure_question(session, settings, intake, command, asked_about)
    if command.kind is CommandKind.ERASE_WISH:
        return text_erasure.answer_erasure_wish(session, settings, intake, command)
    if command.kind in _ABOUT_REFERENCE:
        return text_erasure.erase_or_keep_reference(session, settings, intake, command)
    if command.kind in _ABOUT_WORDS:
        return contesting.about_reference(session, intake, command)
    if command.kind is CommandKind.STATE:
        number = references.parse_reference(command.reference or "")
        known = references.contribution_of(session, number) if number else None
        return ("sms_state_unknown", {}) if known is None else ("", {})
    return f"sms_{command.kind.value}", {}


def _language_of(
    session: Session, settings: Settings, text: IncomingText, intake: Intake, consultation: Consultation | None
) -> str:
    """The keyword's language, else that of the courtesies around it, else what its sender last wrote in, else ours."""
    usual = consultation.language if consultation else settings.language
    said = language_of(text.body, text.command) if text.command else None
    if said is None and intake.contributor_id is not None:
        said = person_lookup.last_language(session, intake.contributor_id)
    known = consultation.languages if consultation else settings.languages
    return said if said is not None and said in known else usual


def _consultation_of(intake: Intake) -> Consultation | None:
    version = intake.consultation_version
    return consultation_versions.as_consultation(version) if version else None
