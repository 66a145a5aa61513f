"""A text, or a letter, that only says something, as the values of its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from config.enums import AddressKind, Channel, MessageState
from config.wording.consultation import Consultation
from inbox.storage.envelope_encryption import LooseKey

PART_KEY = "text"
"""A text is one part."""
LETTER_KEY = "body"
"""What a mail says is one part, too."""


@dataclass(frozen=True, slots=True)
class MeantConsultation:
    """The consultation that receives at a number, or at the messaging service it belongs to."""

    written_to: str
    version_id: int
    consultation_id: int
    consultation: Consultation
    """As it was imported."""


@dataclass(frozen=True, slots=True)
class TextThemes:
    """In which language a text was found to be written, and its themes, each with the reason for it."""

    language: str | None = None
    reasons: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class TextSender:
    """Whom a text comes from, ready to be stored."""

    known_as: str
    """The keyed hash."""
    kind: AddressKind
    key: LooseKey = field(repr=False)
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PlainText:
    """A plain text, or the words of a plain letter, whose rows only need to be written."""

    intake_id: int
    received_at: datetime
    written_to: str | None
    meant: MeantConsultation | None
    keep_until: date | None
    """The last day of its original."""
    part_until: date
    """The last day of the contribution."""
    sender: TextSender | None
    part_key: LooseKey = field(repr=False)
    key: LooseKey = field(repr=False)
    """The contribution's."""
    body: str = field(repr=False)
    """What was typed."""
    said: str = field(repr=False)
    """What the contribution says."""
    rules: int
    """By which the tokens were made (``search_index.rules_of``)."""
    tokens: str = field(repr=False)
    """The words of the search index."""
    reference: str
    receipt: Mapping[str, Any] | None = field(repr=False)
    """The receipt's body; None where nobody can be answered."""
    themes: TextThemes
    channel: Channel = Channel.SMS
    called: str = PART_KEY
    """The key of its part."""
    came_under: int | None = None
    """The version that its intake has already."""
    language: str | None = None
    """In which it was written, as its intake and part say it."""
    aside: Sequence[Mapping[str, object]] = field(default=(), repr=False)
    """What is known of its words besides."""
    needs_person: str | None = None
    """Why a person has to look at it."""

    @property
    def receipt_state(self) -> MessageState:
        """What there is to do about the receipt."""
        return MessageState.NO_ADDRESS if self.receipt is None else MessageState.QUEUED
