"""Counts that the database keeps by triggers (``inbox.migrations.kept_counts``); ``records.tallies`` reads them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from config.enums import Channel, Moderation, Reading
from inbox.models.base import Base


class ContributionTally(Base):
    """How many of the listed contributions have all this in common: the sum of ``n`` over all slots."""

    __tablename__ = "contribution_tally"

    theme: Mapped[str] = mapped_column(String(64), primary_key=True)
    """A tag that was not removed; empty for all of them, whatever their tags."""
    consultation_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """0 for none."""
    channel: Mapped[Channel] = mapped_column(primary_key=True)
    moderation: Mapped[Moderation] = mapped_column(primary_key=True)
    reading: Mapped[Reading] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    """0 for what has been folded; PostgreSQL's transactions each add to a row of their own."""
    n: Mapped[int]


class UnitTally(Base):
    """How many units of the ledger stand in a bucket: the sum of ``n`` over all slots."""

    __tablename__ = "unit_tally"

    bucket: Mapped[str] = mapped_column(String(64), primary_key=True)
    """As in ``Part.bucket``."""
    consultation_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """0 for none."""
    channel: Mapped[Channel] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    n: Mapped[int]


class Recount(Base):
    """The last time everything was counted and compared with what is kept: one row."""

    __tablename__ = "recount"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    differences: Mapped[int]
    """How many kept values were wrong, and have been put right."""
    problems: Mapped[list[str]] = mapped_column(JSON)
    """What the ledger found that nobody would ever look at."""
