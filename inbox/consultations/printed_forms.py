"""Layouts of forms that were printed: stored once, and found by the number in their codes."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.models import PrintedForm
from inbox.storage.upsert import insert_if_new


def keep_layout(session: Session, number: str, layout: bytes, consultation_version_id: int | None = None) -> bool:
    """Keep the layout of a form before it is printed; whether it was new. Safe to repeat."""
    return insert_if_new(
        session, PrintedForm, number=number, layout=layout, consultation_version_id=consultation_version_id
    )


def layouts(session: Session) -> dict[str, bytes]:
    """Every layout by its form's number, the newest first."""
    rows = session.execute(
        select(PrintedForm.number, PrintedForm.layout).order_by(PrintedForm.printed_at.desc(), PrintedForm.number)
    )
    return {row.number: row.layout for row in rows}
