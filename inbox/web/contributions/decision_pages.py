"""What moderators do to one contribution: correct, confirm, publish, set aside, take back, erase, leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from config.enums import Moderation, PersonalKind, SetAsideReason
from inbox.answers import service_requests
from inbox.contributions import drafts, erasure_wishes, masks, moderation, notes, tags, text_versions
from inbox.contributions.masks import MOST, Mask, parse_mask
from inbox.contributions.optimistic_locking import Stale, lock_for_change
from inbox.contributions.text_versions import EmptyText
from inbox.desk import appeals, assignment, masked_copies, queues, second_looks, second_readings
from inbox.desk.queues import Queue, QueueKind
from inbox.desk.second_readings import ReadingChoice, parse_choice
from inbox.erasure import erasure_requests
from inbox.erasure.erase import erase_contribution, scrub_deleted_words
from inbox.errors import InboxError
from inbox.models import Contribution
from inbox.web.base import typed_text
from inbox.web.base.app_context import store_of
from inbox.web.base.error_pages import error_message
from inbox.web.base.form_fields import EraseForm, RevisionForm, SetAsideForm, TextForm
from inbox.web.base.guard import allow, require_person
from inbox.web.contributions.inbox_pages import DECIDE, show_sheet
from inbox.web.contributions.queue_navigation import (
    address_in_queue,
    current_queue,
    current_viewer,
    list_url,
    offer_undo,
    redirect_to_next,
)

pages = Blueprint("decisions", __name__)

_MOST_CHOICES = 2_000

Change = Callable[[Session, int], object]
"""What to do in the transaction, given the person's id."""


def _apply(contribution_id: int, change: Change, success: str) -> ResponseReturnValue:
    """Make a change and go back to the contribution, saying how it ended."""
    refused = _refused(contribution_id, change)
    if refused is not None:
        return refused
    flash(success, "success")
    return _back(contribution_id)


def _refused(contribution_id: int, change: Change) -> ResponseReturnValue | None:
    """Make a change; None once it is made, else the answer that says why not."""
    person = require_person()
    try:
        with store_of().write() as session:
            change(session, person.id)
    except Stale as error:
        if _typed() is not None:
            return show_sheet(contribution_id, stale=True), 409
        flash(error_message(error), "error")
    except InboxError as error:
        flash(error_message(error), "error")
    else:
        return None
    return _back(contribution_id)


def _typed() -> str | None:
    """What stands in the box that came along; None when it is blank, or none came."""
    return drafts.normalise_typed_text(request.form.get(typed_text.BODY, "")) or None


def _masks() -> list[Mask]:
    """What is to be masked: proposals that were ticked, words that were marked, and words that were written."""
    written = [f"{PersonalKind.OTHER}:{words}" for words in request.form.getlist("mask_words") if words.strip()]
    found = (parse_mask(value) for value in (*request.form.getlist("mask"), *written))
    return [mask for mask in found if mask is not None][:MOST]


def _choices() -> list[ReadingChoice]:
    """Where a person took what the second engine heard."""
    found = (parse_choice(value) for value in request.form.getlist("other")[:_MOST_CHOICES])
    return [one for one in found if one is not None]


def _save_what_was_typed(session: Session, contribution_id: int, by: int, revision: int) -> bool:
    """Put what stands in the box in force, with what is to be masked, where it is not what the page showed.

    Raises Stale when the page showed an older text, whether or not the box was touched.
    """
    contribution = lock_for_change(session, contribution_id, revision)
    for medium_id, areas in masked_copies.areas_in_form(session, contribution_id, request.form.getlist).items():
        masked_copies.cover_areas(session, contribution_id, medium_id, areas, by)
    now, typed, wanted = text_versions.current_text(session, contribution), _typed(), _masks()
    body = typed if typed is not None else now.body if now is not None else None
    if body is None:
        return False
    body = second_readings.text_with_choices(session, contribution, body, _choices())
    said = masks.apply_masks(body, wanted, contribution.language)
    if now is not None and drafts.normalise_typed_text(now.body) == said:
        _keep_masks(session, contribution, body, wanted, by)
        return False
    text_versions.correct_text(session, contribution_id, said, by, None)
    _keep_masks(session, contribution, body, wanted, by)
    if (sheet := typed_text.current_sheet()) is not None:
        drafts.discard_saved_draft(session, sheet)
    return True


def _keep_masks(session: Session, contribution: Contribution, body: str, wanted: list[Mask], by: int) -> None:
    """Keep the masks of words that are in the text or in a recording or page, and have these masked as well."""
    there = [
        one
        for one in wanted
        if masks.mask_occurrences(body, one) or masked_copies.is_in_media(session, contribution, one)
    ]
    masks.save_masks(session, contribution, there, by)
    masked_copies.update_copies(session, contribution)


