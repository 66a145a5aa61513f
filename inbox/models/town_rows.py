"""What a town sets on the pages, what it has done in the background, and what its people are told of."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from config.enums import Role
from inbox.models.base import Base, some_of
from inbox.models.column_types import sealed_column, utc_now


class StoredSetting(Base):
    """A setting, or a section of settings, that was set on a page: sealed JSON, for some hold passwords."""

    __tablename__ = "stored_setting"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    """As the settings file calls it, such as ``smtp``."""
    key_id: Mapped[int] = mapped_column(ForeignKey("data_key.id"))
    sealed: Mapped[bytes] = sealed_column("name")
    revision: Mapped[int]
    """Rises with each change of any setting: whoever runs with a lower one looks again."""
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class TownLogo(Base):
    """The town's logo, as its page shows it; one row at most."""

    __tablename__ = "town_logo"

    id: Mapped[int] = mapped_column(primary_key=True)
    mimetype: Mapped[str] = mapped_column(String(32))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    changed_at: Mapped[datetime] = mapped_column(default=utc_now)


class Errand(Base):
    """Something that a page asks for and no request can wait for: a backup, a test call, a look at everything."""

    __tablename__ = "errand"
    __table_args__ = (
        Index(None, "kind", "id"),
        some_of("ix_errand_open", "ended_at IS NULL", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    """One of ``inbox.administration.errands.ErrandKind``."""
    about: Mapped[str] = mapped_column(String(255), default="")
    """The mailbox or file it is about, when there are several."""
    key_id: Mapped[int | None] = mapped_column(ForeignKey("data_key.id"))
    sealed_to: Mapped[bytes | None] = sealed_column("id")
    """The address a test goes to; NULL when it needs none, and once it has ended."""
    asked_at: Mapped[datetime] = mapped_column(default=utc_now)
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    taken_at: Mapped[datetime | None]
    token: Mapped[int] = mapped_column(default=0)
    """Rises each time it is taken; only the newest holder may say how it ended."""
    progress: Mapped[dict[str, Any]]
    """``what``, ``done`` and ``all`` while it runs."""
    ended_at: Mapped[datetime | None]
    succeeded: Mapped[bool | None]
    result: Mapped[dict[str, Any]]
    """What came of it, without personal data: ``said`` and further facts."""


class Alert(Base):
    """Something people are told of, once, until it is over: a silent door, a full disk, a missed backup, danger."""

    __tablename__ = "alert"
    __table_args__ = (
        # One of a kind about one thing at a time.
        Index(
            "uq_alert_open",
            "kind",
            "about",
            unique=True,
            sqlite_where=text("over_at IS NULL"),
            postgresql_where=text("over_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    """One of ``inbox.administration.alerts.AlertKind``."""
    about: Mapped[str] = mapped_column(String(255), default="")
    details: Mapped[dict[str, Any]]
    since: Mapped[datetime] = mapped_column(default=utc_now)
    told_at: Mapped[datetime | None]
    """When those named for it were told; NULL while nobody could be."""
    over_at: Mapped[datetime | None]


class ApiToken(Base):
    """A token with which a program of the town asks the API: kept as a hash, with the role it acts in."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(64))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[Role]
    rights: Mapped[str] = mapped_column(String(64))
    """What it may do in that role: some of ``inbox.accounts.api_tokens.ApiRight``, in their order, with spaces."""
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    """In whose name it acts: openings and drafts of answers are theirs."""
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    revoked_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    minute: Mapped[datetime | None]
    """The minute of which ``asked`` counts the requests."""
    asked: Mapped[int] = mapped_column(default=0)


class DigestSubscription(Base):
    """Somebody who has asked for a mail on what waits, each day or week; gone when they want none any more."""

    __tablename__ = "digest_subscription"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("data_key.id"))
    sealed_address: Mapped[bytes] = sealed_column("person_id")
    every: Mapped[str] = mapped_column(String(8))
    """One of ``inbox.desk.digests.DigestRhythm``."""
    since: Mapped[datetime] = mapped_column(default=utc_now)
    sent_for: Mapped[date | None]
    """The day, or the Monday of the week, whose digest was sent last: each is sent once."""


class Webhook(Base):
    """An address of the town's that is told what happens; its secret signs what is told."""

    __tablename__ = "webhook"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(500))
    key_id: Mapped[int] = mapped_column(ForeignKey("data_key.id"))
    sealed_secret: Mapped[bytes] = sealed_column("id")
    sealed_old_secret: Mapped[bytes | None] = sealed_column("id")
    """The one before, which signs as well until ``old_until``."""
    old_until: Mapped[datetime | None]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(default=utc_now)
    ended_at: Mapped[datetime | None]


class WebhookCall(Base):
    """Something that happened and one address that is to be told of it."""

    __tablename__ = "webhook_call"
    __table_args__ = (some_of("ix_webhook_call_due", "ended_at IS NULL", "not_before", "id"), Index(None, "webhook_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id"))
    event: Mapped[str] = mapped_column(String(40))
    """Such as ``contribution.published``."""
    data: Mapped[dict[str, Any]]
    """Numbers and short names; never what a resident said."""
    happened_at: Mapped[datetime] = mapped_column(default=utc_now)
    not_before: Mapped[datetime] = mapped_column(default=utc_now)
    attempts: Mapped[int] = mapped_column(default=0)
    said: Mapped[str] = mapped_column(String(120), default="")
    """What the last attempt met."""
    ended_at: Mapped[datetime | None]
    delivered: Mapped[bool] = mapped_column(default=False)
