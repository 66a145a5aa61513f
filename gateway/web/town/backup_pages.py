"""Backups from the browser: made, checked, downloaded, restored beside what runs and taken up in its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, abort, flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from config.enums import Role
from config.settings.schema import Settings
from gateway.base.backup_files import backup_files, find_backup
from gateway.web.town.errand_words import ShownErrand, shown_errand
from inbox.administration import errands
from inbox.administration.errands import ErrandKind, ErrandStatus
from inbox.backup import restored_place
from inbox.backup.restored_place import Place
from inbox.models.column_types import utc_now
from inbox.records import history
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import allow, require_person

blueprint = Blueprint("backups", __name__, template_folder="../../templates")


@dataclass(frozen=True)
class ListedBackup:
    """A backup that lies in the folder."""

    name: str
    at: datetime
    size: int
    check: ShownErrand | None


@blueprint.get("/settings/backups")
@allow(Role.ADMINISTRATOR)
def index() -> ResponseReturnValue:
    """The backups there are, the one being made, and what to keep elsewhere."""
    settings = settings_of()
    with store_of().read() as session:
        making = errands.newest_errands(session, ErrandKind.BACKUP)
        restoring = errands.newest_errands(session, ErrandKind.RESTORE)
        contributions = restored_place.living(session)
        kept = []
        for file in backup_files(settings):
            checks = errands.newest_errands(session, ErrandKind.CHECK_BACKUP, file.name)
            kept.append(_kept(file, shown_errand(checks[0]) if checks else None))
    return render_template(
        "gateway/town/backups.html",
        kept=kept,
        making=shown_errand(making[0]) if making else None,
        restoring=shown_errand(restoring[0]) if restoring else None,
        made_at=_made_at(restoring[0]) if restoring else None,
        contributions=contributions,
        place=restored_place.place_of(settings),
        kept_days=restored_place.KEPT_FOR.days,
        folder=settings.backups.folder,
        keys=settings.keys_dir,
        command=_restore_command(settings),
        settings=settings,
    )


def _kept(file: Path, check: ShownErrand | None) -> ListedBackup:
    about = file.stat()
    return ListedBackup(file.name, datetime.fromtimestamp(about.st_mtime, UTC), about.st_size, check)


def _made_at(restoring: ErrandStatus) -> datetime | None:
    said = restoring.result.get("made_at")
    return datetime.fromisoformat(said) if said else None


def _restore_command(settings: Settings) -> str:
    """What is typed on another machine."""
    newest = next(iter(backup_files(settings)), None)
    return f"portevoix restore {newest or settings.backups.folder / 'portevoix-….backup'}"


@blueprint.post("/settings/backups")
@allow(Role.ADMINISTRATOR)
def make() -> ResponseReturnValue:
    """Have one made; everything goes on meanwhile."""
    with store_of().write() as session:
        errands.request_errand(session, ErrandKind.BACKUP, by=require_person().id)
    return redirect(url_for("backups.index", _anchor="making"))


@blueprint.post("/settings/backups/<name>/check")
@allow(Role.ADMINISTRATOR)
def check(name: str) -> ResponseReturnValue:
    """Have one read through."""
    if find_backup(settings_of(), name) is None:
        abort(404)
    with store_of().write() as session:
        errands.request_errand(session, ErrandKind.CHECK_BACKUP, about=name, by=require_person().id)
    return redirect(url_for("backups.index", _anchor="kept"))


@blueprint.get("/settings/backups/<name>")
@allow(Role.ADMINISTRATOR, confirmed=True)
def download(name: str) -> ResponseReturnValue:
    """Hand one out, sealed as it is: without the keys nobody can read it."""
    file = find_backup(settings_of(), name)
    if file is None:
        abort(404)
    with store_of().write() as session:
        history.record_event(session, f"backup:{name}"[:64], "backup_downloaded", require_person().id)
    return send_file(file, "application/octet-stream", as_attachment=True, download_name=name)


@blueprint.post("/settings/backups/<name>/delete")
@allow(Role.ADMINISTRATOR, confirmed=True)
def delete(name: str) -> ResponseReturnValue:
    """Delete one."""
    file = find_backup(settings_of(), name)
    if file is None:
        abort(404)
    file.unlink(missing_ok=True)
    with store_of().write() as session:
        history.record_event(session, f"backup:{name}"[:64], "backup_deleted", require_person().id)
    flash(_("The backup is deleted."), "success")
    return redirect(url_for("backups.index", _anchor="outcome"))


# --- restoring ----------------------------------------------------------------------------------


@blueprint.post("/settings/backups/<name>/restore")
@allow(Role.ADMINISTRATOR, confirmed=True)
def restore(name: str) -> ResponseReturnValue:
    """Have one restored beside what runs, which goes on meanwhile."""
    if find_backup(settings_of(), name) is None:
        abort(404)
    _place()
    with store_of().write() as session:
        errands.request_errand(session, ErrandKind.RESTORE, about=name, by=require_person().id)
    return redirect(url_for("backups.index", _anchor="restored"))


@blueprint.post("/settings/restored")
@allow(Role.ADMINISTRATOR, confirmed=True)
def take_up() -> ResponseReturnValue:
    """Have what was restored take the place of what runs; a moment later everything starts anew."""
    place, store = _place(), store_of()
    if not place.is_restored:
        flash(_("There is nothing restored any more."), "error")
        return redirect(url_for("backups.index", _anchor="outcome"))
    with store.write() as session:
        history.record_event(session, "backup", "backup_taken_up", require_person().id)
    restored_place.ask_to_take_up(place, store.keyring, require_person().login, utc_now())
    return render_template("gateway/town/taking_up.html")


@blueprint.post("/settings/restored/delete")
@allow(Role.ADMINISTRATOR, confirmed=True)
def forget() -> ResponseReturnValue:
    """Destroy the copies that nobody works with."""
    place = _place()
    if not place.asked.exists():
        restored_place.forget_restored(place)
        restored_place.forget_before(place)
    with store_of().write() as session:
        history.record_event(session, "backup", "backup_copies_deleted", require_person().id)
    flash(_("The copies are deleted."), "success")
    return redirect(url_for("backups.index", _anchor="outcome"))


def _place() -> Place:
    place = restored_place.place_of(settings_of())
    if place is None:
        abort(404)
    return place
