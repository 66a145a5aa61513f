"""Sends messages to residents: the only place where an address is decrypted.

Nothing outside can be asked to do a thing exactly once. So the attempt is committed before
anything is handed over (``Message.sent_at``), and the provider's identifier after it. A crash
in between leaves an attempt without an outcome: a text message is then looked for in the
provider's own list before it is sent again; a mail is sent again under the same Message-ID,
which mail programs show once. A receipt that comes twice is better than none.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from channels.base.errors import OptedOut, ProviderError
from channels.base.provider_requests import CallToPlace, TextToSend
from channels.base.values import Address, Outgoing
from channels.email import compose
from channels.providers.registry import call_provider, text_sender
from config.answer_states import Unreachable
from config.enums import AddressKind, Channel, MessageState, Purpose
from config.settings.loader import Settings
from config.wording.message_catalog import count_segments
from gateway.ingest import call_backs
from gateway.receipts import compose_receipt
from inbox.consultations import consultation_versions, contributors
from inbox.jobs.steps import Done, Ending, Later, Lease
from inbox.models import Contribution, Intake, Message
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.records import answer_messages, history, message_lookup
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import Session
from workers.errors import MailRefused
from workers.runtime.retry_policy import step_ending_of
from workers.runtime.worker_context import WorkerContext
from workers.tasks import smtp, text_language
from workers.tasks.rate_limits import next_sending_time

MOST_MAILS_A_DAY = 10
"""To one address: should two machines answer each other after all, they stop soon."""
STALE_ANSWER = timedelta(days=1)
"""An answer to a keyword that old answers nothing any more."""
STATUS_PATH = "/hooks/sms/status"
CALL_STATUS_PATH = "/hooks/voice/ring-status"


@dataclass(frozen=True, slots=True)
class _Letter:
    """A message ready to go out."""

    outgoing: Outgoing
    purpose: Purpose
    attempted_at: datetime | None
    """When an earlier attempt began whose outcome is not known."""
    message_id: int
    sender: str = ""
    """The number, name or service a text comes from."""
    others: frozenset[str] = frozenset()
    """The provider's identifiers of the other messages to this person."""
    language: str = ""
    """In which somebody is called."""


def send_message(here: WorkerContext, lease: Lease, _folder: Path) -> Callable[[Session], Ending]:
    """SEND: one message, unless it was sent, nobody can be answered any more, or the person wants none.

    Run again, it sends again only what is not known to be sent: see above.
    """
    with here.store.read() as session:
        language = text_language.receipt_language(session, here.settings, lease.message_id)
    letter = _begin(here, lease, language)
    if not isinstance(letter, _Letter):
        ending = letter or Done()
        return lambda _session: ending
    try:
        provider_id = _hand_over(here.settings, letter)
    except OptedOut:  # the provider knew of it before we did
        return _opted_out(here.settings, lease, letter.outgoing.to)
    except (ProviderError, MailRefused) as error:
        if error.retryable:
            raise
        return _failed(lease, step_ending_of(error, age=timedelta(0)))

    def save(session: Session) -> Ending:
        message = session.get_one(Message, lease.message_id)
        message.provider_id = provider_id
        message.sent_at = utc_now()
        if message.state is MessageState.QUEUED:  # the provider may have told more meanwhile
            message.state = MessageState.SENT
        return Done()

    return save


def _begin(here: WorkerContext, lease: Lease, language: str | None) -> _Letter | Later | None:
    """Open the message and commit that it is about to be sent; when it may be sent, or None when it is not to be."""
    with here.store.write() as session:
        message = session.get_one(Message, lease.message_id, with_for_update=True)
        if message.state not in (MessageState.QUEUED, MessageState.FAILED) or message.sealed_body is None:
            return None
        if _went_another_way(session, message):
            return None
        to = compose_receipt.message_recipient(session, message)
        if to is None or not _may_be_sent(session, here.settings, message, to):
            message.state = MessageState.FAILED
            answer_messages.record_not_sent(session, message.id, _why_not(session, here.settings, message, to))
            return None
        if message.channel is Channel.EMAIL and _mails_today(session, message) >= MOST_MAILS_A_DAY:
            message.state = MessageState.FAILED
            answer_messages.record_not_sent(session, message.id, Unreachable.TOO_MANY)
            _note_held_back(session, message)
            return None
        if (later := next_sending_time(session, here.settings, message)) is not None:
            return later
        attempted_at = message.sent_at
        if message.state is MessageState.FAILED:
            # Tried again by a person: what failed before says nothing about this attempt.
            message.state, message.provider_id, attempted_at = MessageState.QUEUED, None, None
        place = place_of(Message.sealed_body, message)
        body: dict[str, Any] = vault_of(session).open_json(session, message.key_id, message.sealed_body, place)
        body["headers"] = tuple((name, value) for name, value in body.get("headers", ()))
        body["in_languages"] = tuple((name, words) for name, words in body.get("in_languages", ()))
        outgoing = _in_language(Outgoing(message.channel, to, **body), language)
        if message.contribution_id is not None and outgoing.in_languages:
            text_language.save_language(session, here.settings, message.contribution_id, language)
        sender = sender_of(session, here.settings, message)
        message.sent_at = utc_now()
        return _Letter(
            outgoing,
            message.purpose,
            attempted_at,
            message.id,
            sender,
            message_lookup.other_identifiers(session, message),
            _call_language(session, here.settings, message),
        )


