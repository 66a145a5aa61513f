"""Tombstones: what was erased, written down where a restored backup finds it.

One row in the database, and one line in a file beside the master keys, which are in no backup.
A line names the row by its subject and by the time it was made: after a restore, numbers are
given again, and the new part 12 is not the one that was erased.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from config.enums import Channel
from inbox.models import Contribution, Intake, Part, Tombstone
from inbox.models.column_types import utc_now
from inbox.storage.crypto import Keyring, fsync_folder, give_to_group
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import after_commit
from inbox.storage.upsert import insert_if_new

FILE = "tombstones"
_BATCH = 500

_MADE: dict[str, tuple[type[Intake | Part | Contribution], InstrumentedAttribute[datetime]]] = {
    "contribution": (Contribution, Contribution.created_at),
    "part": (Part, Part.created_at),
    "intake": (Intake, Intake.received_at),
}


@dataclass(frozen=True, slots=True)
class TombstoneLine:
    """One erased row: ``contribution:12``, when the row was made, and when it was erased (ISO 8601, UTC)."""

    subject: str
    made_at: str
    erased_at: str
    came_as: str = ""
    """The keyed hash of what an intake is outside, by which it is known when it is offered again; else empty."""


def write_tombstone(session: Session, subject: str) -> None:
    """Write a tombstone, in this transaction; the file gets its line once it is committed."""
    now = utc_now()
    if not insert_if_new(session, Tombstone, subject=subject, erased_at=now):
        session.execute(update(Tombstone).where(Tombstone.subject == subject).values(erased_at=now))
    made = row_created_at(session, subject)
    assert made is not None
    keyring = vault_of(session).keyring
    line = TombstoneLine(subject, made.isoformat(), now.isoformat(), _came_as(session, keyring, subject))
    folder = keyring.folder
    after_commit(session, lambda: append_lines(folder, [line]))


def row_created_at(session: Session, subject: str) -> datetime | None:
    """When the row of this name was made; None when there is none."""
    kind, number = subject.split(":")
    model, made = _MADE[kind]
    return session.scalar(select(made).where(model.id == int(number)))


def _came_as(session: Session, keyring: Keyring, subject: str) -> str:
    kind, number = subject.split(":")
    intake = session.get(Intake, int(number)) if kind == "intake" else None
    return external_hash(keyring, intake.channel, intake.account, intake.external_id) if intake is not None else ""


def external_hash(keyring: Keyring, channel: Channel, account: str, external_id: str) -> str:
    """By what an intake is known for ever, also where its row is in no backup: a keyed hash of its identity outside."""
    return keyring.keyed_hash("intake", "\0".join((channel, account, external_id)).encode())


def erased_external_hashes(folder: Path) -> set[str]:
    """The hashes (``external_hash``) of every intake that was ever erased."""
    return {line.came_as for line in read_tombstones(folder) if line.came_as}


def append_lines(folder: Path, lines: list[TombstoneLine]) -> None:
    """Add lines to the file, durably and one process at a time."""
    path = folder / FILE
    is_new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "ab+") as file:
        if is_new:
            give_to_group(descriptor, path.parent)
        fcntl.flock(file, fcntl.LOCK_EX)
        text = "".join(json.dumps(asdict(line)) + "\n" for line in lines)
        if file.tell() and not _ends_with_newline(file.fileno()):
            text = "\n" + text  # a line was cut short by a power failure
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        fsync_folder(folder)


def _ends_with_newline(descriptor: int) -> bool:
    return os.pread(descriptor, 1, os.fstat(descriptor).st_size - 1) == b"\n"


def read_tombstones(folder: Path) -> Iterator[TombstoneLine]:
    """Every tombstone in the file; a line cut short is passed over, ``write_missing_lines`` writes it again."""
    try:
        text = (folder / FILE).read_text()
    except FileNotFoundError:
        return
    for line in text.splitlines():
        try:
            yield TombstoneLine(**json.loads(line))
        except (ValueError, TypeError):
            continue


def write_missing_lines(store: Store) -> int:
    """Write the lines that are in the database but not in the file: its process was killed in between. How many."""
    written = set(read_tombstones(store.keyring.folder))
    missing = []
    with store.read() as session:
        for row in session.scalars(select(Tombstone).order_by(Tombstone.erased_at)):
            made = row_created_at(session, row.subject)
            if made is not None:
                came_as = _came_as(session, store.keyring, row.subject)
                line = TombstoneLine(row.subject, made.isoformat(), row.erased_at.isoformat(), came_as)
                if line not in written:
                    missing.append(line)
    if missing:
        append_lines(store.keyring.folder, missing)
    return len(missing)


def tombstones_to_reapply(session: Session, folder: Path) -> list[str]:
    """The subjects in the file whose very rows are in the database and not erased there: it was restored."""
    # The same row has the same time, to the microsecond; one that got its number later has another.
    wanted = {(line.subject, line.made_at) for line in read_tombstones(folder)}
    found: list[str] = []
    for kind, (model, made) in _MADE.items():
        ids = sorted({int(s.split(":")[1]) for s, _ in wanted if s.startswith(f"{kind}:")})
        for start in range(0, len(ids), _BATCH):
            some = ids[start : start + _BATCH]
            rows = session.execute(select(model.id, made).where(model.id.in_(some), model.erased_at.is_(None)))
            found += [f"{kind}:{number}" for number, at in rows if (f"{kind}:{number}", at.isoformat()) in wanted]
    return found
