"""The upload page: where centres hand in what they scanned."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf.file import MultipleFileField
from werkzeug.datastructures import FileStorage
from wtforms import IntegerField, SelectField
from wtforms.validators import NumberRange, ValidationError

from config.enums import Role
from gateway.ingest.scan_intake import IncomingScan, ingest_scan, known_beginnings, recent_upload_batch, seal_scan
from gateway.intake.intake_store import StoredIntake
from inbox.consultations import consultation_versions
from inbox.errors import Overtaken, StoreBusy
from inbox.models import Centre, Intake
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.form_fields import HouseForm
from inbox.web.base.guard import allow, require_person
from inbox.web.base.row_ids import number_in

blueprint = Blueprint("uploads", __name__, template_folder="../templates")

_TRIES = 3
"""How often a file is made ready that others hand in at the same time."""

ACCOUNT = "upload"
"""The account of files that come from somebody without a centre."""


class UploadForm(HouseForm):
    """Which files, for which consultation, and how many pages make one form."""

    files = MultipleFileField(_l("Scanned pages: PDF, TIFF, JPEG, PNG or HEIC"))
    consultation = SelectField(_l("Consultation"))
    pages_per_form = IntegerField(
        _l("Pages per form"),
        default=1,
        validators=[NumberRange(1, 20, message=_l("Write a number from 1 to 20."))],
    )

    def validate_files(self, field: MultipleFileField) -> None:
        """At least one file, with a name: browsers send an empty one when none was chosen."""
        if not [file for file in field.data or [] if file.filename]:
            raise ValidationError(_("Choose at least one file."))


def consultation_choices() -> list[tuple[str, str]]:
    """The consultations somebody can choose, as (slug, title)."""
    with store_of().read() as session:
        found = []
        for version in consultation_versions.current_versions_newest_first(session):
            consultation = consultation_versions.as_consultation(version)
            found.append((consultation.slug, consultation.title[consultation.language]))
        return found


@blueprint.route("/upload", methods=["GET", "POST"])
@allow(Role.CENTRE, Role.MODERATOR, Role.ADMINISTRATOR)
def upload() -> ResponseReturnValue:
    """Hand in scanned forms. Files handed in together are one batch; a file handed in twice counts once.

    A script that sends them one by one asks for JSON: it is told the batch, and names it with the next one.
    """
    form = UploadForm()
    form.consultation.choices = consultation_choices()
    if not form.validate_on_submit():
        return render_template("gateway/upload.html", form=form), 422 if form.is_submitted() else 200
    files = [file for file in form.files.data if file.filename]
    wants_json = request.accept_mimetypes.best == "application/json"
    taken = _take_in_together(files, form, _batch_named() if wants_json else None)
    if wants_json:
        return _told(taken)
    fresh = [accepted.intake_id for accepted in taken if accepted.arrival_is_new]
    if fresh:
        flash(
            ngettext(
                "%(num)d file has arrived and is being read.",
                "%(num)d files have arrived and are being read.",
                len(fresh),
            ),
            "success",
        )
    if len(fresh) < len(taken):
        known = len(taken) - len(fresh)
        flash(ngettext("%(num)d file was here already.", "%(num)d files were here already.", known), "warning")
    # New files stand in one batch, however many of the others were here before.
    shown = fresh or [accepted.intake_id for accepted in taken]
    return redirect(url_for("batch_overview.show", intake_id=shown[0]))


def _told(taken: Sequence[StoredIntake]) -> ResponseReturnValue:
    """What a script is told: the batch, where it is shown, and whether anything of it is new."""
    first = taken[0]
    with store_of().read() as session:
        intake = session.get_one(Intake, first.intake_id)
        batch_id = intake.batch_id or intake.id
    url = url_for("batch_overview.show", intake_id=batch_id)
    return {"batch": batch_id, "next": url, "is_new": first.arrival_is_new}


def _batch_named() -> int | None:
    """The batch that a script names, if its person may add to it."""
    named = number_in(request.form, "batch")
    if named is None:
        return None
    with store_of().read() as session:
        intake = session.get(Intake, named)
        return recent_upload_batch(session, named, require_person().id) if intake is not None else None


def _take_in_together(
    files: Sequence[FileStorage], form: UploadForm, batch_id: int | None = None
) -> list[StoredIntake]:
    """Take in files one by one, each for good, as one batch: tried again after a breakdown, the rest joins it."""
    person, taken = require_person(), []
    with store_of().read() as session:
        centre = session.get(Centre, person.centre_id) if person.centre_id else None
        account = centre.slug if centre else ACCOUNT
    for file in files:
        with _kept(file) as (path, digest):
            scan = IncomingScan(
                path=path,
                account=account,
                digest=digest,
                name=file.filename or "",
                pages_per_form=form.pages_per_form.data,
                consultation_slug=form.consultation.data,
                centre_id=person.centre_id,
                entered_by_id=person.id,
                batch_id=batch_id,
                beginnings=known_beginnings(store_of(), path, account),
            )
            accepted, batch = _take_in(scan, person.id)
            batch_id = batch_id or batch
        taken.append(accepted)
    return taken


def _take_in(scan: IncomingScan, person_id: int) -> tuple[StoredIntake, int | None]:
    """Take in one file; where it now is, and its batch."""
    for _try in range(_TRIES):
        ready = seal_scan(store_of(), scan)
        with suppress(Overtaken), store_of().write() as session:
            accepted = ingest_scan(session, ready)
            return accepted, recent_upload_batch(session, accepted.intake_id, person_id)
    raise StoreBusy("the same file is being handed in by somebody else")


@contextmanager
def _kept(file: FileStorage) -> Iterator[tuple[Path, str]]:
    """The uploaded file in a private folder, and its SHA-256."""
    work_dir = settings_of().work_dir
    work_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="upload-", dir=work_dir) as folder:
        path = Path(folder) / "file"
        file.save(path)
        with path.open("rb") as saved:
            digest = hashlib.file_digest(saved, "sha256").hexdigest()
        yield path, digest
