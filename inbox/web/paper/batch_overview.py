"""The overview of a batch: what became of every page, what to scan again, and taking a file back."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from inbox.errors import InboxError
from inbox.paper import scanned_pages, withdrawal
from inbox.web.base.app_context import store_of
from inbox.web.base.error_pages import error_message
from inbox.web.base.guard import allow, require_person
from inbox.web.base.row_ids import number_in
from inbox.web.batch_pages import SHEETS, batch_of, whole_batch
from inbox.web.paper.page_words import ENDINGS, MARKS, TO_DO, count_in_words

pages = Blueprint("batch_overview", __name__)

TYPED = "typed_codes.enter"
"""Where the number of a page is typed in: a page of the room that knows how codes are made."""


@pages.get("/batches/<int:intake_id>/pages")
@allow(*SHEETS)
def show(intake_id: int) -> ResponseReturnValue:
    """What became of every page; that of any file of a batch leads to the batch's."""
    with store_of().read() as rows:
        found = whole_batch(rows, intake_id)
        seen = scanned_pages.batch_overview(rows, intake_id)
    if known := number_in(request.args, "known"):
        flash(ngettext("%(num)d file was here already.", "%(num)d files were here already.", known), "warning")
    return render_template(
        "batch_overview.html",
        batch=found,
        seen=seen,
        counts=[(ending, count_in_words(ending, pages)) for ending, pages in seen.counts.items()],
        endings=ENDINGS,
        marks=MARKS,
        to_do=TO_DO,
        typed_url=TYPED if TYPED in current_app.view_functions else None,
    )


@pages.post("/batches/<int:intake_id>/withdraw")
@allow(*SHEETS)
def withdraw(intake_id: int) -> ResponseReturnValue:
    """Take a file back: nothing of it counts."""
    by = require_person().id
    return _act(
        intake_id,
        lambda rows, _batch: withdrawal.withdraw_file(rows, intake_id, by),
        _("The file is withdrawn: nothing of it counts."),
    )


@pages.post("/batches/<int:intake_id>/put-back")
@allow(*SHEETS)
def put_back(intake_id: int) -> ResponseReturnValue:
    """Let a withdrawn file count again."""
    by = require_person().id
    return _act(
        intake_id, lambda rows, _batch: withdrawal.restore_file(rows, intake_id, by), _("The file counts again.")
    )


@pages.post("/batches/<int:intake_id>/pages/<int:page_id>/leave-out")
@allow(*SHEETS)
def leave_out(intake_id: int, page_id: int) -> ResponseReturnValue:
    """Count an unreadable page no more, because its sheet was scanned again."""
    by = require_person().id
    return _act(
        intake_id,
        lambda rows, batch: withdrawal.exclude_rescanned_page(rows, batch, page_id, by),
        _("The page is left out: its sheet was scanned again."),
    )


def _act(intake_id: int, act: Callable[[Session, int], None], said: str) -> ResponseReturnValue:
    """Do something to a batch that the person may see, and say how it ended."""
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
    return redirect(url_for("batch_overview.show", intake_id=batch_id, _anchor="outcome"))
