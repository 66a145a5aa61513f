"""Receipts and other answers: put into words now, sent by a step, said to be on their way only once."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from channels.base.callers import takes_texts
from channels.base.values import Address, DeliveryStatus, Outgoing
from channels.email.compose import compose_receipt_mail as mail_receipt
from channels.email.compose import find_answerable
from channels.email.parse import Mail
from channels.providers.registry import text_sender
from channels.sms import text_message
from config.enums import Channel, MessageState, Purpose, StepKind
from config.settings.loader import Settings
from config.settings.sections.setting_types import can_receive
from config.wording.consultation import Consultation
from gateway.intake.intake_store import contributor_id
from inbox.consultations import consultation_versions, contributors
from inbox.jobs import steps
from inbox.models import Contribution, Intake, Message
from inbox.models.column_types import utc_now
from inbox.records import intake_lookup, message_lookup, person_lookup, references
from inbox.storage.unit_of_work import Session
from inbox.storage.upsert import insert_if_new

TOLD_AGAIN_AFTER = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ReceiptSubject:
    """What is known of a contribution that is to be answered."""

    contribution: Contribution
    consultation: Consultation | None
    language: str
    reference: str


def receipt_subject(session: Session, settings: Settings, contribution_id: int) -> ReceiptSubject:
    """A contribution with its consultation, language and reference."""
    contribution = session.get_one(Contribution, contribution_id)
    consultation = consultation_versions.current_consultation(session, contribution.consultation_id)
    return ReceiptSubject(
        contribution,
        consultation,
        contribution.language or usual_language(settings, consultation),
        references.reference_of(session, contribution_id),
    )


def usual_language(settings: Settings, consultation: Consultation | None) -> str:
    """In which somebody is answered of whose language nothing is known."""
    return consultation.language if consultation else settings.language


def queue_text_receipt(
    session: Session, settings: Settings, contribution_id: int, to: Address | None, *, called: bool = False
) -> None:
    """The receipt by text message; where nobody can be answered that way, it is noted what became of it instead."""
    known = receipt_subject(session, settings, contribution_id)
    if to is None or not takes_texts(to):
        record_receipt_given(session, known.contribution, MessageState.SPOKEN if called else MessageState.NO_ADDRESS)
        return
    last = intake_lookup.last_intake(session, contribution_id)
    if called:
        facts = {"reference": known.reference, "write_to": reply_number(settings, known.consultation, None)}
        receipt = text_message.compose_text_message("sms_call_receipt", to, known.language, known.consultation, **facts)
    else:
        came = AnsweredText(last.received_at, last.addressed_to, known.contribution.language)
        receipt = compose_text_receipt(settings, to, known.consultation, known.reference, came)
    queue_message(session, receipt, Purpose.RECEIPT, known.contribution)


@dataclass(frozen=True, slots=True)
class AnsweredText:
    """What a receipt has to know of the text or mail that it answers."""

    at: datetime
    written_to: str | None
    """The number it came to."""
    language: str | None
    """In which it is known to be written."""


def compose_text_receipt(
    settings: Settings, to: Address, consultation: Consultation | None, reference: str, came: AnsweredText
) -> Outgoing:
    """The receipt of a text message, in the consultation's languages where that of the text is not known."""
    key = _receipt_key(consultation, came.at.astimezone(settings.zone).date())
    facts = {"reference": reference, "write_to": reply_number(settings, consultation, came.written_to)}
    usual = usual_language(settings, consultation)
    receipt = text_message.compose_text_message(key, to, came.language or usual, consultation, **facts)
    # Which language a text is in takes a detector to tell, which the web server does not load: whoever sends chooses.
    languages = consultation.languages if consultation else settings.languages
    if came.language is not None or len(languages) < 2:
        return receipt
    others = {
        one: text_message.compose_text_message(key, to, one, consultation, **facts).body
        for one in languages
        if one != usual
    }
    return replace(receipt, in_languages=tuple((one, others.get(one, receipt.body)) for one in languages))


def reply_number(settings: Settings, consultation: Consultation | None, written_to: str | None) -> str:
    """The number our texts name for writing back, empty when answering them is enough.

    The setting, else the number that was written to: each consultation may have its own.
    """
    provider = text_sender(settings)
    own = consultation.sender if consultation else ""
    if not provider.chooses_sender or can_receive(own or provider.sender):
        return ""
    here = written_to if written_to and can_receive(written_to) else ""
    return provider.named_in_texts or here or provider.receives


def _receipt_key(consultation: Consultation | None, came_on: date) -> str:
    """By the day on which it was sent: what is found late in the provider's list came in time all the same."""
    phase = consultation.state_on(came_on) if consultation else "open"
    return {"before": "sms_not_open_yet", "open": "sms_receipt", "closed": "sms_closed"}[phase]


def queue_call_receipt(session: Session, settings: Settings, contribution_id: int) -> None:
    """A call's receipt is spoken; it is texted besides when the caller's number takes texts."""
    contribution = session.get_one(Contribution, contribution_id)
    queue_text_receipt(session, settings, contribution_id, reply_address(session, contribution), called=True)


def queue_mail_receipt(session: Session, settings: Settings, contribution_id: int, answering: Mail) -> None:
    """The receipt by mail, in the thread of the mail it answers; never to machines, lists or ourselves."""
    known = receipt_subject(session, settings, contribution_id)
    outgoing = _letter(settings, known, answering, intake_lookup.last_intake(session, contribution_id))
    if outgoing is not None:
        queue_message(session, outgoing, Purpose.RECEIPT, known.contribution, contributor_id(session, outgoing.to))