@dataclass
class _Line:
    """The line of history by which a decision can be taken back."""

    id: int = 0
    revision: int = 0


def _decide(
    contribution_id: int,
    action: str,
    success: str,
    *,
    reason: SetAsideReason | None = None,
    confirm: bool = False,
    passed_on: str | None = None,
) -> ResponseReturnValue:
    """Take a decision about what stands in the box, which is saved first: nobody publishes what they do not see.

    Within a queue the next one follows, with the offer to take this one back. ``passed_on`` is to which service.
    """
    revision, line = _revision(), _Line()

    def change(session: Session, by: int) -> None:
        blank = typed_text.BODY in request.form and _typed() is None
        contribution = lock_for_change(session, contribution_id, revision)
        if blank and action == "publish" and text_versions.current_text(session, contribution) is not None:
            raise EmptyText("the box was emptied")
        _save_what_was_typed(session, contribution_id, by, revision)
        if request.form.get("note", "").strip():
            notes.add_note(session, contribution_id, request.form["note"], by)
        for name in request.form.getlist("keep"):
            tags.confirm_tag(session, contribution_id, name, by)
        if passed_on is None or contribution.moderation is not Moderation.PUBLISHED:
            moderation.decide_contribution(
                session, contribution_id, action, reason=reason, by=by, expect_revision=None, confirm=confirm
            )
            second_looks.record_decision(session, contribution, action, reason, by)
        if passed_on is not None:
            service_requests.pass_to_service(session, contribution_id, passed_on, by)
        undoable = moderation.undoable_decision(session, contribution)
        line.id, line.revision = (undoable.id if undoable else 0), contribution.revision
        assignment.clear_assignment(session, contribution_id)
        appeals.settle_by_new_decision(session, contribution_id, by)

    refused, queue = _refused(contribution_id, change), current_queue()
    if refused is not None:
        return refused
    if queue is None:
        flash(success, "success")
        return _back(contribution_id)
    taking_back = url_for("decisions.undo", contribution_id=contribution_id, history_id=line.id)
    offer_undo(success, taking_back, revision=line.revision, queue=queue.name)
    return redirect_to_next(queue, contribution_id)


def _back(contribution_id: int) -> ResponseReturnValue:
    return redirect(address_in_queue(current_queue(), contribution_id, "outcome"))


@pages.post("/contributions/<int:contribution_id>/text")
@allow(*DECIDE)
def correct(contribution_id: int) -> ResponseReturnValue:
    """Put a person's wording in force; when somebody else was quicker, nothing typed is lost."""
    form = TextForm()
    if not form.validate():
        return show_sheet(contribution_id, text_form=form), 422
    try:
        with store_of().write() as session:
            typed, wanted, by = drafts.normalise_typed_text(form.body.data), _masks(), require_person().id
            contribution = lock_for_change(session, contribution_id, form.revision.data)
            typed = second_readings.text_with_choices(session, contribution, typed, _choices())
            text_versions.correct_text(
                session, contribution_id, masks.apply_masks(typed, wanted, contribution.language), by, None
            )
            _keep_masks(session, contribution, typed, wanted, by)
            if (sheet := typed_text.current_sheet()) is not None:
                drafts.discard_saved_draft(session, sheet)
    except Stale:
        return show_sheet(contribution_id, text_form=form, stale=True), 409
    except InboxError as error:
        flash(error_message(error), "error")
    else:
        flash(_("The text is saved and confirmed."), "success")
    return _back(contribution_id)


@pages.post("/contributions/<int:contribution_id>/publish")
@allow(*DECIDE)
def publish(contribution_id: int) -> ResponseReturnValue:
    """Publish what stands in the box; with ``confirm`` the machine-read text shown is confirmed too."""
    return _decide(contribution_id, "publish", _("Published."), confirm=request.form.get("confirm") == "1")


@pages.post("/contributions/<int:contribution_id>/pass-on")
@allow(*DECIDE)
def pass_on(contribution_id: int) -> ResponseReturnValue:
    """Publish it as a service request that is passed on to the service; its outcome is told with it."""
    service = request.form.get("service", "")
    return _decide(contribution_id, "publish", _("Passed on to the service."), confirm=True, passed_on=service)


@pages.post("/contributions/<int:contribution_id>/pass-on/undo")
@allow(*DECIDE)
def take_back_from_service(contribution_id: int) -> ResponseReturnValue:
    """It was not passed on after all; what was decided stays."""
    return _apply(
        contribution_id,
        lambda session, by: service_requests.undo_pass_to_service(session, contribution_id, by),
        _("It is not passed on any more."),
    )


