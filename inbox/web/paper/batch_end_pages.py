"""The end of a batch: when its paper may be shredded, the notice of what the box said, and strangers' letters."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from config.enums import BatchTick
from config.wording.message_catalog import resident_text
from inbox.consultations import consultation_versions
from inbox.erasure.erase import erase_part
from inbox.errors import InboxError
from inbox.models import Intake
from inbox.paper import batch_ends, scanned_pages
from inbox.web.base.app_context import store_of
from inbox.web.base.error_pages import error_message
from inbox.web.base.guard import allow, require_person
from inbox.web.base.labels import Label
from inbox.web.base.page_language import choose_language
from inbox.web.batch_pages import SHEETS, batch_of, whole_batch

pages = Blueprint("batch_end", __name__)

TICKS: dict[BatchTick, tuple[Label, Label]] = {
    BatchTick.BACKUP: (
        _l("A backup has been made since"),
        _l("Ask your administrator: “portevoix backup” ran after this batch was read, and its file lies elsewhere."),
    ),
    BatchTick.VISA: (
        _l("The archives have given their visa"),
        _l("In France, public archives are destroyed only with the visa of the departmental archives."),
    ),
}


@pages.get("/batches/<int:intake_id>/end")
@allow(*SHEETS)
def show(intake_id: int) -> ResponseReturnValue:
    """What is still to be done before the paper may be shredded."""
    with store_of().read() as rows:
        found = whole_batch(rows, intake_id)
        end = batch_ends.batch_end_of(rows, intake_id)
        seen = scanned_pages.batch_overview(rows, intake_id)
        said = batch_ends.count_ticked_boxes(rows, intake_id)
        notice = _notice(rows, intake_id, said.forms)
    strangers = [(file, page) for file in seen.files for page in file.pages if page.ending in batch_ends.STRANGERS]
    return render_template(
        "batch_end.html",
        batch=found,
        end=end,
        seen=seen,
        said=said,
        notice=notice,
        ticks=TICKS,
        strangers=strangers,
        shredded=end.marks.get(BatchTick.SHREDDED),
    )


def _notice(rows: Session, batch_id: int, forms: int) -> dict[str, str]:
    """What the notice says, in the residents' language."""
    intake = rows.get_one(Intake, batch_id)
    version = intake.consultation_version
    consultation = consultation_versions.as_consultation(version) if version else None
    language = consultation.language if consultation else choose_language()
    facts = {"received": intake.received_at.date(), "count": forms}
    keys = ("title", "intro", "boxes", "next")
    found = {key: resident_text(f"paper_box_{key}", language, consultation, **facts) for key in keys}
    title = consultation.title.get(language, "") if consultation else ""
    return {**found, "language": language, "consultation": title}


@pages.post("/batches/<int:intake_id>/end/<what>")
@allow(*SHEETS)
def tick(intake_id: int, what: str) -> ResponseReturnValue:
    """Tick something, by a person's name."""
    chosen, by = _chosen(what), require_person().id
    return _act(intake_id, lambda rows, batch_id: batch_ends.tick_batch(rows, batch_id, chosen, by), _("Noted."))


@pages.post("/batches/<int:intake_id>/end/<what>/undo")
@allow(*SHEETS)
def untick(intake_id: int, what: str) -> ResponseReturnValue:
    """Take a tick back."""
    chosen, by = _chosen(what), require_person().id
    return _act(intake_id, lambda rows, batch_id: batch_ends.untick_batch(rows, batch_id, chosen, by), _("Taken back."))


@pages.post("/batches/<int:intake_id>/pages/<int:page_id>/destroy")
@allow(*SHEETS)
def destroy(intake_id: int, page_id: int) -> ResponseReturnValue:
    """Destroy a stranger's private letter, unread: it came into the box by mistake."""
    by = require_person().id
    return _act(
        intake_id,
        lambda rows, batch_id: erase_part(
            rows, batch_ends.possible_private_letter(rows, batch_id, page_id), by, "mistake"
        ),
        _("It is destroyed. Give the paper back, or destroy it as well."),
    )


def _chosen(what: str) -> BatchTick:
    if what not in set(BatchTick):
        abort(404)
    return BatchTick(what)


def _act(intake_id: int, act: Callable[[Session, int], None], said: str) -> ResponseReturnValue:
    try:
        with store_of().write() as rows:
            batch_id = batch_of(rows, intake_id)
            if batch_id is None:
                abort(404)
            act(rows, batch_id)
    except InboxError as error:
        flash(error_message(error), "error")
    else:
        flash(said, "success")
    if batch_id is None or not _is_there(batch_id):
        return redirect(url_for("batches.index", _anchor="outcome"))
    return redirect(url_for("batch_end.show", intake_id=batch_id, _anchor="outcome"))


def _is_there(batch_id: int) -> bool:
    """Whether anything of a batch is left."""
    with store_of().read() as rows:
        return batch_of(rows, batch_id) is not None
