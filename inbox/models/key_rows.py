"""Keys of intakes, parts and contributions, what was erased, and how to sign in to a mailbox."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from inbox.models.base import Base
from inbox.models.column_types import sealed_column, utc_now


class DataKey(Base):
    """A key of one intake, part, contribution or mailbox, wrapped by a master key. Erasing sets ``wrapped`` to NULL."""

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


class MailToken(Base):
    """The newest OAuth2 refresh token of a mailbox, where its provider replaces them."""

    __tablename__ = "mail_token"

    account: Mapped[str] = mapped_column(String(255), primary_key=True)
    descends_from: Mapped[str] = mapped_column(String(64))
    """Keyed hash of the token in the settings: it is in use only while that is there."""
    key_id: Mapped[int] = mapped_column(ForeignKey("data_key.id"))
    sealed: Mapped[bytes] = sealed_column("account")
