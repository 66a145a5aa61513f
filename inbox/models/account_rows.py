"""How people get in: links that open once, and second factors."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from inbox.models.base import Base
from inbox.models.column_types import utc_now


class OneTimeLink(Base):
    """A link with which somebody chooses a password, once; gone when it was used, replaced, or its time is over."""

    __tablename__ = "one_time_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    """Whose password it sets; None where it makes the first account."""
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    ends_at: Mapped[datetime] = mapped_column()


class SecondFactor(Base):
    """What somebody proves with a telephone besides the password: the secret of time-based codes (RFC 6238)."""

    __tablename__ = "second_factor"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("data_key.id"))
    sealed_secret: Mapped[bytes] = mapped_column()
    used_counter: Mapped[int] = mapped_column(BigInteger, default=0)
    """The period of the newest code that was taken: none is taken twice."""
    confirmed_at: Mapped[datetime | None] = mapped_column()
    """When its owner showed that the telephone has it; before, it is not asked for."""


class RecoveryCode(Base):
    """A code that stands in for the telephone once; kept as a keyed hash."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
