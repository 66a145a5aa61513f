"""Those who sign in, and how they get in: links that open once, and second factors."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from config.enums import Role
from inbox.models.base import Base
from inbox.models.column_types import sealed_column, utc_now


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
    created_at: Mapped[datetime] = mapped_column(default=utc_now)

    roles: Mapped[list[PersonRole]] = relationship(cascade="all, delete-orphan")
    centre: Mapped[Centre | None] = relationship()


class SignInSession(Base):
    """A browser in which somebody is signed in; gone when the session ends."""

    __tablename__ = "sign_in_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    browser: Mapped[str] = mapped_column(String(64), default="")
    """Which browser on which system, by their names alone."""
    began_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    seen_at: Mapped[datetime] = mapped_column(default=utc_now)
    """When it was last used, to the minute."""
    confirmed_at: Mapped[datetime] = mapped_column(default=utc_now)
    """When its owner last gave the password."""


class FailedSignIn(Base):
    """A wrong password, under the keyed hash of what it is counted by, as long as it counts."""

    __tablename__ = "failed_sign_in"
    __table_args__ = (Index(None, "bucket", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    bucket: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=utc_now, index=True)


class PersonRole(Base):
    """A role somebody has."""

    __tablename__ = "person_role"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[Role] = mapped_column(primary_key=True)


class PersonLanguage(Base):
    """A language somebody reads, besides those of the consultations."""

    __tablename__ = "person_language"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    """ISO 639-1."""


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
    sealed_secret: Mapped[bytes] = sealed_column("person_id")
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


class SecurityKey(Base):
    """A security key that somebody signs in with besides the password: its public half (Web Authentication)."""

    __tablename__ = "security_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    credential: Mapped[str] = mapped_column(String(1364), unique=True)
    """By what the key is asked for, base64url."""
    public_key: Mapped[bytes] = mapped_column()
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    """How often it says that it has signed: a copy of it gives itself away. Many keys say 0."""
    asked_at: Mapped[int] = mapped_column(BigInteger)
    """When it was asked what it signed last, in microseconds since 1970: no older challenge is taken."""
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    used_at: Mapped[datetime | None] = mapped_column()


class OutsideIdentity(Base):
    """Whom a provider of sign-ins knows somebody as, under a keyed hash."""

    __tablename__ = "outside_identity"
    __table_args__ = (UniqueConstraint("person_id", "issuer"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    issuer: Mapped[str] = mapped_column(String(255))
    subject_hash: Mapped[str] = mapped_column(String(64), unique=True)
