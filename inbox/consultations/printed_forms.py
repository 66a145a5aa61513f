"""Printed forms: layouts, stored once and found by the number in their codes, and the references of their copies."""

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from inbox.models import FormCopy, Intake, PrintedForm, Reference
from inbox.records import intake_lookup, references
from inbox.storage.upsert import insert_if_new


def keep_layout(session: Session, number: str, layout: bytes, consultation_version_id: int | None = None) -> bool:
    """Keep the layout of a form before it is printed; whether it was new. Safe to repeat."""
    return insert_if_new(
        session, PrintedForm, number=number, layout=layout, consultation_version_id=consultation_version_id
    )


def all_layouts(session: Session) -> dict[str, bytes]:
    """Every layout by its form's number, the newest first."""
    rows = session.execute(
        select(PrintedForm.number, PrintedForm.layout).order_by(PrintedForm.printed_at.desc(), PrintedForm.number)
    )
    return {row.number: row.layout for row in rows}


def layout_of(session: Session, number: str) -> bytes | None:
    """The layout of the form of this number; None where none was printed."""
    return session.scalar(select(PrintedForm.layout).where(PrintedForm.number == number))


def form_of_copy(session: Session, reference: str) -> str | None:
    """The number of the form whose copy bears this reference; None where no copy does."""
    return session.scalar(select(FormCopy.form_number).where(FormCopy.reference == reference))


def claim_copy(session: Session, reference: str, intake: Intake) -> bool:
    """Let a printed number that nothing has come under yet be this call's; whether it is now. Safe to repeat.

    What the call says comes under the consultation of the form or card that it stands on.
    """
    printed = session.scalar(
        select(PrintedForm)
        .join(FormCopy, FormCopy.form_number == PrintedForm.number)
        .where(FormCopy.reference == reference)
    )
    slip = session.get(Reference, reference, with_for_update=True, populate_existing=True)
    if printed is None or slip is None or slip.contribution_id is not None or slip.part_id is not None:
        return False
    if slip.intake_id not in (None, intake.id) and intake_lookup.has_parts(session, slip.intake_id):
        return False  # somebody is speaking under it, or has
    if slip.intake_id != intake.id and references.spoken_in(session, intake.id) is not None:
        return False  # one call has one number
    slip.intake_id = intake.id
    if printed.consultation_version_id is not None and not intake_lookup.has_parts(session, intake.id):
        intake.consultation_version_id = printed.consultation_version_id
    session.flush()
    return True


def issue_copies(session: Session, number: str, copies: int) -> list[str]:
    """References for so many copies of a form, which must be kept already."""
    issued = references.issue_references(session, copies)
    if issued:
        session.execute(insert(FormCopy), [{"reference": one, "form_number": number} for one in issued])
    return issued
