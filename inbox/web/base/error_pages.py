"""Errors as people read them: the inbox's, told in the page's language, and HTTP's, each with what to do."""

from __future__ import annotations

import logging

from flask import Flask, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from inbox.accounts.staff import LastAdministrator, LoginTaken
from inbox.consultations.archives import InArchive
from inbox.contributions.moderation import (
    ErasureWished,
    NotAllowed,
    NothingToPublish,
    NotUndoable,
    ReasonNeeded,
    Unconfirmed,
)
from inbox.contributions.optimistic_locking import NotThere, Stale
from inbox.contributions.tags import BadTag
from inbox.contributions.text_versions import EmptyText
from inbox.desk.masked_copies import NothingDrawn, NothingToShare
from inbox.desk.second_looks import NotYours
from inbox.errors import InboxError, StoreBusy
from inbox.jobs.steps import NotReplayable
from inbox.paper.batch_ends import PaperStillNeeded
from inbox.paper.withdrawal import WorkedOn
from inbox.reports.report_editing import BadSentence, EditedMeanwhile
from inbox.reports.report_quotations import NotQuotable
from inbox.reports.report_versions import AlreadySigned
from inbox.rights.rights_requests import NoReason, NotRecognised, RightsClosed, TooLate
from inbox.storage.disk_errors import cannot_be_written
from inbox.web.base import typed_text
from inbox.web.base.labels import Label

log = logging.getLogger(__name__)

_TOLD: dict[type[InboxError], Label] = {
    Stale: _l("It has changed since you opened it. Look at it as it is now, then decide again. Nothing was changed."),
    NotThere: _l("It is not here any more: it was erased, or joined with another contribution."),
    NotAllowed: _l("That is not possible in its present state."),
    ReasonNeeded: _l("Choose a reason: the resident will be told."),
    NothingToPublish: _l("It has no text yet. Write down what the original says, or set it aside."),
    Unconfirmed: _l("A machine read this text. Compare it with the original and confirm it first."),
    ErasureWished: _l("Its author wishes it to be erased. Erase it, or ask them and settle the wish, then publish."),
    NotUndoable: _l("It cannot be taken back any more: something else was decided since."),
    BadTag: _l("A theme’s name has 1 to 64 characters."),
    EmptyText: _l("Write what the contribution says, or set it aside as one that cannot be understood."),
    LastAdministrator: _l("Somebody has to be the administrator. Give this role to somebody else first."),
    LoginTaken: _l("Somebody has this name to sign in with. Choose another one."),
    NotReplayable: _l("It cannot be tried again: it was erased."),
    EditedMeanwhile: _l(
        "Somebody else has changed the report since you opened it. Look at it as it is now, then try again."
    ),
    BadSentence: _l("Write a sentence, and name the voices by the references of published contributions."),
    NotQuotable: _l(
        "These words do not stand so in a published contribution with this reference. Copy them from its page."
    ),
    AlreadySigned: _l("Somebody has signed this version. Keep a new one, and sign that."),
    PaperStillNeeded: _l("The paper is still needed: do what is listed here first."),
    NotYours: _l("Somebody else has it, or you decided it yourself. Take the next one."),
    NothingToShare: _l("There is no masked copy yet, or it did not hold. Wait until it is made and was read again."),
    NothingDrawn: _l("Show first what is to be covered: draw it on the picture, or type where it is."),
    WorkedOn: _l("A moderator has worked on forms of this file already: ask a moderator."),
    RightsClosed: _l("This request is closed. Record a new one."),
    NotRecognised: _l("Say first how you made sure that this is the person."),
    TooLate: _l("It can be extended once, within its first month. Answer it now."),
    NoReason: _l("Write the reason."),
    InArchive: _l(
        "What was read in it lies in the archive of its consultation. An administrator can bring it back on the "
        "consultation’s page; then try again."
    ),
    StoreBusy: _l("The database was busy for too long. Please try again."),
}

_HTTP: dict[int, tuple[Label, Label]] = {
    400: (_l("This request could not be understood"), _l("Go back, load the page again and try once more.")),
    401: (_l("Please sign in"), _l("Sign in, then try again.")),
    403: (_l("This page is not for your account"), _l("If you need it, ask your administrator for the right role.")),
    404: (_l("There is nothing here"), _l("It may have been erased, or the address has a slip in it.")),
    405: (_l("There is nothing here"), _l("It may have been erased, or the address has a slip in it.")),
    413: (_l("This is too large"), _l("Send less at a time: fewer pages or files.")),
    500: (
        _l("Something went wrong on our side"),
        _l("Nothing you sent was half saved. Try again; if it lasts, tell your administrator."),
    ),
    503: (_l("The database is busy"), _l("Please try again in a moment.")),
}

_NO_ROOM: tuple[Label, Label] = (
    _l("There is no room left on our disk"),
    _l("Nothing was stored. Tell your administrator, and try again once there is room."),
)


def error_message(error: InboxError) -> str:
    """What to tell a person about an error of the inbox."""
    return str(_TOLD.get(type(error), _HTTP[500][0]))


def _page(code: int) -> ResponseReturnValue:
    problem, remedy = _HTTP.get(code, _HTTP[400 if code < 500 else 500])
    # A text that could not be kept is handed back: it stands nowhere else.
    return render_template("error.html", problem=problem, remedy=remedy, typed=typed_text.unsaved_text()), code


def http_error_page(error: HTTPException) -> ResponseReturnValue:
    """What HTTP calls wrong, as a page."""
    if error.code is None or error.code < 400:
        return error
    return _page(error.code)


def _csrf_error(error: CSRFError) -> ResponseReturnValue:
    if (sheet := typed_text.kept_sheet()) is not None:
        flash(
            _("This page was from before you signed in again. Nothing was decided; what you typed is kept below."),
            "warning",
        )
        return redirect(url_for("contributions.show", contribution_id=sheet.contribution_id, _anchor="outcome"))
    page = render_template(
        "error.html",
        problem=_("This form has expired"),
        remedy=_("You were signed out, or signed in again in another window. Go back, load the page again and repeat."),
        typed=typed_text.unsaved_text(),
    )
    return page, error.code or 400


def _busy(_error: StoreBusy) -> ResponseReturnValue:
    return _page(503)


def _in_archive(error: InArchive) -> ResponseReturnValue:
    page = render_template(
        "error.html", problem=_("This is in the archive"), remedy=error_message(error), typed=typed_text.unsaved_text()
    )
    return page, 409


def _no_room(error: OperationalError | OSError) -> ResponseReturnValue:
    if not cannot_be_written(error):
        raise error
    log.error("a page could not store anything: the data directory cannot be written (%s)", type(error).__name__)
    problem, remedy = _NO_ROOM
    return render_template("error.html", problem=problem, remedy=remedy, typed=typed_text.unsaved_text()), 503


def _not_there(_error: NotThere) -> ResponseReturnValue:
    return _page(404)


def install(app: Flask) -> None:
    """Have every error told as a page."""
    app.register_error_handler(HTTPException, http_error_page)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(StoreBusy, _busy)
    app.register_error_handler(InArchive, _in_archive)
    app.register_error_handler(OperationalError, _no_room)
    app.register_error_handler(OSError, _no_room)
    app.register_error_handler(NotThere, _not_there)
