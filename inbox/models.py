"""Every row.

Nothing a resident said or wrote stands in these tables in the clear, except the
folded search text: raw arrivals, texts, transcripts and file names are sealed
with a data key (``DataKey``) of their intake, part or contribution, so that
destroying the key destroys what it sealed. Columns named ``sealed_…`` hold such
ciphertext; ``inbox.vault`` seals and opens them.

All times are aware UTC.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Enum,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from config.names import (
    AddressKind,
    ArrivalKind,
    Channel,
    MediumKind,
    MessageState,
    Moderation,
    NotContribution,
    Purpose,
    Queue,
    Reading,
    Role,
    SetAsideReason,
    StepKind,
    StepState,
    TagSource,
    TextOrigin,
)
from inbox.columns import UtcDateTime, utc_now


def _names(enum: type) -> Enum:
    """A StrEnum stored as its value, without a native type, so that a new member needs no migration."""
    return Enum(
        enum, native_enum=False, length=32, values_callable=lambda e: [m.value for m in e], create_constraint=False
    )


class Base(DeclarativeBase):
    """The declarative base; constraint names are fixed so that migrations can undo them on both servers."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        Channel: _names(Channel),
        ArrivalKind: _names(ArrivalKind),
        Reading: _names(Reading),
        Moderation: _names(Moderation),
        SetAsideReason: _names(SetAsideReason),
        NotContribution: _names(NotContribution),
        StepKind: _names(StepKind),
        StepState: _names(StepState),
        Queue: _names(Queue),
        MediumKind: _names(MediumKind),
        TextOrigin: _names(TextOrigin),
        TagSource: _names(TagSource),
        Purpose: _names(Purpose),
        MessageState: _names(MessageState),
        AddressKind: _names(AddressKind),
        Role: _names(Role),
    }


# --- keys -------------------------------------------------------------------------------------


class DataKey(Base):
    """A key of one intake, part or contribution, wrapped by a master key. Erasing sets ``wrapped`` to NULL."""

    __tablename__ = "data_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    master_id: Mapped[str] = mapped_column(String(32))
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    destroyed_at: Mapped[datetime | None]


# --- consultations ----------------------------------------------------------------------------


class Consultation(Base):
    """A question put to residents; everything that can change stands in its versions."""

    __tablename__ = "consultation"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)


