"""Keys of intakes, parts and contributions, and what was erased."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    LargeBinary,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from inbox.columns import utc_now
from inbox.models.base import Base


class DataKey(Base):
    """A key of one intake, part or contribution, wrapped by a master key. Erasing sets ``wrapped`` to NULL."""

    __tablename__ = "data_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    master_id: Mapped[str] = mapped_column(String(32))
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    destroyed_at: Mapped[datetime | None]


class Tombstone(Base):
    """Something that was erased; also written beside the master keys, so that a restored backup obeys it."""

    __tablename__ = "tombstone"

    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    erased_at: Mapped[datetime] = mapped_column(default=utc_now)
