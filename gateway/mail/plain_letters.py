"""Plain letters: the first mail of somebody, which only says something, put into values before any transaction begins.

What is made of it is what ``gateway.mail.mail_threads`` makes of it, which does the others, and every one that
``inbox.text_rows.plain_text_rows`` finds not to be as it was foreseen here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from channels.base.values import Address
from channels.email.classify.forged_sender import is_called_forged
from channels.email.parse import Mail
from channels.email.replied_to import receipt_answered
from config.enums import AddressKind, Channel
from config.settings.loader import Settings
from config.wording.consultation import Consultation, Retention
from gateway.intake.contribute import NewPart, apart_as_kept
from gateway.receipts import compose_receipt
from inbox.consultations import contributors
from inbox.consultations.consultation_versions import Stored
from inbox.contributions import search_index, text_versions
from inbox.models.column_types import utc_now
from inbox.records import references, waiting_mails
from inbox.records.waiting_mails import WaitingMail
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import Session
from inbox.text_rows.plain_text import LETTER_KEY, MeantConsultation, PlainText, TextSender, TextThemes


@dataclass(frozen=True, slots=True)
class Asked:
    """Which consultation a mail came to."""

    came_under: Stored | None
    """As it was when the mail came in."""
    now: Consultation | None
    """As it is now."""


def is_plain(settings: Settings, mail: Mail, parts: Sequence[NewPart]) -> bool:
    """Whether a mail only says something to us: written by a person, without files, and no answer to what we wrote."""
    if len(parts) != 1 or mail.machine or mail.sender is None or mail.is_beginning:
        return False
    (part,) = parts
    brings = part.media or part.not_contribution or part.reference or part.pages or part.goes_with or part.fresh
    if brings or part.key != LETTER_KEY or part.channel is not Channel.EMAIL or not (part.body or "").strip():
        return False
    answers = receipt_answered(Mail(in_reply_to=mail.in_reply_to))
    return answers is None and not is_called_forged(mail.authentication, settings.mail_servers)


def prepare(
    session: Session,
    settings: Settings,
    waiting: WaitingMail,
    mail: Mail,
    part: NewPart,
    asked: Asked,
    themes: TextThemes,
) -> PlainText | None:
    """Put a plain letter into the values of its rows; None where its sender is known already, or is not answered."""
    sender = _sender(session, waiting, mail)
    if sender is None or part.body is None:
        return None
    vault = vault_of(session)
    key, part_key = vault.loose_key(), vault.loose_key()
    reference = references.random_reference()
    receipt = _receipt(settings, waiting, mail, asked, themes, reference)
    if receipt is None:
        return None
    came_under, day = asked.came_under, waiting.received_at.date()
    retention = came_under.consultation.retention if came_under else Retention()
    said = part.body.strip()
    return PlainText(
        intake_id=waiting.intake_id,
        received_at=waiting.received_at,
        written_to=waiting.addressed_to,
        meant=None if came_under is None else MeantConsultation(waiting.addressed_to or "", *came_under),
        keep_until=waiting.keep_until,
        part_until=retention.keep_contribution_until(day),
        sender=sender,
        part_key=part_key,
        key=key,
        body=part.body,
        said=said,
        rules=search_index.rules_of(session),
        tokens=search_index.index_tokens(search_index.search_key(session), said, themes.language),
        reference=reference,
        receipt=receipt,
        themes=themes,
        channel=Channel.EMAIL,
        called=LETTER_KEY,
        came_under=waiting.version_id,
        language=themes.language,
        aside=apart_as_kept(part),
        needs_person=text_versions.join_reasons(part.needs_person),
    )


def sender_hashes(session: Session, mail: Mail) -> frozenset[str]:
    """Whose a mail is, as keyed hashes: who wrote it, and who is answered."""
    return frozenset(_hash(session, one) for one in (mail.sender, mail.answer_to) if one is not None)


def _hash(session: Session, address: Address) -> str:
    return contributors.address_hash(session, AddressKind(address.kind), address.value)


def _sender(session: Session, waiting: WaitingMail, mail: Mail) -> TextSender | None:
    """Whoever writes for the first time, and is answered where they wrote from."""
    if mail.sender is None or waiting.contributor_id is not None or waiting.language is not None:
        return None
    kind = AddressKind(mail.sender.kind)
    spelled = contributors.normalise_for_installation(session, kind, mail.sender.value)
    hashes = sender_hashes(session, mail)
    if not spelled or len(hashes) != 1:
        return None
    known = contributors.find_contributor(session, kind, mail.sender.value)
    if known is not None and waiting_mails.is_known(session, known):
        return None
    key = vault_of(session).loose_key()
    (known_as,) = hashes
    return TextSender(known_as, kind, key, spelled)


def _receipt(
    settings: Settings,
    waiting: WaitingMail,
    mail: Mail,
    asked: Asked,
    themes: TextThemes,
    reference: str,
) -> Mapping[str, Any] | None:
    came = compose_receipt.AnsweredText(waiting.received_at, waiting.addressed_to, themes.language)
    outgoing = compose_receipt.receipt_of_mail(settings, asked.now, reference, mail, came, utc_now())
    return None if outgoing is None else compose_receipt.stored_message(outgoing)
