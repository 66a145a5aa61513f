"""A backup restored beside what runs, and taken up in its place when a person says so.

Both lie in the data folder: what was restored in ``restored``, and, once that was taken up, what ran before in
``before-…``. For a database that is a file and recordings that lie in a folder; elsewhere the command line restores.
Taking up is a handful of renames while nothing runs; it can be killed at any moment and is then gone on with.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

from sqlalchemy import func, select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from inbox.backup.backups import Progress, RestoreSummary, no_progress, restore_from_backup
from inbox.errors import InboxError
from inbox.models import Contribution, Person
from inbox.records import history
from inbox.storage.crypto import Keyring, fsync_folder
from inbox.storage.database import Store, StoreSettings
from inbox.storage.media_store import FolderMedia

KEPT_FOR = timedelta(days=7)
"""How long a copy that nobody works with is kept: what is erased meanwhile is not erased in it."""

_DATABASE, _MEDIA, _ASKED = "portevoix.sqlite", "media", "take-up"
_BESIDE = ("-wal", "-shm")
"""Endings of SQLite's files beside the database."""


class NotHere(InboxError):
    """This installation cannot be restored from its pages, or there is nothing restored."""

    remedy: ClassVar[str] = "Restore on the machine, with `portevoix restore`."


@dataclass(frozen=True, slots=True)
class Place:
    """The folders of one installation."""

    data: Path

    @property
    def restored(self) -> Path:
        """Where a backup is restored."""
        return self.data / "restored"

    @property
    def before(self) -> list[Path]:
        """Where what ran before lies, the newest first."""
        return sorted(self.data.glob("before-*"), reverse=True)

    @property
    def asked(self) -> Path:
        """Stands there once what was restored is to be taken up."""
        return self.restored / _ASKED

    @property
    def is_restored(self) -> bool:
        """Whether there is something to take up, whole."""
        return (self.restored / _DATABASE).exists()

    @property
    def restored_at(self) -> datetime | None:
        """When it was restored; None where nothing is."""
        return _changed(self.restored / _DATABASE)

    @property
    def replaced_at(self) -> datetime | None:
        """When what ran before was replaced, last; None where nothing was, or it is deleted."""
        return _changed(self.before[0]) if self.before else None


def place_of(settings: StoreSettings) -> Place | None:
    """The folders; None where the database or the recordings lie elsewhere than in the data folder."""
    url = make_url(settings.database_url)
    here = url.get_backend_name() == "sqlite" and Path(url.database or "") == settings.data_dir / _DATABASE
    return Place(settings.data_dir) if here and settings.media.store == "folder" else None


def _changed(path: Path) -> datetime | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None


# --- restoring ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """What a restored copy holds."""

    restored: RestoreSummary
    contributions: int
    people: int
    """Accounts; without one, a new first account is made."""


def restore_beside(source: Path, place: Place, keyring: Keyring, progress: Progress = no_progress) -> Found:
    """Restore a backup beside what runs, in place of an earlier one; raises the errors of ``restore``."""
    forget_restored(place)
    half = place.data / "restoring"
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(mode=0o700)
    try:
        media = FolderMedia(half / _MEDIA)
        url = f"sqlite:///{half / _DATABASE}"
        restored = restore_from_backup(source, url=url, keyring=keyring, media=media, progress=progress)
        with _opened(url, keyring, media) as store, store.read() as session:
            found = Found(restored, living(session), session.scalar(select(func.count(Person.id))) or 0)
        # The last connection has folded the log into the database by closing.
        half.rename(place.restored)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise
    fsync_folder(place.data)
    return found


def living(session: Session) -> int:
    """How many contributions there are, erased ones left out."""
    return session.scalar(select(func.count()).select_from(Contribution).where(Contribution.erased_at.is_(None))) or 0


@contextmanager
def _opened(url: str, keyring: Keyring, media: FolderMedia) -> Iterator[Store]:
    store = Store(url, keyring, media)
    try:
        yield store
    finally:
        store.close()


def forget_restored(place: Place) -> None:
    """Destroy what was restored and not taken up."""
    shutil.rmtree(place.restored, ignore_errors=True)


def forget_before(place: Place) -> None:
    """Destroy what ran before."""
    for folder in place.before:
        shutil.rmtree(folder, ignore_errors=True)


def forget_old(place: Place, now: datetime) -> None:
    """Destroy copies that nobody has worked with for ``KEPT_FOR``."""
    for at, forget in ((place.restored_at, forget_restored), (place.replaced_at, forget_before)):
        if at is not None and now - at > KEPT_FOR and not place.asked.exists():
            forget(place)


# --- taking it up -------------------------------------------------------------------------------


def ask_to_take_up(place: Place, keyring: Keyring, login: str, now: datetime) -> None:
    """Have the supervisor take up what was restored, whose history says who wanted it; raises ``NotHere``."""
    if not place.is_restored:
        raise NotHere("nothing is restored")
    url = f"sqlite:///{place.restored / _DATABASE}"
    with _opened(url, keyring, FolderMedia(place.restored / _MEDIA)) as store, store.write() as session:
        by = session.scalar(select(Person.id).where(Person.login == login))
        history.record_event(session, "backup", "backup_taken_up", by)
    half = place.asked.with_suffix(".part")
    half.write_text(f"before-{now:%Y%m%d-%H%M%S}", encoding="ascii")
    half.rename(place.asked)
    fsync_folder(place.restored)


def take_up(place: Place) -> None:
    """Put what was restored in the place of what ran, which must have stopped; goes on where it was killed."""
    before = place.data / place.asked.read_text(encoding="ascii")
    before.mkdir(mode=0o700, exist_ok=True)
    if place.is_restored:
        # The log first: a database without its log is older, one with another's log is damaged.
        for ending in _BESIDE:
            _move(place.data / f"{_DATABASE}{ending}", before)
    for name in (_MEDIA, _DATABASE):
        if (place.restored / name).exists():
            if not (before / name).exists():
                _move(place.data / name, before)
            _move(place.restored / name, place.data)
    for folder in (before, place.data):
        fsync_folder(folder)
    forget_restored(place)
    fsync_folder(place.data)


def _move(what: Path, to: Path) -> None:
    if what.exists():
        what.rename(to / what.name)