def send_mail_too_large_notice(
    session: Session, settings: Settings, contribution_id: int, answering: Mail, intake: Intake
) -> None:
    """Tell the sender of a mail over the limit so, where no receipt is due that would; once a month to an address."""
    known = receipt_subject(session, settings, contribution_id)
    outgoing = _letter(settings, known, answering, intake, again=intake.id)
    if outgoing is None:
        return
    to = contributor_id(session, outgoing.to)
    if person_lookup.was_told_by_mail(session, to, utc_now() - TOLD_AGAIN_AFTER):
        return
    queue_message(session, outgoing, Purpose.STATE, intake, to)


def _letter(
    settings: Settings, known: ReceiptSubject, answering: Mail, intake: Intake, again: int = 0
) -> Outgoing | None:
    begun = known.contribution.created_at
    came = AnsweredText(intake.received_at, None, known.language)
    return receipt_of_mail(settings, known.consultation, known.reference, answering, came, begun, again)


def receipt_of_mail(
    settings: Settings,
    consultation: Consultation | None,
    reference: str,
    answering: Mail,
    came: AnsweredText,
    begun: datetime,
    again: int = 0,
) -> Outgoing | None:
    """What a mail is answered; None when nothing may be sent. ``begun``: when its contribution was made.

    ``again``: the intake of a mail that is not answered for the first time.
    """
    own = [settings.smtp.sender, *(mailbox.name for mailbox in settings.mailboxes)]
    answered = find_answerable(answering, own, settings.mail_servers)
    if answered is None or not settings.smtp.configured:
        return None
    came_on = came.at.astimezone(settings.zone).date()
    closed = consultation is not None and consultation.state_on(came_on) == "closed"
    key = "email_too_large" if answering.is_beginning else "email_receipt"
    return mail_receipt(
        answered,
        came.language or usual_language(settings, consultation),
        consultation,
        reference=reference,
        sender=settings.smtp.sender,
        received=begun.astimezone(settings.zone).date(),
        link=state_page_url(settings, consultation),
        key="email_closed" if closed else key,
        again=again,
        megabytes=int(settings.limits.mail_mb),
    )


def state_page_url(settings: Settings, consultation: Consultation | None) -> str:
    """The address of the page on which a reference opens its state; empty where the consultation is not public."""
    return f"{settings.public_url}/suivi" if consultation is None or consultation.public else ""


def record_receipt_given(
    session: Session, contribution: Contribution, how: MessageState = MessageState.PRINTED
) -> None:
    """The receipt stands on the batch's printed list, or was spoken, or nobody can have it: nothing is left to send."""
    values = _values(contribution, Purpose.RECEIPT, contribution.channel)
    insert_if_new(session, Message, **values, state=how)


def queue_message(
    session: Session, outgoing: Outgoing, purpose: Purpose, subject: Contribution | Intake, to: int | None = None
) -> None:
    """Put an answer on its way, unless one to this contribution or intake for this purpose is already.

    ``to`` is the contributor behind the address it goes to, where that is not the subject's own.
    """
    values = _values(subject, purpose, outgoing.channel)
    values["contributor_id"] = to or values["contributor_id"]
    if not insert_if_new(session, Message, **values, state=MessageState.QUEUED):
        return
    message_id = message_lookup.message_id_with(session, **values)
    message_lookup.put_words(session, message_id, subject.key_id, stored_message(outgoing))
    steps.add_step(session, StepKind.SEND, message=message_id)


def stored_message(outgoing: Outgoing) -> dict[str, Any]:
    """What is kept of an answer in its message: everything but whom it goes to, and by which way."""
    kept = asdict(outgoing)
    return {name: value for name, value in kept.items() if name not in ("to", "channel")}


def _values(subject: Contribution | Intake, purpose: Purpose, channel: Channel) -> dict[str, Any]:
    kind = "contribution_id" if isinstance(subject, Contribution) else "intake_id"
    return {
        kind: subject.id,
        "purpose": purpose,
        "channel": channel,
        "contributor_id": subject.contributor_id,
        "key_id": subject.key_id,
    }


def reply_address(session: Session, contribution: Contribution) -> Address | None:
    """Where the contributor can be answered, if anywhere."""
    return _address(session, _answered(session, contribution))


def message_recipient(session: Session, message: Message) -> Address | None:
    """Where a message goes; None when nobody can be answered any more."""
    return _address(session, _recipient(session, message))


def _answered(session: Session, contribution: Contribution) -> int | None:
    return contribution.contributor_id or intake_lookup.contributor_of_parts(session, contribution.id)


def _recipient(session: Session, message: Message) -> int | None:
    if message.contributor_id is None and message.contribution_id is not None:
        return _answered(session, session.get_one(Contribution, message.contribution_id))
    return message.contributor_id


def _address(session: Session, contributor_id: int | None) -> Address | None:
    found = contributors.address_of(session, contributor_id) if contributor_id else None
    return Address(*found) if found else None


_ONWARD = (MessageState.QUEUED, MessageState.SENT, MessageState.DELIVERED, MessageState.FAILED)


def record_delivery_status(session: Session, settings: Settings, status: DeliveryStatus) -> None:
    """What the provider says became of a message; never backwards: callbacks come in any order.

    One may come before our row knows the provider's identifier: then our own number, which the
    callback carries back, says which it is.
    """
    message = message_lookup.lock_reported_message(session, status.provider_id, status.message_id)
    if message is None or message.sent_at is None:
        return
    message.provider_id = status.provider_id
    state = MessageState(status.state)
    if message.state in _ONWARD and _ONWARD.index(state) > _ONWARD.index(message.state):
        message.state = state
    to = _recipient(session, message) if status.opted_out else None
    if to is not None:
        # By then at the latest: what the callback tells can be days old, and a START may have come since.
        contributors.opt_out_contributor(session, to, settings.town, message.sent_at)
