"""What a request asks for, done: the copy given, a text put right, set aside as was objected, erased."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from flask import Blueprint, Response, abort, flash, redirect, render_template, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from config.enums import SetAsideReason
from inbox.consultations import contributors
from inbox.contributions import moderation, text_versions
from inbox.erasure.erase import erase_contribution, scrub_deleted_words
from inbox.errors import InboxError
from inbox.export.zip_stream import zip_pieces
from inbox.models import RightsRequest
from inbox.rights import person_copy, rights_requests
from inbox.rights.person_copy import PersonalCopy
from inbox.rights.person_search import contributor_of
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.error_pages import error_message
from inbox.web.base.guard import allow, require_person
from inbox.web.base.labels import CHANNELS, MODERATIONS, SET_ASIDE_REASONS
from inbox.web.base.page_language import choose_language
from inbox.web.contributions.history_view import ACTIONS as HISTORY
from inbox.web.rights.rights_pages import OFFICERS, act_on_request, request_page
from inbox.web.rights.rights_words import ConfirmationForm, ObjectForm, RectifyForm

pages = Blueprint("rights_done", __name__)


@pages.post("/rights/<int:request_id>/copy")
@allow(*OFFICERS, confirmed=True)
def copy(request_id: int) -> ResponseReturnValue:
    """The copy of everything that is kept of somebody who was recognised."""
    try:
        with store_of().write() as rows:
            row = rights_requests.lock_recognised_request(rows, request_id)
            rights_requests.record_fulfilment(rows, row, "rights_copy", require_person().id)
    except rights_requests.NoSuchRequest:
        abort(404)
    except InboxError as error:
        flash(error_message(error), "error")
        return redirect(url_for("rights.show", request_id=request_id, _anchor="outcome"))
    with store_of().read() as rows:
        kept = person_copy.gather_personal_copy(rows, rows.get_one(RightsRequest, request_id))
    page_of_it = render_template(
        "rights/copy.html",
        data=kept.data,
        language=choose_language(),
        town=settings_of().town_name,
        channels={one.value: label for one, label in CHANNELS.items()},
        states={one.value: label for one, label in MODERATIONS.items()},
        reasons={one.value: label for one, label in SET_ASIDE_REASONS.items()},
        actions_of=HISTORY,
    )
    return Response(
        stream_with_context(_archive(kept, page_of_it)),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="copy-{request_id}.zip"'},
    )


def _archive(kept: PersonalCopy, page_of_it: str) -> Iterator[bytes]:
    def files(rows: Session) -> Iterator[tuple[str, Iterable[str] | bytes]]:
        yield "index.html", [page_of_it]
        yield "data.json", [json.dumps(kept.data, ensure_ascii=False, indent=1)]
        yield from person_copy.read_files(rows, kept)

    with store_of().read() as rows:
        # Files are read anew: whatever was erased since must not be in the copy.
        yield from zip_pieces(files(rows))


@pages.post("/rights/<int:request_id>/rectify/<int:contribution_id>")
@allow(*OFFICERS, confirmed=True)
def rectify(request_id: int, contribution_id: int) -> ResponseReturnValue:
    """Put a contribution's text right; the wording before stays in its history until it is erased."""
    form = RectifyForm(prefix=f"rectify-{contribution_id}-")
    if not form.validate():
        return request_page(request_id, rectify_form=form), 422

    def change(rows: Session, by: int) -> None:
        row = _of(rows, request_id, contribution_id)
        text_versions.correct_text(rows, contribution_id, form.body.data, by, None)
        rights_requests.record_fulfilment(rows, row, "rights_rectified", by, contribution_id)

    return act_on_request(request_id, change, _("The text is put right."))


@pages.post("/rights/<int:request_id>/object/<int:contribution_id>")
@allow(*OFFICERS, confirmed=True)
def objected(request_id: int, contribution_id: int) -> ResponseReturnValue:
    """Set a contribution aside because its author objects: it is neither published nor counted as published."""
    form, town = ObjectForm(prefix="object-"), settings_of().town

    def change(rows: Session, by: int) -> None:
        row = _of(rows, request_id, contribution_id)
        reason = SetAsideReason.WITHDRAWN
        moderation.decide_contribution(rows, contribution_id, "set_aside", reason=reason, by=by, expect_revision=None)
        rights_requests.record_fulfilment(rows, row, "rights_objected", by, contribution_id)
        person = contributor_of(rows, row)
        address = contributors.address_of(rows, person) if person is not None and form.no_messages.data else None
        if address is not None:
            contributors.opt_out(rows, *address, town)
            rights_requests.record_fulfilment(rows, row, "rights_opted_out", by)

    return act_on_request(request_id, change, _("It is set aside."))


@pages.post("/rights/<int:request_id>/erase")
@allow(*OFFICERS, confirmed=True)
def erase(request_id: int) -> ResponseReturnValue:
    """Erase every contribution that a request is about."""
    form = ConfirmationForm(prefix="erase-")
    if not form.validate():
        return request_page(request_id, sure_form=form), 422

    def change(rows: Session, by: int) -> None:
        row = rights_requests.lock_recognised_request(rows, request_id)
        for number in rights_requests.contributions_of(rows, request_id):
            erase_contribution(rows, number, by=by, reason="author")
            rights_requests.record_fulfilment(rows, row, "rights_erased", by, number)

    ended = act_on_request(
        request_id, change, _("It is erased, with its original, its text and the address it came from.")
    )
    scrub_deleted_words(store_of())
    return ended


def _of(rows: Session, request_id: int, contribution_id: int) -> RightsRequest:
    """The request of somebody recognised, which must be about this contribution."""
    row = rights_requests.lock_recognised_request(rows, request_id)
    if contribution_id not in rights_requests.contributions_of(rows, request_id):
        abort(404)
    return row