@pages.post("/contributions/<int:contribution_id>/set-aside")
@allow(*DECIDE)
def set_aside(contribution_id: int) -> ResponseReturnValue:
    """Keep it unpublished, with a reason of the published list."""
    form = SetAsideForm()
    if not form.validate():
        return show_sheet(contribution_id, aside_form=form), 422
    reason = SetAsideReason(form.reason.data)
    return _decide(contribution_id, "set_aside", _("Set aside. It stays here, with its reason."), reason=reason)


@pages.post("/contributions/<int:contribution_id>/reopen")
@allow(*DECIDE)
def reopen(contribution_id: int) -> ResponseReturnValue:
    """Put it back among those to review."""
    revision = _revision()

    def again(session: Session, by: int) -> None:
        contribution = moderation.decide_contribution(
            session, contribution_id, "reopen", by=by, expect_revision=revision
        )
        second_looks.record_undone_decision(session, contribution)

    return _apply(contribution_id, again, _("It is back among those to review."))


@pages.post("/contributions/<int:contribution_id>/undo/<int:history_id>")
@allow(*DECIDE)
def undo(contribution_id: int, history_id: int) -> ResponseReturnValue:
    """Take back the newest decision."""
    revision = _revision()

    def take_back(session: Session, by: int) -> None:
        # What was masked may stand in the text again, and then it is heard and seen again as well.
        contribution = moderation.undo_decision(session, contribution_id, history_id, by, revision)
        masked_copies.update_copies(session, contribution)
        second_looks.record_undone_decision(session, contribution)
        if contribution.moderation is Moderation.IN_REVIEW:
            service_requests.undo_pass_to_service(session, contribution_id, by)

    return _apply(contribution_id, take_back, _("Taken back."))


def _revision() -> int:
    """The revision the page showed; one that cannot be read is no revision, so the change is refused as outdated."""
    form = RevisionForm()
    return form.revision.data if form.validate() else -1


@pages.post("/contributions/<int:contribution_id>/erase")
@allow(*DECIDE, confirmed=True)
def erase_for_good(contribution_id: int) -> ResponseReturnValue:
    """Erase a contribution with everything that belongs to it, because its author or the law asks for it."""
    form = EraseForm()
    if not form.validate():
        return show_sheet(contribution_id, erase_form=form), 422
    revision = _revision()
    try:
        with store_of().write() as session:
            lock_for_change(session, contribution_id, revision)
            erase_contribution(session, contribution_id, by=require_person().id, reason=form.reason.data)
    except InboxError as error:
        flash(error_message(error), "error")
        return _back(contribution_id)
    scrub_deleted_words(store_of())
    flash(_("It is erased, with its original, its text and the address it came from."), "success")
    return redirect(url_for("contributions.index"))


@pages.post("/contributions/<int:contribution_id>/keep")
@allow(*DECIDE)
def keep(contribution_id: int) -> ResponseReturnValue:
    """Take back an erasure that the author asked for by text, because the author has changed their mind."""
    with store_of().write() as session:
        kept = erasure_requests.cancel_erasure(session, contribution_id, require_person().id)
    if kept:
        flash(_("It is kept: the erasure is taken back."), "success")
    else:
        flash(_("No erasure is on its way any more."), "error")
    return _back(contribution_id)


@pages.post("/contributions/<int:contribution_id>/leave")
@allow(*DECIDE)
def leave(contribution_id: int) -> ResponseReturnValue:
    """Go on to the next one to review, back to the list, or stay: what stands in the box has been kept before."""
    where, queue = request.form.get("to", ""), current_queue()
    if where == "list":
        return redirect(list_url())
    if where == "next":
        return redirect_to_next(queue or Queue(QueueKind.NEW), contribution_id)
    if where == "previous" and queue is not None:
        with store_of().read() as rows:
            found = queues.previous_in_queue(rows, queue, current_viewer(), contribution_id)
        if found is not None:
            return redirect(address_in_queue(queue, found, "outcome"))
    return _back(contribution_id)


@pages.post("/contributions/<int:contribution_id>/wish")
@allow(*DECIDE)
def settle_wish(contribution_id: int) -> ResponseReturnValue:
    """Settle the author's wish to have it erased: it may stay after all, or something else was meant."""
    with store_of().write() as session:
        settled = erasure_wishes.settle_wishes(session, contribution_id, require_person().id)
    if settled:
        flash(_("The wish is settled: it can be published."), "success")
    else:
        flash(_("There is no open wish any more."), "error")
    return _back(contribution_id)
