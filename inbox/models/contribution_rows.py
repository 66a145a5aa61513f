"""What was said: contributions with their texts, tags and history."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from config.enums import Channel, Moderation, Reading, SetAsideReason, TagSource, TextOrigin
from inbox.models.base import Base, some_of
from inbox.models.column_types import sealed_column, utc_now
from inbox.models.consultation_rows import Consultation

if TYPE_CHECKING:
    from inbox.models.intake_rows import Part


# Conditions of indexes, to be repeated word by word in a query that is to use one.
LISTED, UNREAD, BY_MACHINE = "listed", "reading <> 'read'", "origin = 'machine'"
LOOKED_OVER = "action IN ('confirm', 'correct')"


class Contribution(Base):
    """One resident's expression, linked to one or more parts."""

    __tablename__ = "contribution"
    __table_args__ = (
        *(
            some_of(f"ix_contribution_listed{name}", where, *columns)
            for name, where, columns in (
                ("", LISTED, ["id"]),
                ("_moderation", LISTED, ["moderation", "id"]),
                ("_channel", LISTED, ["channel", "id"]),
                ("_moderation_channel", LISTED, ["moderation", "channel", "id"]),
                ("_consultation", LISTED, ["consultation_id", "id"]),
                ("_language", LISTED, ["language", "moderation", "id"]),
                ("_unread", f"{LISTED} AND {UNREAD}", ["reading", "id"]),
                ("_machine", f"{LISTED} AND {BY_MACHINE}", ["id"]),
            )
        ),
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
    """The worst of its parts' readings (waiting, needs_person, read); kept by ``text_versions.settle_part``."""
    moderation: Mapped[Moderation] = mapped_column(default=Moderation.IN_REVIEW)
    set_aside_reason: Mapped[SetAsideReason | None]
    revision: Mapped[int] = mapped_column(default=1)
    """Rises with every decision and correction; a page that shows an older one is refused."""
    confidence: Mapped[float | None]
    """Mean over the words of the latest transcripts; NULL when nothing was machine-read."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    erased_at: Mapped[datetime | None]
    listed: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Neither erased, merged away nor back among what is no contribution; triggers keep it (``records.tallies``)."""
    origin: Mapped[TextOrigin | None]
    """Whose wording is in force; kept by triggers."""

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
    __table_args__ = (UniqueConstraint("from_id", "to_id", "kind"), Index(None, "to_id"))

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
    sealed_body: Mapped[bytes | None] = sealed_column("contribution_id", "number")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    contribution: Mapped[Contribution] = relationship(back_populates="texts")


class SearchTokens(Base):
    """A contribution's row of the search index: keyed hashes of its current words. Not in backups: rebuilt.

    Feeds FTS5 or a ``tsvector``.
    """

    __tablename__ = "search_text"

    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    tokens: Mapped[str] = mapped_column(Text)
    """Sorted, each once, apart by one space (``inbox.contributions.search_index.index_tokens``)."""
    rules: Mapped[int] = mapped_column(default=0, server_default="0")
    """The rules by which they were made (``inbox.contributions.search_index.RULES``); older ones are made anew."""


class Tag(Base):
    """A theme of the consultation or a free word on a contribution; says who put it and why."""

    __tablename__ = "tag"
    __table_args__ = (
        UniqueConstraint("contribution_id", "name"),
        some_of("ix_tag_there", "NOT removed", "name", "contribution_id"),
    )

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


class ErasureWish(Base):
    """A part whose author wishes a contribution to be erased, said in other words than the keyword."""

    __tablename__ = "erasure_wish"

    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"), primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), index=True)
    besides: Mapped[bool] = mapped_column(default=False)
    """Whether the part says other things too, and is a contribution itself."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class History(Base):
    """What happened, append-only (triggers refuse UPDATE and DELETE); without personal data, so it survives erasure."""

    __tablename__ = "history"
    __table_args__ = (
        Index(None, "subject", "id"),
        some_of("ix_history_looked_over", LOOKED_OVER, "subject", "action"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(64))
    """``contribution:12``, ``part:7``, ``intake:3``, ``consultation:1``, ``person:2`` …"""
    action: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("history.id"), unique=True)
    at: Mapped[datetime] = mapped_column(default=utc_now)
