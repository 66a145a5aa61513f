"""Takes mail apart."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.email.parse import parse_mail
from gateway.correspondence import take_in_letter
from gateway.intake import copy_raw
from gateway.reading import mail_parts
from inbox.models import Arrival
from inbox.steps import Done, Ending, Lease
from workers.errors import SubjectGone
from workers.workshop import Workshop


def copy_arrival(here: Workshop, intake_id: int | None, path: Path) -> Path:
    """Write the first arrival of an intake, a mail or a file, to ``path``."""
    with here.store.read() as session:
        arrival = session.scalar(select(Arrival).where(Arrival.intake_id == intake_id).order_by(Arrival.id).limit(1))
        if arrival is None:
            raise SubjectGone(f"Intake {intake_id} has no arrival.")
        return copy_raw(session, arrival, path)


def take_apart(here: Workshop, lease: Lease, folder: Path) -> Callable[[Session], Ending]:
    """TAKE_APART: a raw mail to its parts, its sender's contributor and its receipt.

    Run again, it finds the parts by their keys and the receipt by its purpose, and adds nothing.
    """
    mail = parse_mail(copy_arrival(here, lease.intake_id, folder / "mail"))
    parts = mail_parts(mail, folder)

    def save(session: Session) -> Ending:
        assert lease.intake_id is not None
        take_in_letter(session, here.settings, lease.intake_id, mail, parts)
        return Done()

    return save
