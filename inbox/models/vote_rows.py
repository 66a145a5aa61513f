"""Voices for projects: sealed for the count alone, told apart by keyed hashes, and without a link to who sent them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inbox.models.base import Base
from inbox.models.column_types import sealed_column, utc_now


class BallotBox(Base):
    """Where a consultation's voices go: whoever has the open half of its key can put in, only the count takes out."""

    __tablename__ = "ballot_box"

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    open_half: Mapped[bytes] = mapped_column(LargeBinary)
    """An X25519 public key, 32 bytes."""
    key_id: Mapped[int] = mapped_column(ForeignKey("data_key.id"))
    sealed_half: Mapped[bytes] = sealed_column("consultation_id")
    """The private key; opened by ``inbox.votes.counting`` alone."""
    counted_at: Mapped[datetime | None]
    voters: Mapped[int] = mapped_column(default=0)
    """Whose voice counted, at the last count."""


class Vote(Base):
    """One voice as it was given; none is ever changed: the count takes each voter's last ones."""

    __tablename__ = "vote"
    __table_args__ = (UniqueConstraint("once"), Index(None, "consultation_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("ballot_box.consultation_id"))
    once: Mapped[str] = mapped_column(String(64))
    """Keyed hash of what it came with: what arrives twice counts once, and nothing leads back."""
    sealed_said: Mapped[bytes] = sealed_column("consultation_id", "once")
    """Voter, projects and moment, sealed for the count; all of one length."""


class VoteCard(Base):
    """A card the town gave out for voting: its keyed hash, not its number."""

    __tablename__ = "vote_card"

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    card_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    made_at: Mapped[datetime] = mapped_column(default=utc_now)


class VoteTotal(Base):
    """How many voices a project has, by the last count after closing."""

    __tablename__ = "vote_total"

    consultation_id: Mapped[int] = mapped_column(ForeignKey("ballot_box.consultation_id"), primary_key=True)
    project: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    voices: Mapped[int]
