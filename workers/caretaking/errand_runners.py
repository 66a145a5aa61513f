"""How each errand is done. Whatever goes wrong becomes its result: a person waits for it at a page."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Self

import requests

from channels.base.errors import ChannelError, NotReady, ProviderNotSetUp
from config.probe import run_probe
from gateway.base.backup_files import backup_file_name, delete_old_backups, find_backup
from gateway.mail.imap_auth import TROUBLES, ImapSignIn
from gateway.mail.imap_auth import imap_error_remedy as told_mail
from gateway.probes.doctor import all_probes
from inbox.administration import errands
from inbox.administration.errands import ErrandKind, RunningErrand
from inbox.backup import restored_place
from inbox.backup.archive import NotABackup
from inbox.backup.backup_check import check_backup
from inbox.backup.backups import create_backup
from inbox.consultations import archives
from inbox.errors import Damaged, InboxError, KeysMissing, WrongSchema
from inbox.models.column_types import utc_now
from inbox.storage.disk_errors import cannot_be_written
from inbox.storage.unit_of_work import SQLAlchemyError
from transcription.audio.model_catalogue import install_known, known_model
from transcription.base.values import ModelError
from transcription.engine_probes import must_hear
from workers.caretaking import model_drafts, town_messages
from workers.errors import MailNotReady, MailRefused, NotSetUp, WorkersError
from workers.runtime.watcher_context import WatcherContext

log = logging.getLogger(__name__)

SAY_EVERY_SECONDS = 2.0
KEPT_UP_SECONDS = 5.0
"""Far less than an errand's lease."""
SECONDS = 15.0
"""How long a mail server may take to answer somebody who waits at a page."""

Result = dict[str, Any]


def run_errand(here: WatcherContext, taken: RunningErrand) -> None:
    """Do an errand, and note how it ended."""
    try:
        succeeded, result = True, RUNNERS[taken.kind](here, taken)
    except Exception as error:
        succeeded, result = False, _blamed(error)
        log.warning("errand %d (%s): %s", taken.id, taken.kind, type(error).__name__, exc_info=error)
    with here.store.write() as session:
        errands.end_errand(session, taken, succeeded=succeeded, result=result)


def _blamed(error: Exception) -> Result:
    if isinstance(error, NotSetUp | ProviderNotSetUp):
        return {"said": "not_set_up", "detail": str(error)}
    if isinstance(error, requests.RequestException | MailNotReady | NotReady | ConnectionError | TimeoutError):
        return {"said": "not_reached", "detail": _detail(error)}
    if isinstance(error, FileNotFoundError):
        return {"said": "no_such_file"}
    if isinstance(error, OSError | SQLAlchemyError) and cannot_be_written(error):
        return {"said": "no_room"}
    if isinstance(error, MailRefused | ChannelError):
        return {"said": "refused", "detail": str(error)}
    if isinstance(error, ModelError):
        return {"said": "model_not_installed", "detail": f"{error} {error.remedy}"}
    if isinstance(error, KeysMissing | WrongSchema):
        return {"said": "no_keys" if isinstance(error, KeysMissing) else "too_new", "detail": str(error)}
    if isinstance(error, InboxError):
        return {"said": "damaged" if isinstance(error, Damaged | NotABackup) else "failed", "detail": str(error)}
    return {"said": "failed", "detail": _detail(error)}


def _detail(error: Exception) -> str:
    # An unforeseen error's own words may hold an address.
    return str(error) if isinstance(error, WorkersError) else type(error).__name__


# --- each kind ----------------------------------------------------------------------------------


def _check_mailbox(here: WatcherContext, taken: RunningErrand) -> Result:
    mailbox = next((one for one in here.settings.mailboxes if one.name.casefold() == taken.about.casefold()), None)
    if mailbox is None:
        raise NotSetUp("There is no such mailbox.", "Set it on the page of mailboxes.")
    try:
        with ImapSignIn(mailbox, SECONDS, SECONDS, store=here.store).client() as client:
            gone = [folder for folder in mailbox.folders if not client.folder_exists(folder)]
    except TROUBLES as error:
        raise MailRefused(told_mail(error)) from None
    if gone:
        raise MailRefused(f"there is no folder {', '.join(gone)}")
    return {"said": "mailbox_answers"}


def _look(here: WatcherContext, taken: RunningErrand) -> Result:
    every = all_probes(here.settings, lambda: here.store)
    found = []
    for done, probe in enumerate(every):
        with here.store.write() as session:
            errands.note_progress(session, taken, "looking", done, len(every))
        found.append(asdict(run_probe(probe)))
    return {"said": "all_looked_at", "probes": found}


