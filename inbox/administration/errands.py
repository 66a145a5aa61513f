"""Errands: what a page asks for and no request can wait for, done by one process, with its progress and its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from inbox.models import Errand
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.records import history
from inbox.storage.envelope_encryption import vault_of

LEASE = timedelta(seconds=60)
"""How long an errand belongs to who took it last, or who last said how far it is."""


WORDS_KEPT = timedelta(days=1)
"""How long the words of a draft can be read."""


class ErrandKind(StrEnum):
    """What can be asked for."""

    LOOK = "look"  # at everything outside: is it there, does it answer
    TEST_TEXT = "test_text"
    TEST_CALL = "test_call"
    TEST_MAIL = "test_mail"
    CHECK_MAILBOX = "check_mailbox"
    BACKUP = "backup"
    CHECK_BACKUP = "check_backup"
    DRAFT = "draft"  # of a report, by the town's own language model
    INSTALL_MODEL = "install_model"  # about: the model's name, and its archive's checksum where the catalogue has none
    RESTORE = "restore"  # beside what runs
    ARCHIVE = "archive"  # about: a consultation's short name
    UNARCHIVE = "unarchive"


@dataclass(frozen=True, slots=True)
class RunningErrand:
    """An errand somebody is doing."""

    id: int
    kind: ErrandKind
    about: str
    to: str
    token: int


@dataclass(frozen=True, slots=True)
class ErrandStatus:
    """An errand as a page shows it."""

    id: int
    kind: ErrandKind
    about: str
    asked_at: datetime
    ended_at: datetime | None
    succeeded: bool | None
    progress: Mapping[str, Any]
    result: Mapping[str, Any]

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done, or being done."""
        return self.ended_at is None


def has_pending_errands(session: Session) -> bool:
    """Whether any errand is still to be done."""
    return session.scalar(select(Errand.id).where(Errand.ended_at.is_(None)).limit(1)) is not None


def last_requested(session: Session, kind: ErrandKind) -> datetime | None:
    """When an errand of this kind was last asked for."""
    return session.scalar(select(func.max(Errand.asked_at)).where(Errand.kind == kind))


def last_succeeded(session: Session, kind: ErrandKind) -> datetime | None:
    """When an errand of this kind last ended well."""
    return session.scalar(select(func.max(Errand.ended_at)).where(Errand.kind == kind, Errand.succeeded.is_(True)))


def request_errand(session: Session, kind: ErrandKind, *, about: str = "", to: str = "", by: int | None = None) -> int:
    """Ask for an errand; its id. One of the same kind about the same, not yet ended, is enough."""
    waiting = session.scalar(
        select(Errand.id).where(Errand.kind == kind, Errand.about == about, Errand.ended_at.is_(None)).limit(1)
    )
    if waiting is not None and not to:
        return waiting
    vault = vault_of(session)
    key_id = vault.new_key(session).id if to else None
    row = Errand(kind=kind, about=about, key_id=key_id, asked_by_id=by, progress={}, result={}, token=0)
    session.add(row)
    session.flush()
    if key_id is not None:
        row.sealed_to = vault.seal_text(session, key_id, to, place_of(Errand.sealed_to, row))
    history.record_event(session, f"errand:{row.id}", "errand_asked", by, {"kind": kind.value})
    return row.id


def claim_errand(session: Session, now: datetime | None = None) -> RunningErrand | None:
    """Take the oldest errand that nobody does; None when there is none."""
    now = now or utc_now()
    free = or_(Errand.taken_at.is_(None), Errand.taken_at < now - LEASE)
    row = session.scalars(
        select(Errand).where(Errand.ended_at.is_(None), free).order_by(Errand.id).limit(1).with_for_update()
    ).first()
    if row is None:
        return None
    row.taken_at, row.token = now, row.token + 1
    return RunningErrand(row.id, ErrandKind(row.kind), row.about, _sealed_words(session, row), row.token)