def _call_language(session: Session, settings: Settings, message: Message) -> str:
    about = _about(session, message) if message.channel is Channel.VOICEMAIL else None
    if about is None:
        return ""
    contribution = session.get_one(Contribution, about)
    consultation = consultation_versions.current_consultation(session, contribution.consultation_id)
    return call_backs.ring_language(settings, consultation, contribution.language)


def _went_another_way(session: Session, message: Message) -> bool:
    """Whether an answer was given another way since: whoever has this message tried again would tell it twice."""
    if message.contribution_id is not None or message.intake_id is not None:
        return False
    return answer_messages.given_by_message(session, message.id) is None


def _in_language(outgoing: Outgoing, language: str | None) -> Outgoing:
    """A message in the language it answers, where it was worded in several."""
    said = dict(outgoing.in_languages).get(language or "")
    return outgoing if said is None else replace(outgoing, body=said, segments=count_segments(said).count)


def sender_of(session: Session, settings: Settings, message: Message) -> str:
    """Who a text comes from: the consultation's own sender, else the settings'."""
    about = _about(session, message)
    if about is not None:
        consultation_id = session.get_one(Contribution, about).consultation_id
        asked = consultation_versions.current_consultation(session, consultation_id)
    else:
        version = session.get_one(Intake, message.intake_id).consultation_version
        asked = consultation_versions.as_consultation(version) if version else None
    return (asked.sender if asked else "") or text_sender(settings).sender


def _may_be_sent(session: Session, settings: Settings, message: Message, to: Address) -> bool:
    wanted = AddressKind.EMAIL if message.channel is Channel.EMAIL else AddressKind.PHONE
    if to.kind is not wanted:
        return False
    if message.channel is Channel.EMAIL:
        return True
    # What answers a keyword was asked for by it: whoever sends STOP is told that it worked.
    answers_keyword = message.intake_id is not None
    if answers_keyword and utc_now() - message.created_at > STALE_ANSWER:
        return False
    return answers_keyword or not contributors.has_opted_out(session, to.kind, to.value, settings.town)


def _why_not(session: Session, settings: Settings, message: Message, to: Address | None) -> Unreachable:
    """Why an answer of the town is not sent after all: opt-outs are looked at again when it is."""
    if to is None:
        return Unreachable.ERASED
    if message.channel is Channel.SMS and contributors.has_opted_out(session, to.kind, to.value, settings.town):
        return Unreachable.OPTED_OUT
    return Unreachable.NO_MAIL if message.channel is Channel.EMAIL else Unreachable.NO_TEXTS


def _about(session: Session, message: Message) -> int | None:
    """The contribution a message is about, if it is about one."""
    return message.contribution_id or answer_messages.contribution_of_answer(session, message.id)


def _note_held_back(session: Session, message: Message) -> None:
    """Say where a person sees it that the day's limit kept a message from going out, and nothing else."""
    about = _about(session, message)
    subject = f"contribution:{about}" if about is not None else f"intake:{message.intake_id}"
    history.record_event(session, subject, "not_sent", details={"because": "many_today"})


def _mails_today(session: Session, message: Message) -> int:
    if message.contributor_id is None:
        return 0
    return message_lookup.mails_to_same_person(session, message, utc_now() - timedelta(days=1))


def _hand_over(settings: Settings, letter: _Letter) -> str | None:
    if letter.outgoing.channel is Channel.EMAIL:
        _mail(settings, letter)
        return None
    return _call(settings, letter) if letter.outgoing.channel is Channel.VOICEMAIL else _text(settings, letter)


def _mail(settings: Settings, letter: _Letter) -> None:
    raw = compose.to_bytes(letter.outgoing, sender=settings.smtp.sender, at=utc_now().astimezone(settings.zone))
    # Not receipts alone: that a mail was too large is told by a machine too.
    envelope = settings.smtp.sender if letter.purpose is Purpose.ANSWER else compose.RECEIPT_ENVELOPE_SENDER
    smtp.deliver_mail(settings.smtp, raw, to=letter.outgoing.to.value, envelope_sender=envelope)


def _text(settings: Settings, letter: _Letter) -> str:
    text = TextToSend(
        letter.outgoing,
        name=f"portevoix-{settings.town}-{letter.message_id}",
        sender=letter.sender,
        # Our own number comes back with each callback: the first may be here before the identifier is stored.
        status_callback=f"{settings.public_url}{STATUS_PATH}?m={letter.message_id}",
        attempted_at=letter.attempted_at,
        others=letter.others,
    )
    with requests.Session() as http:
        return text_sender(settings).send(http, text)


def _call(settings: Settings, letter: _Letter) -> str:
    call = CallToPlace(
        letter.outgoing.to.value,
        answer_url=call_backs.ring_url(settings, letter.message_id, letter.language),
        status_callback=f"{settings.public_url}{CALL_STATUS_PATH}?m={letter.message_id}",
        attempted_at=letter.attempted_at,
        others=letter.others,
    )
    with requests.Session() as http:
        return call_provider(settings).place_call(http, call)


def _opted_out(settings: Settings, lease: Lease, to: Address) -> Callable[[Session], Ending]:
    def save(session: Session) -> Ending:
        contributors.opt_out(session, to.kind, to.value, settings.town)
        message = session.get_one(Message, lease.message_id)
        message.state = MessageState.FAILED
        answer_messages.record_not_sent(session, message.id, Unreachable.OPTED_OUT)
        return Done()

    return save


def _failed(lease: Lease, ending: Ending) -> Callable[[Session], Ending]:
    def save(session: Session) -> Ending:
        message = session.get_one(Message, lease.message_id)
        message.state = MessageState.FAILED
        answer_messages.record_not_sent(session, message.id, Unreachable.REFUSED)
        return ending

    return save