def _backup(here: WatcherContext, taken: RunningErrand) -> Result:
    folder = here.settings.backups.folder
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / backup_file_name(here.settings, datetime.now(here.settings.zone))
    manifest = create_backup(here.store, target, _progress(here, taken))
    target.chmod(0o600)
    delete_old_backups(here.settings)
    return {
        "said": "backup_made",
        "name": target.name,
        "rows": manifest.rows,
        "files": manifest.files,
        "missing": len(manifest.missing),
        "size": target.stat().st_size,
    }


def _check_backup(here: WatcherContext, taken: RunningErrand) -> Result:
    file = find_backup(here.settings, taken.about)
    if file is None:
        raise FileNotFoundError(taken.about)
    manifest = check_backup(file, here.store.keyring, _progress(here, taken))
    return {"said": "backup_whole", "rows": manifest.rows, "files": manifest.files}


def _install_model(here: WatcherContext, taken: RunningErrand) -> Result:
    name, _, sha256 = taken.about.partition(" ")
    known = known_model(name)
    if known is None:
        raise ModelError(f"No model of the catalogue is called {name}.", "Choose one that the page shows.")
    settings = here.settings
    with _KeptUp(here, taken, "fetching") as kept:
        model = install_known(
            known,
            settings.models_dir,
            kept.note,
            sha256=sha256 or None,
            replace=True,
            attempt=must_hear(settings.language),
        )
    return {"said": "model_installed", "name": model.name}


def _draft(here: WatcherContext, taken: RunningErrand) -> Result:
    with _KeptUp(here, taken, "drafting"):
        return model_drafts.write(here, taken)


class _KeptUp:
    """Says every few seconds that an errand goes on, however long nothing of it moves, so that nobody else takes it."""

    def __init__(self, here: WatcherContext, taken: RunningErrand, what: str) -> None:
        self._here, self._taken, self._what = here, taken, what
        self._done, self._of_all = 0, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """It is over."""
        self._over.set()
        self._thread.join()

    def note(self, done: int, of_all: int | None) -> None:
        """How far it is."""
        self._done, self._of_all = done, of_all or 0

    def _go_on(self) -> None:
        while True:
            try:
                with self._here.store.write() as session:
                    errands.note_progress(session, self._taken, self._what, self._done, self._of_all)
            except (SQLAlchemyError, InboxError) as error:  # it is said again a moment later
                log.warning("errand %d: %s", self._taken.id, type(error).__name__)
            if self._over.wait(KEPT_UP_SECONDS):
                return


def _restore(here: WatcherContext, taken: RunningErrand) -> Result:
    file, place = find_backup(here.settings, taken.about), restored_place.place_of(here.settings)
    if file is None:
        raise FileNotFoundError(taken.about)
    if place is None:
        raise restored_place.NotHere("the database or the recordings lie elsewhere than in the data folder")
    found = restored_place.restore_beside(file, place, here.store.keyring, _progress(here, taken))
    return {
        "said": "restored",
        "made_at": found.restored.made_at,
        "contributions": found.contributions,
        "people": found.people,
        "files": found.restored.files,
        "missing": len(found.restored.missing),
        "erased_again": found.restored.erased_again,
    }


def _archive(here: WatcherContext, taken: RunningErrand) -> Result:
    today = utc_now().astimezone(here.settings.zone).date()
    with _KeptUp(here, taken, "archiving"):
        try:
            found = archives.archive_consultation(here.store, taken.about, today)
        except archives.NotConcluded:
            return {"said": "not_concluded"}
    return {"said": "archived", "rows": found.rows, "size": found.bytes}


def _unarchive(here: WatcherContext, taken: RunningErrand) -> Result:
    with _KeptUp(here, taken, "unarchiving"):
        return {"said": "unarchived", "rows": archives.restore_consultation(here.store, taken.about)}


def _progress(here: WatcherContext, taken: RunningErrand) -> Callable[[str, int, int], None]:
    said_at = 0.0

    def say(what: str, done: int, of_all: int) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= SAY_EVERY_SECONDS:
            said_at = time.monotonic()
            with here.store.write() as session:
                errands.note_progress(session, taken, what, done, of_all)

    return say


RUNNERS: Mapping[ErrandKind, Callable[[WatcherContext, RunningErrand], Result]] = {
    ErrandKind.TEST_TEXT: town_messages.send_test_text,
    ErrandKind.TEST_CALL: town_messages.place_test_call,
    ErrandKind.TEST_MAIL: town_messages.send_test_mail,
    ErrandKind.CHECK_MAILBOX: _check_mailbox,
    ErrandKind.LOOK: _look,
    ErrandKind.BACKUP: _backup,
    ErrandKind.CHECK_BACKUP: _check_backup,
    ErrandKind.INSTALL_MODEL: _install_model,
    ErrandKind.RESTORE: _restore,
    ErrandKind.DRAFT: _draft,
    ErrandKind.ARCHIVE: _archive,
    ErrandKind.UNARCHIVE: _unarchive,
}