def _sealed_words(session: Session, row: Errand) -> str:
    if row.key_id is None:
        return ""
    return vault_of(session).text_left(session, row.key_id, row.sealed_to, place_of(Errand.sealed_to, row))


def note_progress(session: Session, taken: RunningErrand, what: str, done: int, of_all: int) -> bool:
    """Say how far it is; False when it belongs to somebody else by now."""
    values = {"taken_at": utc_now(), "progress": {"what": what, "done": done, "all": of_all}}
    mine = (Errand.id == taken.id, Errand.token == taken.token, Errand.ended_at.is_(None))
    return session.scalar(update(Errand).where(*mine).values(**values).returning(Errand.id)) is not None


def end_errand(session: Session, taken: RunningErrand, *, succeeded: bool, result: Mapping[str, Any]) -> None:
    """Say how it ended; the address it went to is forgotten."""
    row = session.get(Errand, taken.id, with_for_update=True)
    if row is None or row.token != taken.token or row.ended_at is not None:
        return
    row.ended_at, row.succeeded, row.result, row.progress = utc_now(), succeeded, dict(result), {}
    row.sealed_to = None
    if row.key_id is not None:
        vault_of(session).destroy_key(session, row.key_id)


def end_with_words(session: Session, taken: RunningErrand, words: str, said: str) -> None:
    """It ended well, with words that stay sealed until they are forgotten."""
    row = session.get(Errand, taken.id, with_for_update=True)
    if row is None or row.token != taken.token or row.ended_at is not None or row.key_id is None:
        return
    row.ended_at, row.succeeded, row.result, row.progress = utc_now(), True, {"said": said}, {}
    row.sealed_to = vault_of(session).seal_text(session, row.key_id, words, place_of(Errand.sealed_to, row))


def words_of(session: Session, errand_id: int) -> str:
    """The words with which an errand ended; empty where they were forgotten, or are older than a day."""
    row = session.get(Errand, errand_id)
    if row is None or row.key_id is None or row.ended_at is None or row.ended_at < utc_now() - WORDS_KEPT:
        return ""
    return _sealed_words(session, row)


def forget_words(session: Session) -> None:
    """Forget the words of all drafts, also of those that are being written: somebody quoted in one may be gone."""
    of = (Errand.kind == ErrandKind.DRAFT, Errand.sealed_to.is_not(None), Errand.key_id.is_not(None))
    for row in session.scalars(select(Errand).where(*of)):
        row.sealed_to, row.ended_at = None, row.ended_at or utc_now()
        if row.key_id is not None:
            vault_of(session).destroy_key(session, row.key_id)


def record_finished_errand(session: Session, kind: ErrandKind, result: Mapping[str, Any]) -> None:
    """Note what was done without being asked for on a page, as by the command line."""
    now = utc_now()
    done = Errand(kind=kind, about="", progress={}, result=dict(result), token=0, taken_at=now, ended_at=now)
    done.succeeded = True
    session.add(done)


def newest_errands(session: Session, kind: ErrandKind, about: str | None = None, limit: int = 1) -> list[ErrandStatus]:
    """The newest errands of a kind, the newest first."""
    wanted = [Errand.kind == kind, *([] if about is None else [Errand.about == about])]
    rows = session.scalars(select(Errand).where(*wanted).order_by(Errand.id.desc()).limit(limit))
    return [errand_status(row) for row in rows]


def errand_status(row: Errand) -> ErrandStatus:
    """An errand apart from its session."""
    return ErrandStatus(
        row.id,
        ErrandKind(row.kind),
        row.about,
        row.asked_at,
        row.ended_at,
        row.succeeded,
        row.progress,
        row.result,
    )


def find_errand(session: Session, errand_id: int) -> ErrandStatus | None:
    """One errand; None when there is none of this id."""
    row = session.get(Errand, errand_id)
    return errand_status(row) if row is not None else None
