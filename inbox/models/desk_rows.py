"""What moderators' work leaves beside contributions: drafts, who looks, who has it, notes, views, keys, bulk work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.enums import Channel
from inbox.models.base import Base, some_of
from inbox.models.column_types import sealed_column, utc_now

OPEN_APPEAL = "settled_at IS NULL"
"""The condition of an index, to be repeated word by word."""

UNREAD_PUBLICATION = "read_at IS NULL AND held = ''"
"""The same, of what was published and nobody has read."""


class Presence(Base):
    """Somebody has a contribution open, or had a moment ago."""

    __tablename__ = "presence"

    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(default=utc_now, index=True)


class Assignment(Base):
    """Whose a contribution is to decide."""

    __tablename__ = "assignment"

    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(default=utc_now)


class Note(Base):
    """What a moderator wants others to know about a contribution; sealed with the contribution's key."""

    __tablename__ = "note"

    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    sealed_body: Mapped[bytes] = sealed_column("contribution_id", "id")
    at: Mapped[datetime] = mapped_column(default=utc_now)


class Mask(Base):
    """Words that a moderator has masked wherever they occur in a contribution; sealed with the contribution's key."""

    __tablename__ = "mask"

    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    """As in ``config.enums.PersonalKind``."""
    sealed_words: Mapped[bytes] = sealed_column("contribution_id", "id")
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(default=utc_now)


class MaskedCopy(Base):
    """A copy of a recording or page in which what moderators masked can be neither heard nor read."""

    __tablename__ = "masked_copy"

    medium_id: Mapped[int] = mapped_column(ForeignKey("medium.id"), primary_key=True)
    """The original."""
    copy_id: Mapped[int | None] = mapped_column(ForeignKey("medium.id"))
    """NULL until it is made."""
    state: Mapped[str] = mapped_column(String(16))
    """``making``, ``made`` or ``failed``."""
    problem: Mapped[str | None] = mapped_column(String(16))
    """Why it failed: ``not_found`` or ``still_there``."""
    places: Mapped[int] = mapped_column(default=0)
    """How many words are covered."""
    sealed_masks: Mapped[bytes] = sealed_column("medium_id")
    """JSON of the masks it was made for, sealed with the part's key."""
    shared_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Who let officials hear or see it; NULL while only moderators do."""
    at: Mapped[datetime] = mapped_column(default=utc_now)


class SecondLook(Base):
    """A decision that another moderator takes once more without knowing the first, as a sample."""

    __tablename__ = "second_look"

    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), unique=True)
    consultation_id: Mapped[int | None] = mapped_column(ForeignKey("consultation.id"), index=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    first: Mapped[str] = mapped_column(String(64))
    """``publish``, or ``set_aside:`` and its reason."""
    second_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    second: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    looked_at: Mapped[datetime | None] = mapped_column(index=True)


class ServiceRequest(Base):
    """A contribution that asks for something to be mended, passed on to the service that does it."""

    __tablename__ = "service_request"

    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    service: Mapped[str] = mapped_column(String(64), default="")
    """To which service, in the moderator's words; empty where nobody said."""
    at: Mapped[datetime] = mapped_column(default=utc_now, index=True)
    status: Mapped[str] = mapped_column(String(8), default="open")
    """``open`` or ``closed``, as the service's own program said last."""
    status_notes: Mapped[str] = mapped_column(String(400), default="")
    """The service's words on it."""
    changed_at: Mapped[datetime | None]
    """When the service said so."""
    outside_id: Mapped[str | None] = mapped_column(String(64))
    """Its number in the town's fault-report system; NULL until it was sent there."""
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None]
    """When that system is asked next: to take it, and then what became of it."""
    met: Mapped[str] = mapped_column(String(120), default="")
    """What the last attempt met; empty where it went well."""


