"""What moderators typed and have not saved yet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from inbox.models.base import Base
from inbox.models.column_types import utc_now


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
    sealed_body: Mapped[bytes | None] = mapped_column(LargeBinary)
    """NULL once it was saved, thrown away or taken over by a newer page; then only late copies are known by it."""
    saved_at: Mapped[datetime] = mapped_column(default=utc_now)
