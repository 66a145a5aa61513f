"""Paper: copies of printed forms, what became of each scanned page, what people are asked about it, a batch's end."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from config.enums import BatchTick, DeskKind, DeskSaid, PageEnd
from inbox.models.base import Base, some_of
from inbox.models.column_types import sealed_column, utc_now

ASKED = "is_open"
"""The condition of an index, to be repeated word by word in a query that is to use it."""


class FormCopy(Base):
    """The reference on a copy's slip, and the form that it was printed on."""

    __tablename__ = "form_copy"

    reference: Mapped[str] = mapped_column(String(9), ForeignKey("reference.number"), primary_key=True)
    form_number: Mapped[str] = mapped_column(String(11), ForeignKey("printed_form.number"), index=True)


class ScannedPage(Base):
    """What became of one page of a scanned file."""

    __tablename__ = "scanned_page"
    __table_args__ = (UniqueConstraint("intake_id", "file", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    intake_id: Mapped[int] = mapped_column(ForeignKey("intake.id"))
    file: Mapped[int]
    """Which of the files of one mail, from 1."""
    number: Mapped[int]
    """From 1; 0 for a file that has no pages, or could not be opened."""
    ending: Mapped[PageEnd]
    part_id: Mapped[int | None] = mapped_column(ForeignKey("part.id"), index=True)
    typed: Mapped[str | None] = mapped_column(String(27))
    """The digits of its code as a person typed them in, where no machine could read them."""


class DeskItem(Base):
    """One thing on a form that a person is asked about at the keying desk."""

    __tablename__ = "desk_item"
    __table_args__ = (
        UniqueConstraint("medium_id", "field"),
        some_of("ix_desk_item_open", ASKED, "kind", "field", "id"),
        some_of("ix_desk_item_open_centre", ASKED, "centre_id", "kind", "field", "id"),
        Index(None, "part_id"),
        Index(None, "batch_id", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[DeskKind]
    field: Mapped[str] = mapped_column(String(64))
    """The zone, the row or the box, as its form calls it: alike ones are asked about in a row."""
    medium_id: Mapped[int] = mapped_column(ForeignKey("medium.id"))
    """What the answer is about."""
    picture_id: Mapped[int] = mapped_column(ForeignKey("medium.id"))
    """What is shown: nothing but the place itself."""
    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"))
    batch_id: Mapped[int] = mapped_column(ForeignKey("intake.id"))
    centre_id: Mapped[int | None] = mapped_column(ForeignKey("centre.id"))
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Of its file, as it was handed in."""
    wanted: Mapped[int] = mapped_column(default=1)
    """How many people are asked, none knowing what the others said."""
    settles: Mapped[str] = mapped_column(String(255), default="")
    """The sentence of its part's reason that no longer holds once all that settle it are answered."""
    is_open: Mapped[bool] = mapped_column(default=True)
    held_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    held_until: Mapped[datetime | None]
    """Until when it is on somebody's screen and nobody else's."""


class DeskAnswer(Base):
    """What one person typed or said about one thing; sealed with the part's key, kept while it is typed."""

    __tablename__ = "desk_answer"
    __table_args__ = (UniqueConstraint("item_id", "person_id", "turn"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("desk_item.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    turn: Mapped[int] = mapped_column(default=0, server_default="0")
    """Rises where the same person was asked again, because nobody else was left to be asked."""
    said: Mapped[DeskSaid | None]
    """NULL while it is still being typed."""
    has_name: Mapped[bool] = mapped_column(default=False)
    """Whether it names somebody, as who typed it says."""
    number: Mapped[int] = mapped_column(default=0)
    """Rises as more is typed: an older copy that comes late does not overwrite a newer one."""
    sealed_body: Mapped[bytes | None] = sealed_column("item_id", "person_id", "turn")
    at: Mapped[datetime] = mapped_column(default=utc_now)


class BatchMark(Base):
    """What a person ticked at the end of a batch."""

    __tablename__ = "batch_mark"

    batch_id: Mapped[int] = mapped_column(ForeignKey("intake.id"), primary_key=True)
    what: Mapped[BatchTick] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(default=utc_now)


class StatedAge(Base):
    """The age group that somebody ticked on a form of ours."""

    __tablename__ = "stated_age"

    part_id: Mapped[int] = mapped_column(ForeignKey("part.id"), primary_key=True)
    age_group: Mapped[str] = mapped_column(String(16))
    """First and last age, as ``18-29``; ``60-`` has no end."""
