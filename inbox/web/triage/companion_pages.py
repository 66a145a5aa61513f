"""What moderators do beside deciding: notes, giving it to somebody, joining, splitting, appeals."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from inbox.contributions import linking, moderation, notes
from inbox.desk import appeals, assignment, contests
from inbox.errors import InboxError
from inbox.records import history, references
from inbox.web.base.app_context import store_of
from inbox.web.base.error_pages import error_message
from inbox.web.base.form_fields import RevisionForm
from inbox.web.base.guard import allow, require_person
from inbox.web.base.page_language import choose_language
from inbox.web.contributions.contribution_view import contribution_sheet
from inbox.web.contributions.inbox_pages import DECIDE
from inbox.web.contributions.queue_navigation import address_in_queue, current_queue, redirect_to_next

pages = Blueprint("companions", __name__)

CUT = "====="
"""A line of a text that is split: what stands below it becomes a contribution of its own."""


def _apply(contribution_id: int, change: Callable[[Session, int], object], success: str) -> ResponseReturnValue:
    try:
        with store_of().write() as rows:
            change(rows, require_person().id)
    except InboxError as error:
        flash(error_message(error), "error")
    else:
        flash(success, "success")
    return redirect(address_in_queue(current_queue(), contribution_id, "outcome"))


@pages.post("/contributions/<int:contribution_id>/notes")
@allow(*DECIDE)
def note(contribution_id: int) -> ResponseReturnValue:
    """Write a note that other moderators see."""
    body = request.form.get("note", "")
    return _apply(
        contribution_id, lambda rows, by: notes.add_note(rows, contribution_id, body, by), _("The note is kept.")
    )


@pages.post("/contributions/<int:contribution_id>/leave-published")
@allow(*DECIDE)
def leave_published(contribution_id: int) -> ResponseReturnValue:
    """It was published before anybody read it; somebody has now, and it stays. In a queue the next one follows."""
    with store_of().write() as rows:
        by = require_person().id
        if moderation.record_reading(rows, contribution_id, by):
            history.record_event(rows, f"contribution:{contribution_id}", "read_afterwards", by)
    flash(_("Read, and left as it is."), "success")
    queue = current_queue()
    return redirect_to_next(queue, contribution_id) if queue else redirect(address_in_queue(None, contribution_id))


@pages.post("/contributions/<int:contribution_id>/assign")
@allow(*DECIDE)
def assign(contribution_id: int) -> ResponseReturnValue:
    """Give it to somebody to decide, or to nobody."""
    wanted = request.form.get("assign_to", "")
    to = require_person().id if "mine" in request.form else int(wanted) if wanted.isdecimal() else None

    def change(rows: Session, by: int) -> None:
        if to is not None and to not in dict(assignment.moderators(rows)):
            abort(404)
        assignment.assign(rows, contribution_id, to, by)

    return _apply(contribution_id, change, _("It is given.") if to else _("It is nobody’s any more."))


@pages.post("/contributions/<int:contribution_id>/join")
@allow(*DECIDE)
def join(contribution_id: int) -> ResponseReturnValue:
    """Let this contribution speak for another one of the same author as well; every voice stays counted."""
    wanted = request.form.get("with") or request.form.get("with_reference", "")

    def change(rows: Session, by: int) -> None:
        number = references.parse_reference(wanted)
        other = references.contribution_of(rows, number) if number is not None else None
        if other is None and wanted.isdecimal() and len(wanted) < 9:
            other = int(wanted)
        if other is None:
            raise linking.CannotLink("no contribution has this reference")
        linking.merge(rows, contribution_id, other, by)

    return _apply(contribution_id, change, _("They are joined. Each voice is still counted."))


@pages.get("/contributions/<int:contribution_id>/split")
@allow(*DECIDE)
def split_form(contribution_id: int) -> ResponseReturnValue:
    """The text, to be cut into several contributions; or its parts, where it has several."""
    return _split_page(contribution_id)


def _split_page(contribution_id: int, body: str | None = None, problem: str = "") -> str:
    with store_of().read() as rows:
        sheet = contribution_sheet(rows, contribution_id, choose_language())
    if sheet is None:
        abort(404)
    return render_template(
        "split.html",
        sheet=sheet,
        body=sheet.text if body is None else body,
        problem=problem,
        cut=CUT,
        back_url=address_in_queue(current_queue(), contribution_id),
    )


@pages.post("/contributions/<int:contribution_id>/split")
@allow(*DECIDE)
def split(contribution_id: int) -> ResponseReturnValue:
    """Cut it: each piece is a contribution of its own, with the same original; it can be taken back."""
    form = RevisionForm()
    revision = form.revision.data if form.validate() else -1
    body = request.form.get("text", "").replace("\r\n", "\n")
    part_ids = [int(one) for one in request.form.getlist("part") if one.isdecimal()]
    pieces = [piece.strip() for piece in f"\n{body}\n".split(f"\n{CUT}\n")]
    try:
        with store_of().write() as rows:
            if part_ids:
                linking.split_parts(rows, contribution_id, part_ids, require_person().id, revision)
            else:
                linking.split_text(rows, contribution_id, pieces, require_person().id, revision)
    except InboxError as error:
        return _split_page(contribution_id, body, error_message(error)), 422
    flash(_("It is split. Each piece leads to the same original."), "success")
    return redirect(address_in_queue(current_queue(), contribution_id, "outcome"))


@pages.post("/contributions/<int:contribution_id>/appeal")
@allow(*DECIDE)
def appeal(contribution_id: int) -> ResponseReturnValue:
    """Note that the author does not agree: it comes to the desk of those who did not decide."""
    return _apply(
        contribution_id,
        lambda rows, by: appeals.lodge_appeal(rows, contribution_id, by),
        _("It is noted. Another moderator will look at it."),
    )


@pages.post("/contributions/<int:contribution_id>/contest/settle")
@allow(*DECIDE)
def looked_again(contribution_id: int) -> ResponseReturnValue:
    """A person has looked again at what an author says we misunderstood."""

    def change(rows: Session, by: int) -> None:
        contests.settle(rows, contribution_id, by)

    return _apply(contribution_id, change, _("It is noted that you have looked again."))


@pages.post("/contributions/<int:contribution_id>/appeal/uphold")
@allow(*DECIDE)
def uphold(contribution_id: int) -> ResponseReturnValue:
    """Leave it as it was decided, after a second look by somebody else."""

    def change(rows: Session, by: int) -> None:
        appeals.settle_appeal(rows, contribution_id, by, appeals.UPHELD)

    return _apply(contribution_id, change, _("It stays as it was decided, after a second look."))
