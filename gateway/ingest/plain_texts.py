"""Plain texts: what somebody has to say and nothing besides, put into values before any transaction begins.

A text is plain when it asks for nothing, brings no picture and begins a contribution of its own, as all but a few do
when thousands write at once. What is made of it is what ``gateway.ingest.text_intake`` makes of it, which does the
others, and every one that ``inbox.text_rows.plain_text_rows`` finds not to be as it was foreseen here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from channels.base.callers import takes_texts
from channels.base.values import IncomingText
from channels.intent.keyword_commands import consent_in
from channels.intent.said_otherwise import says_otherwise
from config.enums import AddressKind
from config.settings.loader import Settings
from config.wording.consultation import Retention
from gateway.ingest import vote_intake
from gateway.ingest.text_intake import consultation_version_of_text
from gateway.receipts import compose_receipt
from inbox.consultations import consultation_versions, contributors
from inbox.contributions import search_index
from inbox.records import references
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import Session
from inbox.text_rows.plain_text import MeantConsultation, PlainText, TextSender, TextThemes


@dataclass(frozen=True, slots=True)
class PendingText:
    """A text that waits to be understood, with what its door stored of its intake."""

    intake_id: int
    received_at: datetime
    addressed_to: str | None
    keep_until: date | None
    text: IncomingText


def is_plain(text: IncomingText) -> bool:
    """Whether a text only says something: no keyword, no wish, no answer to a question, no reaction, no picture."""
    asks = text.command or text.besides or text.reaction or text.media or text.kept_back
    return not asks and bool(text.body.strip()) and consent_in(text.body) is None and not says_otherwise(text.body)


def consultation_of_number(session: Session, text: IncomingText) -> MeantConsultation | None:
    """Which consultation is meant: by the number, else the service the number belongs to; None where none is.

    Whoever writes while a consultation changes has written before it changed.
    """
    meant = consultation_version_of_text(session, text)
    if meant is None:
        return None
    named, version = meant
    return MeantConsultation(named, version.id, version.consultation_id, consultation_versions.as_consultation(version))


def prepare_plain_text(
    session: Session, settings: Settings, waiting: PendingText, meant: MeantConsultation | None, themes: TextThemes
) -> PlainText | None:
    """Put a plain text into the values of its rows; None where nobody can be told apart as its sender, or it votes."""
    if meant is not None and vote_intake.vote_in_message(meant.consultation, waiting.text.body) is not None:
        return None
    text, day = waiting.text, waiting.received_at.date()
    sender = _sender(session, text)
    if sender is None and text.sender is not None:
        return None
    vault = vault_of(session)
    key, part_key = vault.loose_key(), vault.loose_key()
    written_to = meant.written_to if meant else waiting.addressed_to
    retention = meant.consultation.retention if meant else Retention()
    reference = references.random_reference()
    said = text.body.strip()
    return PlainText(
        intake_id=waiting.intake_id,
        received_at=waiting.received_at,
        written_to=written_to,
        meant=meant,
        keep_until=retention.keep_original_until(day) if meant else waiting.keep_until,
        part_until=retention.keep_contribution_until(day),
        sender=sender,
        part_key=part_key,
        key=key,
        body=text.body,
        said=said,
        rules=search_index.rules_of(session),
        tokens=search_index.index_tokens(search_index.search_key(session), said, None),
        reference=reference,
        receipt=_receipt(settings, waiting, meant, written_to, reference),
        themes=themes,
    )


def _sender(session: Session, text: IncomingText) -> TextSender | None:
    if text.sender is None:
        return None
    kind = AddressKind(text.sender.kind)
    spelled = contributors.normalise_for_installation(session, kind, text.sender.value)
    if not spelled:
        return None
    key = vault_of(session).loose_key()
    return TextSender(contributors.address_hash(session, kind, text.sender.value), kind, key, spelled)


def _receipt(
    settings: Settings,
    waiting: PendingText,
    meant: MeantConsultation | None,
    written_to: str | None,
    reference: str,
) -> Mapping[str, Any] | None:
    to = waiting.text.sender
    if to is None or not takes_texts(to):
        return None
    came = compose_receipt.AnsweredText(waiting.received_at, written_to, language=None)
    consultation = meant.consultation if meant else None
    receipt = compose_receipt.compose_text_receipt(settings, to, consultation, reference, came)
    return compose_receipt.stored_message(receipt)
