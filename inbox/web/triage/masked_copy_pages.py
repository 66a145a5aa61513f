"""Masked copies of recordings and pages: made, tried again, given to officials or kept back."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from inbox.desk import masked_copies
from inbox.errors import InboxError
from inbox.web.base.app_context import store_of
from inbox.web.base.error_pages import error_message
from inbox.web.base.guard import allow, require_person
from inbox.web.contributions.inbox_pages import DECIDE
from inbox.web.contributions.queue_navigation import address_in_queue, current_queue

pages = Blueprint("copies", __name__)


@pages.post("/contributions/<int:contribution_id>/media/<int:medium_id>/copy")
@allow(*DECIDE)
def change(contribution_id: int, medium_id: int) -> ResponseReturnValue:
    """Have a copy made, cover a place of it by hand or no more, let officials have it, or keep it back."""
    person, what = require_person().id, request.form.get("do", "")
    number = request.form.get("uncover", type=int)
    try:
        with store_of().write() as rows:
            if number is not None:
                what = "uncover"
                masked_copies.uncover_area(rows, contribution_id, medium_id, number, person)
            elif what == "cover":
                areas = masked_copies.areas_in_form(rows, contribution_id, request.form.getlist)
                if not areas:
                    raise masked_copies.NothingDrawn("no area was sent")
                for number_of, drawn in areas.items():
                    masked_copies.cover_areas(rows, contribution_id, number_of, drawn, person)
            elif what == "make":
                masked_copies.request_copy(rows, contribution_id, medium_id)
            elif what in ("share", "unshare"):
                masked_copies.share_copy(rows, contribution_id, medium_id, person, shared=what == "share")
            else:
                abort(400)
    except InboxError as error:
        flash(error_message(error), "error")
    else:
        said = {
            "make": _("The copy is being made."),
            "cover": _("The place is covered in the copy, which is being made anew."),
            "uncover": _("The place is covered no more; the copy is being made anew."),
            "share": _("Officials get the masked copy once this is published."),
            "unshare": _("The copy stays among moderators."),
        }
        flash(said[what], "success")
    return redirect(address_in_queue(current_queue(), contribution_id, "outcome"))
