"""Drafts over HTTP: kept as they are typed, handed in by a browser that could not reach us, thrown away."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from config.enums import Role
from inbox.contributions import drafts
from inbox.web.base import typed_text
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import allow, current_person, proven

pages = Blueprint("drafts", __name__)


@pages.post("/drafts")
@proven("the token of the page it was typed on")
def keep() -> ResponseReturnValue:
    """Keep what was typed, as it is (``body``) or as the browser had sealed it (``sealed``).

    200 once it is kept, and whether its writer is still signed in; 410 when it never will be, because
    its contribution was erased or the page is none of ours.
    """
    request.max_form_memory_size = typed_text.MOST_FORM_BYTES
    sheet, body = typed_text.current_sheet(), request.form.get(typed_text.BODY)
    if sheet is not None and body is None:
        body = typed_text.open_browser_copy(sheet, request.form.get("sealed", ""))
    number = request.form.get(typed_text.NUMBER, "")
    if sheet is None or body is None or not (number.isdecimal() and len(number) < 10):
        return {"kept": False}, 410
    kept = typed_text.save_typed_text(sheet, body, int(number))
    if kept is drafts.DraftOutcome.GONE:
        return {"kept": False}, 410
    person = current_person()
    signed_in = person is not None and person.id == sheet.person_id
    return {"kept": True, "is_new": kept is drafts.DraftOutcome.NEW, "signed_in": signed_in}


@pages.post("/contributions/<int:contribution_id>/drafts/<int:draft_id>/discard")
@allow(Role.MODERATOR, Role.ADMINISTRATOR)
def discard(contribution_id: int, draft_id: int) -> ResponseReturnValue:
    """Throw a draft away, because somebody says so."""
    sheet = typed_text.current_sheet()
    in_the_box = sheet is not None and sheet.continues is not None and sheet.continues[0] == draft_id
    with store_of().write() as session:
        gone = drafts.discard_draft(session, contribution_id, draft_id)
        if sheet is not None and in_the_box:
            drafts.discard_saved_draft(session, sheet)  # what came along with this very button was kept once more
    if gone or in_the_box:
        flash(_("The draft is thrown away."), "success")
    return redirect(url_for("contributions.show", contribution_id=contribution_id, _anchor="outcome"))


@pages.post("/contributions/<int:contribution_id>/drafts/<int:draft_id>/take")
@allow(Role.MODERATOR, Role.ADMINISTRATOR)
def take(contribution_id: int, draft_id: int) -> ResponseReturnValue:
    """Put another draft in the box; what stood there has been kept as one before."""
    return redirect(url_for("contributions.show", contribution_id=contribution_id, draft=draft_id, _anchor="correct"))