class ConsultationVersion(Base):
    """One immutable version of a consultation, as ``config.consultation`` parsed it."""

    __tablename__ = "consultation_version"
    __table_args__ = (UniqueConstraint("consultation_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of ``body`` in canonical JSON: importing what is current already makes no new version."""
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    consultation: Mapped[Consultation] = relationship()


class ConsultationAddress(Base):
    """The number, mailbox, folder or centre through which something came -> its consultation (current version's)."""

    __tablename__ = "consultation_address"
    __table_args__ = (UniqueConstraint("channel", "value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"))
    channel: Mapped[Channel]
    value: Mapped[str] = mapped_column(String(255))


# --- people who take part -----------------------------------------------------------------------


class Contributor(Base):
    """The person behind an address, known only by a keyed hash (32 bytes, hex)."""

    __tablename__ = "contributor"

    id: Mapped[int] = mapped_column(primary_key=True)
    address_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class ContributorAddress(Base):
    """The address itself, sealed, apart; deleted when the contributor is erased."""

    __tablename__ = "contributor_address"

    contributor_id: Mapped[int] = mapped_column(ForeignKey("contributor.id"), primary_key=True)
    kind: Mapped[AddressKind]
    key_id: Mapped[int] = mapped_column(ForeignKey("data_key.id"))
    sealed_value: Mapped[bytes] = mapped_column(LargeBinary)


class OptOut(Base):
    """No more messages to this address from this town; outlives the contributor, so it keeps the hash itself."""

    __tablename__ = "opt_out"
    __table_args__ = (UniqueConstraint("address_hash", "town"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    address_hash: Mapped[str] = mapped_column(String(64))
    town: Mapped[str] = mapped_column(String(64))
    active: Mapped[bool] = mapped_column(default=True)
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)


# --- what arrived -------------------------------------------------------------------------------


class Intake(Base):
    """One thing that came in, made of its arrivals."""

    __tablename__ = "intake"
    __table_args__ = (
        UniqueConstraint("channel", "account", "external_id"),
        Index(None, "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[Channel]
    account: Mapped[str] = mapped_column(String(255))
    external_id: Mapped[str] = mapped_column(String(255))
    addressed_to: Mapped[str | None] = mapped_column(String(255))
    consultation_version_id: Mapped[int | None] = mapped_column(ForeignKey("consultation_version.id"))
    contributor_id: Mapped[int | None] = mapped_column(ForeignKey("contributor.id"), index=True)
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    centre_id: Mapped[int | None] = mapped_column(ForeignKey("centre.id"))
    key_id: Mapped[int] = mapped_column(ForeignKey("data_key.id"))
    language: Mapped[str | None] = mapped_column(String(8))
    not_contribution: Mapped[NotContribution | None]
    """Set when the whole intake can never have a part: a call without a message."""
    received_at: Mapped[datetime] = mapped_column(default=utc_now)
    keep_until: Mapped[date | None]
    erased_at: Mapped[datetime | None]

    arrivals: Mapped[list[Arrival]] = relationship(back_populates="intake", order_by="Arrival.id")
    parts: Mapped[list[Part]] = relationship(back_populates="intake", order_by="Part.id")
    consultation_version: Mapped[ConsultationVersion | None] = relationship()


class Arrival(Base):
    """One message from outside, raw and unchanged, append-only (erasing clears the sealed bytes)."""

    __tablename__ = "arrival"
    __table_args__ = (UniqueConstraint("intake_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    intake_id: Mapped[int] = mapped_column(ForeignKey("intake.id"))
    kind: Mapped[ArrivalKind]
    digest: Mapped[str] = mapped_column(String(64))
    """Keyed hash (hex) of the raw bytes, so that the row says nothing about a short text."""
    size: Mapped[int]
    sealed_raw: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The raw bytes when small; else they are a sealed file at ``locator``."""
    locator: Mapped[str | None] = mapped_column(String(255))
    sealed_headers: Mapped[bytes | None] = mapped_column(LargeBinary)
    arrived_at: Mapped[datetime] = mapped_column(default=utc_now)

    intake: Mapped[Intake] = relationship(back_populates="arrivals")


class Part(Base):
    """What in an intake may be a contribution: the unit that is counted."""

    __tablename__ = "part"
    __table_args__ = (
        UniqueConstraint("intake_id", "part_key"),
        Index(None, "contributor_id", "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    intake_id: Mapped[int] = mapped_column(ForeignKey("intake.id"))
    part_key: Mapped[str] = mapped_column(String(64))
    channel: Mapped[Channel]
    consultation_version_id: Mapped[int | None] = mapped_column(ForeignKey("consultation_version.id"))
    contributor_id: Mapped[int | None] = mapped_column(ForeignKey("contributor.id"))
    key_id: Mapped[int] = mapped_column(ForeignKey("data_key.id"))
    language: Mapped[str | None] = mapped_column(String(8))
    reading: Mapped[Reading] = mapped_column(default=Reading.WAITING)
    reading_reason: Mapped[str | None] = mapped_column(String(255))
    """Why a person is needed, in words without personal data."""
    not_contribution: Mapped[NotContribution | None]
    sealed_body: Mapped[bytes | None] = mapped_column(LargeBinary)
    """What the resident typed, if anything."""
    sealed_aside: Mapped[bytes | None] = mapped_column(LargeBinary)
    """JSON list of {"kind", "text"}: quoted mail, signature, footer, set apart and still visible."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    keep_until: Mapped[date | None]
    erased_at: Mapped[datetime | None]

    intake: Mapped[Intake] = relationship(back_populates="parts")
    media: Mapped[list[Medium]] = relationship(back_populates="part", order_by="Medium.position")
    contributions: Mapped[list[Contribution]] = relationship(secondary="contribution_part", back_populates="parts")
    consultation_version: Mapped[ConsultationVersion | None] = relationship()


class Medium(Base):
    """A file that belongs to a part, sealed with the part's key."""

    __tablename__ = "medium"
    __table_args__ = (UniqueConstraint("part_id", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"))
    position: Mapped[int]
    kind: Mapped[MediumKind]
    content_type: Mapped[str] = mapped_column(String(127))
    size: Mapped[int] = mapped_column(default=0)
    locator: Mapped[str | None] = mapped_column(String(255))
    """NULL until fetched, and again once erased."""
    sealed_source: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Where to fetch it from, when it is still to be fetched."""
    sealed_name: Mapped[bytes | None] = mapped_column(LargeBinary)
    seconds: Mapped[float | None]
    """Length of a recording."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    keep_until: Mapped[date | None]
    discarded_at: Mapped[datetime | None]
    """The caller asked to start again: neither read nor shown."""

    part: Mapped[Part] = relationship(back_populates="media")
    transcripts: Mapped[list[Transcript]] = relationship(back_populates="medium", order_by="Transcript.id")


class Transcript(Base):
    """What a machine read in a medium."""

    __tablename__ = "transcript"

    id: Mapped[int] = mapped_column(primary_key=True)
    medium_id: Mapped[int] = mapped_column(ForeignKey("medium.id"), index=True)
    engine: Mapped[str] = mapped_column(String(64))
    model: Mapped[str] = mapped_column(String(128))
    language: Mapped[str | None] = mapped_column(String(8))
    sealed_words: Mapped[bytes | None] = mapped_column(LargeBinary)
    """JSON of ``transcription``'s words: text, confidence 0–1, and start/end in seconds or a box in pixels."""
    confidence: Mapped[float | None]
    """Mean confidence of the words, 0–1; NULL when there are none."""
    took_seconds: Mapped[float]
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    medium: Mapped[Medium] = relationship(back_populates="transcripts")


# --- what was said --------------------------------------------------------------------------------


class Contribution(Base):
    """One resident's expression, linked to one or more parts."""

    __tablename__ = "contribution"
    __table_args__ = (
        Index(None, "moderation", "id"),
        Index(None, "consultation_id", "id"),
        CheckConstraint("(moderation = 'set_aside') = (set_aside_reason IS NOT NULL)", name="reason_when_set_aside"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int | None] = mapped_column(ForeignKey("consultation.id"))
    channel: Mapped[Channel]
    """Of its first part."""
    contributor_id: Mapped[int | None] = mapped_column(ForeignKey("contributor.id"), index=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("data_key.id"))
    language: Mapped[str | None] = mapped_column(String(8))
    reading: Mapped[Reading] = mapped_column(default=Reading.WAITING)
    """The worst of its parts' readings (waiting, then needs_person, then read); kept by ``inbox.texts.settle``."""
    moderation: Mapped[Moderation] = mapped_column(default=Moderation.IN_REVIEW)
    set_aside_reason: Mapped[SetAsideReason | None]
    revision: Mapped[int] = mapped_column(default=1)
    """Rises with every decision and correction; a page that shows an older one is refused."""
    confidence: Mapped[float | None]
    """Mean over the words of the latest transcripts; NULL when nothing was machine-read."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    erased_at: Mapped[datetime | None]

    __mapper_args__ = {"version_id_col": revision, "version_id_generator": False}

    consultation: Mapped[Consultation | None] = relationship()
    parts: Mapped[list[Part]] = relationship(secondary="contribution_part", back_populates="contributions")
    texts: Mapped[list[TextVersion]] = relationship(back_populates="contribution", order_by="TextVersion.number")
    tags: Mapped[list[Tag]] = relationship(back_populates="contribution", order_by="Tag.id")


class ContributionPart(Base):
    """Which parts a contribution is made of, in order."""

    __tablename__ = "contribution_part"
    __table_args__ = (Index(None, "part_id"),)

    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"), primary_key=True)


class ContributionLink(Base):
    """Two contributions that belong together without being one: alike, split from, answers to."""

    __tablename__ = "contribution_link"
    __table_args__ = (UniqueConstraint("from_id", "to_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    to_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    kind: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class TextVersion(Base):
    """One version of what a contribution says; the highest number is current, none is ever changed."""

    __tablename__ = "text_version"
    __table_args__ = (UniqueConstraint("contribution_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    number: Mapped[int]
    origin: Mapped[TextOrigin]
    sealed_body: Mapped[bytes | None] = mapped_column(LargeBinary)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    contribution: Mapped[Contribution] = relationship(back_populates="texts")


class SearchText(Base):
    """Folded, stemmed words of the current text; feeds FTS5 or ``tsvector('simple')``. Not in backups: rebuilt."""

    __tablename__ = "search_text"

    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    folded: Mapped[str] = mapped_column(Text)


class Tag(Base):
    """A theme of the consultation or a free word on a contribution; says who put it and why."""

    __tablename__ = "tag"
    __table_args__ = (UniqueConstraint("contribution_id", "name"), Index(None, "name"))

    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    name: Mapped[str] = mapped_column(String(64))
    """A theme's key, or the free word itself."""
    source: Mapped[TagSource]
    because: Mapped[str] = mapped_column(String(255), default="")
    """The consultation's words that caused a suggestion, comma separated."""
    confirmed: Mapped[bool] = mapped_column(default=False)
    removed: Mapped[bool] = mapped_column(default=False)
    """A removed suggestion stays, so that reading again does not bring it back."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    contribution: Mapped[Contribution] = relationship(back_populates="tags")


class History(Base):
    """What happened, append-only (triggers refuse UPDATE and DELETE); without personal data, so it survives erasure."""

    __tablename__ = "history"
    __table_args__ = (Index(None, "subject", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(64))
    """``contribution:12``, ``part:7``, ``intake:3``, ``consultation:1``, ``person:2`` …"""
    action: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("history.id"), unique=True)
    at: Mapped[datetime] = mapped_column(default=utc_now)


# --- what is still to do, and what goes out ---------------------------------------------------------


class Step(Base):
    """What must still be done to an intake, part or message. Exactly one of the three is set."""

    __tablename__ = "step"
    __table_args__ = (
        UniqueConstraint("intake_id", "kind"),
        UniqueConstraint("part_id", "kind"),
        UniqueConstraint("message_id", "kind"),
        Index(None, "state", "not_before"),
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
    sealed_body: Mapped[bytes | None] = mapped_column(LargeBinary)
    """JSON of the channel's ``Outgoing``, without the address."""
    state: Mapped[MessageState] = mapped_column(default=MessageState.QUEUED)
    provider_id: Mapped[str | None] = mapped_column(String(255))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    sent_at: Mapped[datetime | None]


# --- staff ----------------------------------------------------------------------------------------


class Centre(Base):
    """A neighbourhood centre that prints, collects and scans forms."""

    __tablename__ = "centre"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(128))


class Person(Base):
    """Somebody who signs in."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(128))
    password_hash: Mapped[str] = mapped_column(String(255))
    language: Mapped[str | None] = mapped_column(String(8))
    centre_id: Mapped[int | None] = mapped_column(ForeignKey("centre.id"))
    active: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=1)
    """Rises to end every open session: password changed, person deactivated."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    roles: Mapped[list[PersonRole]] = relationship(cascade="all, delete-orphan")
    centre: Mapped[Centre | None] = relationship()


class PersonRole(Base):
    """A role somebody has."""

    __tablename__ = "person_role"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(primary_key=True)


# --- running --------------------------------------------------------------------------------------


class MailCursor(Base):
    """How far a mailbox folder has been read; a cursor only, never an identity."""

    __tablename__ = "mail_cursor"

    account: Mapped[str] = mapped_column(String(255), primary_key=True)
    folder: Mapped[str] = mapped_column(String(255), primary_key=True)
    # RFC 3501: both are unsigned 32-bit numbers, too large for PostgreSQL's integer.
    uidvalidity: Mapped[int] = mapped_column(BigInteger)
    last_uid: Mapped[int] = mapped_column(BigInteger)


class Refusal(Base):
    """Webhooks and sign-ins that were refused, counted per day with their reason, never their content."""

    __tablename__ = "refusal"

    day: Mapped[date] = mapped_column(primary_key=True)
    door: Mapped[str] = mapped_column(String(64), primary_key=True)
    reason: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)


class Tombstone(Base):
    """Something that was erased; also written beside the master keys, so that a restored backup obeys it."""

    __tablename__ = "tombstone"

    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    erased_at: Mapped[datetime] = mapped_column(default=utc_now)


class Heartbeat(Base):
    """When a process of the gateway was last seen alive, for the status page and ``portevoix doctor``."""

    __tablename__ = "heartbeat"

    process: Mapped[str] = mapped_column(String(64), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(default=utc_now)
    note: Mapped[str] = mapped_column(String(255), default="")
