"""The town's logo: one row, or none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inbox.models import TownLogo
from inbox.models.column_types import utc_now
from inbox.records import history


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture that browsers show as it is."""

    mimetype: str
    content: bytes


def read_logo(session: Session) -> Logo | None:
    """The logo, if the town has one."""
    found = session.execute(select(TownLogo.mimetype, TownLogo.content)).first()
    return Logo(found.mimetype, found.content) if found is not None else None


def logo_changed_at(session: Session) -> datetime | None:
    """When the logo was handed in; None where there is none."""
    return session.scalar(select(TownLogo.changed_at))


def replace_logo(session: Session, logo: Logo | None, by: int) -> None:
    """Put a logo in the place of the one there is; None takes it away."""
    session.execute(delete(TownLogo))
    if logo is not None:
        session.add(TownLogo(mimetype=logo.mimetype, content=logo.content, changed_at=utc_now()))
    history.record_event(session, "setting:logo", "setting_changed", by)
