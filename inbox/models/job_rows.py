"""What is still to be done, what was asked for, what goes out, and how far everything is."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from config.enums import Channel, ErasureState, MessageState, Purpose, Queue, StepKind, StepState
from inbox.models.base import Base, some_of
from inbox.models.column_types import sealed_column, utc_now

FOR_PERSON = "state = 'quarantined' OR (state = 'needs_person' AND part_id IS NULL)"
"""The condition of an index, to be repeated word by word: steps that perhaps only a person can help."""


class Step(Base):
    """What must still be done to an intake, part or message. Exactly one of the three is set."""

    __tablename__ = "step"
    __table_args__ = (
        UniqueConstraint("intake_id", "kind"),
        UniqueConstraint("part_id", "kind"),
        UniqueConstraint("message_id", "kind"),
        Index(None, "state", "not_before"),
        Index(None, "queue", "id", sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")),
        some_of("ix_step_for_person", FOR_PERSON, text("coalesce(ended_at, created_at)"), "id"),
        Index(None, "lane", "id", sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")),
        CheckConstraint(
            "(CASE WHEN intake_id IS NULL THEN 0 ELSE 1 END + CASE WHEN part_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN message_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_subject",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[StepKind]
    queue: Mapped[Queue]
    intake_id: Mapped[int | None] = mapped_column(ForeignKey("intake.id"))
    part_id: Mapped[int | None] = mapped_column(ForeignKey("part.id"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"))
    state: Mapped[StepState] = mapped_column(default=StepState.OPEN)
    attempts: Mapped[int] = mapped_column(default=0)
    """Failures that counted; the third puts the step in quarantine."""
    not_before: Mapped[datetime] = mapped_column(default=utc_now)
    lease_until: Mapped[datetime | None]
    token: Mapped[int] = mapped_column(default=0)
    """Fencing token: rises with every lease; only the newest holder may end the step."""
    reason: Mapped[str | None] = mapped_column(String(500))
    """Why it was put off, failed, or needs a person: without personal data."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    ended_at: Mapped[datetime | None]
    lane: Mapped[str | None] = mapped_column(String(64))
    """Keyed hash of whom it comes from: open steps of one lane run singly, in order of ``id``. NULL once ended."""
    sealed_facts: Mapped[bytes | None] = sealed_column("intake_id", "kind")
    """JSON of what the door understood, sealed with the intake's key. NULL once done."""


class Reference(Base):
    """Nine digits a resident can say, write, text and key; issued beforehand where spoken or printed first."""

    __tablename__ = "reference"

    number: Mapped[str] = mapped_column(String(9), primary_key=True)
    intake_id: Mapped[int | None] = mapped_column(ForeignKey("intake.id"), index=True)
    part_id: Mapped[int | None] = mapped_column(ForeignKey("part.id"), index=True)
    contribution_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id"), index=True)
    issued_at: Mapped[datetime] = mapped_column(default=utc_now)


class Message(Base):
    """What goes out. Unique on (contribution or intake, purpose)."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("contribution_id", "purpose"),
        UniqueConstraint("intake_id", "purpose"),
        Index(None, "provider_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[Purpose]
    channel: Mapped[Channel]
    contribution_id: Mapped[int | None] = mapped_column(ForeignKey("contribution.id"))
    intake_id: Mapped[int | None] = mapped_column(ForeignKey("intake.id"))
    contributor_id: Mapped[int | None] = mapped_column(ForeignKey("contributor.id"), index=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("data_key.id"))
    sealed_body: Mapped[bytes | None] = sealed_column("id")
    """JSON of the channel's ``Outgoing``, without the address."""
    state: Mapped[MessageState] = mapped_column(default=MessageState.QUEUED)
    provider_id: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    sent_at: Mapped[datetime | None]


class ReceiptNote(Base):
    """What was noted of a contribution's receipt: why there is none, that it came back, that a machine answered it."""

    __tablename__ = "receipt_note"

    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    action: Mapped[str] = mapped_column(String(64), primary_key=True)
    """What history calls it."""
    about: Mapped[str] = mapped_column(String(64), primary_key=True)
    """The reason, or the number of the intake that came back."""
    at: Mapped[datetime] = mapped_column(default=utc_now)


class MailCursor(Base):
    """Which mails of a mailbox folder have been taken in; a cursor only, never an identity."""

    __tablename__ = "mail_cursor"

    account: Mapped[str] = mapped_column(String(255), primary_key=True)
    folder: Mapped[str] = mapped_column(String(255), primary_key=True)
    # RFC 3501: an unsigned 32-bit number, too large for PostgreSQL's integer.
    uidvalidity: Mapped[int] = mapped_column(BigInteger)
    taken: Mapped[str] = mapped_column(Text, default="")
    """UIDs as IMAP writes a set of them, such as ``1:3200,10001:10020``; those that are gone count too."""
    not_taken_in: Mapped[int] = mapped_column(default=0)
    """How many mails were on the server and not taken in when it was last looked into."""
    looked_at: Mapped[datetime | None]


class ListCursor(Base):
    """How far a list of the telephone provider has been read; a cursor only, never an identity."""

    __tablename__ = "list_cursor"

    account: Mapped[str] = mapped_column(String(255), primary_key=True)
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    complete_until: Mapped[datetime]
    """When the last reading that came to its end began: all that was listed by then is here."""
    looked_back_at: Mapped[datetime]
    """When it was last read further back than needed, because lists lag."""


class CaughtUp(Base):
    """What came in without its webhook, counted per day and door, for the status page and ``portevoix doctor``."""

    __tablename__ = "caught_up"

    day: Mapped[date] = mapped_column(primary_key=True)
    door: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


class Refusal(Base):
    """Webhooks and sign-ins that were refused, counted per day with their reason, never their content."""

    __tablename__ = "refusal"

    day: Mapped[date] = mapped_column(primary_key=True)
    door: Mapped[str] = mapped_column(String(64), primary_key=True)
    reason: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


class Heartbeat(Base):
    """When a process of the gateway was last seen alive, for the status page and ``portevoix doctor``."""

    __tablename__ = "heartbeat"

    process: Mapped[str] = mapped_column(String(64), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(default=utc_now)
    note: Mapped[str] = mapped_column(String(255), default="")


class ErasureRequest(Base):
    """A text message that asks for a contribution to be erased, by keyword."""

    __tablename__ = "erasure_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), index=True)
    asked_in_id: Mapped[int] = mapped_column(ForeignKey("intake.id"), index=True)
    """The message that asks."""
    answered_in_id: Mapped[int | None] = mapped_column(ForeignKey("intake.id"), index=True)
    """The message that answered our question, whose step erases; the asking one where a person decides."""
    state: Mapped[ErasureState]
    asked_at: Mapped[datetime] = mapped_column(default=utc_now)


class LookUp(Base):
    """A reference that was keyed in a call, whatever it opened: counted, so that nobody tries one after the other."""

    __tablename__ = "look_up"
    __table_args__ = (UniqueConstraint("intake_id", "tag"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    intake_id: Mapped[int] = mapped_column(ForeignKey("intake.id"))
    """The call."""
    tag: Mapped[str] = mapped_column(String(64))
    """Keyed hash of call and reference, so that nothing here tells which reference it was."""
    at: Mapped[datetime] = mapped_column(default=utc_now)


class Leadership(Base):
    """Who of several hosts does something that must be done once, and until when."""

    __tablename__ = "leadership"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    holder: Mapped[str] = mapped_column(String(128))
    token: Mapped[int] = mapped_column(default=1)
    """Fencing token: rises whenever another takes over."""
    until: Mapped[datetime]
