"""Erases at a resident's own wish, once the time is over in which it can be taken back."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox import erasures
from inbox.erase import erase_contribution, scrub
from inbox.models import Intake
from inbox.steps import Done, Ending, Later, Lease, NeedsPerson
from workers.workshop import Workshop

UNRECOGNISED = "Somebody asks to have a contribution erased who could not be recognised: a person decides."
NO_LONGER_ALONE = "The contribution to be erased now holds other people's words too: a person decides."


def erase(here: Workshop, lease: Lease, _folder: Path) -> Callable[[Session], Ending]:
    """ERASE: the contribution a text message asked to erase, in the transaction that ends the step.

    Erasing is one run, having the database forget the deleted words the next: that cannot be
    done inside a transaction. Run again, it finds the contribution erased, and only the second is done.
    """
    with here.store.read() as session:
        order = erasures.order_of(session, lease.intake_id)
        is_erased = order is None or erasures.is_erased(session, order.contribution_id)
    if is_erased:
        scrub(here.store)
    return lambda session: Done() if order is None or is_erased else _carry_out(session, lease, order)


def _carry_out(session: Session, lease: Lease, order: erasures.Order) -> Ending:
    if order.for_a_person:
        return NeedsPerson(UNRECOGNISED)
    asked_by = session.scalar(select(Intake.contributor_id).where(Intake.id == lease.intake_id))
    if not erasures.belongs_to(session, order.contribution_id, asked_by):
        return NeedsPerson(NO_LONGER_ALONE)
    erase_contribution(session, order.contribution_id, by=None, reason="asked_by_text")
    return Later("it is erased; the database has yet to forget the words", after=timedelta(0))