class ReportedFault(Base):
    """A contribution that a program handed in as a fault, for a service it named (Open311)."""

    __tablename__ = "reported_fault"

    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    token_id: Mapped[int] = mapped_column(ForeignKey("api_token.id"))
    service: Mapped[str] = mapped_column(String(64))
    """One of the settings' services, as it was called then."""
    at: Mapped[datetime] = mapped_column(default=utc_now)


class SavedView(Base):
    """A question to the list that somebody kept under a name: both can be a resident's, and are sealed."""

    __tablename__ = "saved_view"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    key_id: Mapped[int | None] = mapped_column(ForeignKey("data_key.id"))
    sealed_view: Mapped[bytes | None] = sealed_column("person_id", "id")
    """JSON: ``name`` and ``query``."""
    name: Mapped[str | None] = mapped_column(String(64))
    """It and its query in the clear, as versions before kept them; NULL once the sweeper has sealed them."""
    query: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    shared: Mapped[bool] = mapped_column(default=False, index=True)
    at: Mapped[datetime] = mapped_column(default=utc_now)


class DeskSettings(Base):
    """How somebody's desk answers to keys."""

    __tablename__ = "desk_settings"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    shortcuts: Mapped[bool] = mapped_column(default=True)
    """Off for whoever works with a screen reader, whose keys they would take."""
    keys: Mapped[dict[str, Any]]
    """Action to key, where it is not the usual one."""


class BulkAction(Base):
    """What was done to many contributions at once, so that it can be taken back at once."""

    __tablename__ = "bulk_action"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    action: Mapped[str] = mapped_column(String(32))
    lines: Mapped[list[Any]] = mapped_column(JSON)
    """For each contribution its number, and what it takes to undo it: a line of history, or what was before."""
    at: Mapped[datetime] = mapped_column(default=utc_now)
    undone_at: Mapped[datetime | None]


class Appeal(Base):
    """The author does not agree with what was decided: somebody else than who decided looks again."""

    __tablename__ = "appeal"
    __table_args__ = (some_of("ix_appeal_open", OPEN_APPEAL, "contribution_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), index=True)
    noted_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Who must not be the one to look again."""
    at: Mapped[datetime] = mapped_column(default=utc_now)
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    outcome: Mapped[str | None] = mapped_column(String(32))
    """``upheld`` or ``changed``."""


class PostModeration(Base):
    """Of a consultation that is moderated after publication: what was published unread, and what was held back."""

    __tablename__ = "post_moderation"
    __table_args__ = (some_of("ix_post_moderation_unread", UNREAD_PUBLICATION, "contribution_id"),)

    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    held: Mapped[str] = mapped_column(String(16))
    """Why it waits for a moderator all the same; empty where it was published."""
    at: Mapped[datetime] = mapped_column(default=utc_now)
    read_at: Mapped[datetime | None]
    """When a moderator has read or decided it."""
    read_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Contest(Base):
    """The author says that what we understood is not what they meant: a person looks again."""

    __tablename__ = "contest"
    __table_args__ = (some_of("ix_contest_open", OPEN_APPEAL, "contribution_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), index=True)
    way: Mapped[Channel]
    """How it was said."""
    at: Mapped[datetime] = mapped_column(default=utc_now)
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class Draft(Base):
    """What one person typed on one opened page of a contribution; sealed with the contribution's key."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("contribution_id", "person_id", "sheet"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    sheet: Mapped[str] = mapped_column(String(32))
    """The opened page: each has its own draft, so that two tabs never overwrite each other."""
    based_on: Mapped[int]
    """Number of the version of the text that the page showed; 0 for none."""
    number: Mapped[int]
    """Rises as more is typed: an older copy that comes late does not overwrite a newer one."""
    sealed_body: Mapped[bytes | None] = sealed_column("contribution_id", "person_id", "sheet")
    """NULL once it was saved, thrown away or taken over by a newer page; then only late copies are known by it."""
    saved_at: Mapped[datetime] = mapped_column(default=utc_now)
