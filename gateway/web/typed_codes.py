"""Numbers typed in from beside codes that no machine can read: the page is read again as what they say."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from channels.paper.page_codes import PageCode, encode_page_code, parse_typed
from channels.paper.stored_layout import UnknownLayout, layout_from_json
from inbox.consultations import printed_forms
from inbox.errors import InboxError
from inbox.paper import scanned_pages
from inbox.records.references import parse_reference
from inbox.storage.unit_of_work import Session
from inbox.web.base.app_context import store_of
from inbox.web.base.error_pages import error_message
from inbox.web.base.guard import allow, require_person
from inbox.web.batch_pages import SHEETS, batch_of

blueprint = Blueprint("typed_codes", __name__)


@blueprint.post("/batches/<int:intake_id>/pages/<int:page_id>/code")
@allow(*SHEETS)
def enter(intake_id: int, page_id: int) -> ResponseReturnValue:
    """Read a page again by the number printed beside its code."""
    with store_of().read() as rows:
        code = parse_typed_code(rows, request.form.get("number", ""))
    if code is None:
        flash(
            _("This is no number of a form that was printed here. It stands beside the code: 482 915 307 - 1."), "error"
        )
    try:
        with store_of().write() as rows:
            batch_id = batch_of(rows, intake_id)
            if batch_id is None:
                abort(404)
            if code is not None:
                scanned_pages.save_typed_code(rows, batch_id, page_id, encode_page_code(code), require_person().id)
                flash(_("The page is being read again."), "success")
    except InboxError as error:
        flash(error_message(error), "error")
    return redirect(url_for("batch_overview.show", intake_id=batch_id, _anchor="outcome"))


def parse_typed_code(rows: Session, typed: str) -> PageCode | None:
    """What a typed number says; None where it is none of a form that was printed here, or of no page of it."""
    number = parse_typed(typed)
    if number is None:
        return None
    form = number.form
    if number.reference is not None:
        if parse_reference(number.reference) is None:
            return None
        form = printed_forms.form_of_copy(rows, number.reference)
    stored = printed_forms.layout_of(rows, form) if form else None
    if form is None or stored is None:
        return None
    try:
        page = layout_from_json(stored).page(number.page)
    except UnknownLayout:
        return None
    return PageCode(form, number.page, 1, number.reference) if page is not None else None
