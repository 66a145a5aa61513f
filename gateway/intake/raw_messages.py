"""Raw messages as they were stored, opened again: compared, or written to a file for whoever reads them."""

from __future__ import annotations

from pathlib import Path

from inbox.errors import Destroyed, KeysRefused, NotStored
from inbox.models import Arrival, Intake
from inbox.models.sealed_places import place_of
from inbox.records.waiting_mails import WaitingMail
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import Session


def arrival_begins_with(session: Session, arrival: Arrival, beginning: bytes) -> bool:
    """Whether an arrival's raw bytes begin with these; False where they are kept no longer, or may not be opened here.

    A watcher that only seals then takes the mail in once more, rather than not at all: where a limit was lowered, and
    the server has numbered its folder anew.
    """
    vault = vault_of(session)
    key_id = arrival.intake.key_id
    try:
        if arrival.sealed_raw is not None:
            place = place_of(Arrival.sealed_raw, arrival)
            return vault.open(session, key_id, arrival.sealed_raw, place).startswith(beginning)
        if arrival.locator is None:
            return False
        return b"".join(vault.read_file(session, key_id, arrival.locator, length=len(beginning))) == beginning
    except (Destroyed, NotStored, KeysRefused):
        return False


def copy_raw_message(session: Session, arrival: Arrival, target: Path) -> Path:
    """Write an arrival's raw bytes to ``target``, in bounded memory; raises ``Destroyed`` when they were erased."""
    key_id = session.get_one(Intake, arrival.intake_id).key_id
    return _written(session, (key_id, arrival), target)


def write_raw(session: Session, mail: WaitingMail, target: Path) -> Path:
    """The same for a mail that waits."""
    return _written(session, (mail.key_id, mail), target)


def _written(session: Session, sealed: tuple[int, Arrival | WaitingMail], target: Path) -> Path:
    """``sealed``: the key, and what it seals."""
    vault, (key_id, arrival) = vault_of(session), sealed
    if arrival.sealed_raw is not None:
        place = place_of(Arrival.sealed_raw, arrival)
        target.write_bytes(vault.open(session, key_id, arrival.sealed_raw, place))
    elif arrival.locator is not None:
        vault.copy_out(session, key_id, arrival.locator, target)
    else:
        raise Destroyed(f"The original of intake {arrival.intake_id} is kept no longer.")
    return target
