"""What arrived: intakes, their arrivals and parts, and the media of parts."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import (
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from config.enums import ArrivalKind, Channel, MediumKind, NotContribution, Reading
from inbox.models.base import Base, some_of
from inbox.models.column_types import sealed_column, utc_now
from inbox.models.consultation_rows import ConsultationVersion

if TYPE_CHECKING:
    from inbox.models.contribution_rows import Contribution


# Conditions of indexes, to be repeated word by word in a query that is to use one.
ARCHIVED = "archive_id IS NOT NULL"
SCANNED = "scanned_batch IS NOT NULL"
JUDGED = "bucket > 'not_contribution:' AND bucket < 'not_contribution;'"


def _judged(table: str) -> Index:
    """Over the few rows that are no contribution."""
    some = text("not_contribution IS NOT NULL")
    return Index(f"ix_{table}_not_contribution", "not_contribution", sqlite_where=some, postgresql_where=some)


class Intake(Base):
    """One thing that came in, made of its arrivals."""

    __tablename__ = "intake"
    __table_args__ = (
        UniqueConstraint("channel", "account", "external_id"),
        Index(None, "received_at"),
        _judged("intake"),
        some_of("ix_intake_bucket", "bucket IS NOT NULL", "bucket", "id"),
        some_of("ix_intake_scanned", SCANNED, "scanned_batch"),
        some_of("ix_intake_scanned_centre", SCANNED, "centre_id", "scanned_batch"),
        some_of("ix_intake_scanned_person", SCANNED, "entered_by_id", "scanned_batch"),
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
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("intake.id"), index=True)
    """The first of the scanned files that were handed in together; NULL for that one itself, and for one alone."""
    pages_per_form: Mapped[int | None]
    """Of a scanned file, as it was handed in last; NULL for all else, and for files of before there was this column."""
    not_contribution: Mapped[NotContribution | None]
    """Set when the whole intake can never have a part: a call without a message."""
    received_at: Mapped[datetime] = mapped_column(default=utc_now)
    keep_until: Mapped[date | None]
    erased_at: Mapped[datetime | None]
    bucket: Mapped[str | None] = mapped_column(String(64), server_default="waiting")
    """Where the ledger counts it, as ``Part.bucket``; NULL when its parts are counted instead; kept by triggers."""
    scanned_batch: Mapped[int | None]
    """The batch of a scanned file or of a copier's mail, until it is erased; NULL for all else; kept by triggers."""

    arrivals: Mapped[list[Arrival]] = relationship(back_populates="intake", order_by="Arrival.id")
    parts: Mapped[list[Part]] = relationship(back_populates="intake", order_by="Part.id")
    consultation_version: Mapped[ConsultationVersion | None] = relationship()


class Arrival(Base):
    """One message from outside, raw and unchanged, append-only (erasing clears the sealed bytes)."""

    __tablename__ = "arrival"
    __table_args__ = (
        UniqueConstraint("intake_id", "digest"),
        Index(None, "digest"),
        some_of("ix_arrival_archive_id", ARCHIVED, "archive_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    intake_id: Mapped[int] = mapped_column(ForeignKey("intake.id"))
    kind: Mapped[ArrivalKind]
    digest: Mapped[str] = mapped_column(String(64))
    """Keyed hash (hex) of the raw bytes, so that the row says nothing about a short text."""
    size: Mapped[int]
    sealed_raw: Mapped[bytes | None] = sealed_column("intake_id", "digest")
    """The raw bytes when small; else they are a sealed file at ``locator``."""
    locator: Mapped[str | None] = mapped_column(String(255))
    sealed_headers: Mapped[bytes | None] = sealed_column("intake_id", "digest")
    archive_id: Mapped[int | None]
    """The archive its sealed values lie in (``consultation_archive``); NULL: here, or nowhere any more."""
    arrived_at: Mapped[datetime] = mapped_column(default=utc_now)

    intake: Mapped[Intake] = relationship(back_populates="arrivals")


class Part(Base):
    """What in an intake may be a contribution: the unit that is counted."""

    __tablename__ = "part"
    __table_args__ = (
        UniqueConstraint("intake_id", "part_key"),
        Index(None, "contributor_id", "created_at"),
        _judged("part"),
        some_of("ix_part_waiting", "bucket = 'waiting'", "id"),
        some_of("ix_part_nobodys", "bucket IS NULL", "id"),
        some_of("ix_part_judged", JUDGED, "bucket", "intake_id", "id"),
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
    sealed_body: Mapped[bytes | None] = sealed_column("intake_id", "part_key")
    """What the resident typed, if anything."""
    sealed_aside: Mapped[bytes | None] = sealed_column("intake_id", "part_key")
    """JSON list of {"kind", "text", "evidence"}: quoted mail, signature, footer, set apart and still visible; and of
    {"kind", "text", "start", "end"}: what of the body is forwarded, or perhaps not meant."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    keep_until: Mapped[date | None]
    erased_at: Mapped[datetime | None]
    bucket: Mapped[str | None] = mapped_column(String(64), server_default="waiting")
    """Where the ledger counts it: a ``Bucket``, ``not_contribution:`` and its kind, or NULL when it was read and is
    nobody's; kept by triggers (``inbox.records.tallies``)."""

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
    sealed_source: Mapped[bytes | None] = sealed_column("part_id", "position")
    """Where to fetch it from, when it is still to be fetched."""
    sealed_name: Mapped[bytes | None] = sealed_column("part_id", "position")
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
    __table_args__ = (some_of("ix_transcript_archive_id", ARCHIVED, "archive_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    medium_id: Mapped[int] = mapped_column(ForeignKey("medium.id"), index=True)
    engine: Mapped[str] = mapped_column(String(64))
    model: Mapped[str] = mapped_column(String(128))
    language: Mapped[str | None] = mapped_column(String(8))
    sealed_words: Mapped[bytes | None] = sealed_column("medium_id", "id")
    """JSON of ``transcription``'s words: text, confidence 0–1, and start/end in seconds or a box in pixels."""
    sealed_sheet: Mapped[bytes | None] = sealed_column("medium_id", "id")
    """JSON of how a page lies in its picture: quarter turns to upright, its size, places that were not read."""
    confidence: Mapped[float | None]
    """Mean confidence of the words, 0–1; NULL when there are none."""
    took_seconds: Mapped[float]
    archive_id: Mapped[int | None]
    """As of ``Arrival``."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    medium: Mapped[Medium] = relationship(back_populates="transcripts")
