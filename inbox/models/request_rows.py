"""What was asked for, and what counts towards a limit: state that is looked up, where history only tells of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.enums import ErasureState
from inbox.models.base import Base
from inbox.models.column_types import utc_now


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
