"""The same for many contributions of the list, and taking it back; saved views."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import TypeVar

from flask import Blueprint, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from config.enums import SetAsideReason
from inbox.desk import assignment, bulk_actions, saved_views
from inbox.desk.bulk_actions import BulkOutcome, BulkRequest
from inbox.desk.saved_views import BadView
from inbox.listings.filters import walk_along
from inbox.web.base.app_context import store_of
from inbox.web.base.error_pages import error_message
from inbox.web.base.guard import allow, require_person
from inbox.web.contributions.inbox_pages import DECIDE
from inbox.web.contributions.queue_navigation import last_list_query, list_url, offer_undo

pages = Blueprint("bulk", __name__)

Item = TypeVar("Item")


@pages.post("/contributions/bulk")
@allow(*DECIDE)
def act() -> ResponseReturnValue:
    """Do the same to what was chosen, a chunk at a time; what refuses is left as it is, and counted with its reason."""
    wanted, problem = _wanted()
    ids = _chosen()
    if not ids:
        problem = _("Choose contributions first.")
    if problem:
        flash(problem, "error")
        return redirect(list_url())
    assert wanted is not None
    person, outcome = require_person(), BulkOutcome()
    with store_of().write() as rows:
        bulk_id = bulk_actions.begin_bulk_action(rows, wanted, person.id)
    for chunk in _chunks(ids):
        with store_of().write() as rows:
            bulk_actions.apply_to_chunk(rows, bulk_id, chunk, wanted, person.id, outcome)
    said = ngettext("Done for %(num)d contribution.", "Done for %(num)d contributions.", outcome.done)
    if outcome.done:
        offer_undo(said, url_for("bulk.undo_chunk", bulk_id=bulk_id))
    for kind, count in outcome.refused.items():
        left = ngettext("%(num)d was left as it is:", "%(num)d were left as they are:", count)
        flash(f"{left} {error_message(kind(''))}", "warning")
    return redirect(list_url())


def _wanted() -> tuple[BulkRequest | None, str]:
    """What is to be done, or what is missing."""
    action, form = request.form.get("action", ""), request.form
    if action == "publish":
        return BulkRequest("publish"), ""
    if action == "set_aside":
        reason = form.get("reason", "")
        if reason not in set(SetAsideReason):
            return None, _("Choose a reason: the resident will be told.")
        return BulkRequest("set_aside", reason=SetAsideReason(reason)), ""
    if action == "tag":
        tag = form.get("theme", "") or " ".join(form.get("word", "").split())
        return (BulkRequest("tag", tag=tag), "") if tag else (None, _("Choose a theme or write a word."))
    if action == "assign":
        to = form.get("to", "")
        with store_of().read() as rows:
            known = dict(assignment.moderators(rows))
        if to and not (to.isdecimal() and int(to) in known):
            return None, _("Choose who is to decide.")
        return BulkRequest("assign", to=int(to) if to else None), ""
    return None, _("Choose what to do.")


def _chosen() -> list[int]:
    """Those that were ticked, or all that fit the list up to the limit."""
    if request.form.get("all") == "1":
        with store_of().read() as rows:
            found = walk_along(rows, last_list_query(), require_person().sight).older(rows, None, bulk_actions.LIMIT)
        return [one.id for one in found]
    ticked = [int(one) for one in request.form.getlist("id") if one.isdecimal() and len(one) < 10]
    return list(dict.fromkeys(ticked))[: bulk_actions.LIMIT]


def _chunks(several: Sequence[Item]) -> Iterator[list[Item]]:
    left = iter(several)
    while chunk := list(islice(left, bulk_actions.CHUNK)):
        yield chunk


@pages.post("/contributions/bulk/<int:bulk_id>/undo")
@allow(*DECIDE)
def take_back(bulk_id: int) -> ResponseReturnValue:
    """Take back what was done to many; what somebody has worked on since stays as it is."""
    person = require_person()
    with store_of().read() as rows:
        found = bulk_actions.undoable_lines(rows, bulk_id, person.id)
    if found is None:
        flash(_("It cannot be taken back any more."), "error")
        return redirect(list_url())
    action, lines = found
    done = 0
    for chunk in _chunks(lines):
        with store_of().write() as rows:
            done += bulk_actions.undo_chunk(rows, action, chunk, person.id)
    with store_of().write() as rows:
        bulk_actions.mark_undone(rows, bulk_id)
    flash(ngettext("Taken back for %(num)d contribution.", "Taken back for %(num)d contributions.", done), "success")
    if done < len(lines):
        flash(_("The others were changed since, and stay as they are."), "warning")
    return redirect(list_url())


# --- saved views -----------------------------------------------------------------------------------


@pages.post("/contributions/views")
@allow(*DECIDE)
def keep_view() -> ResponseReturnValue:
    """Keep the list as it is now asked for, under a name."""
    query = {name: str(value) for name, value in session.get("list", {}).items() if name not in ("before", "after")}
    try:
        with store_of().write() as rows:
            saved_views.save_view(
                rows, require_person().id, request.form.get("name", ""), query, shared="shared" in request.form
            )
    except BadView as error:
        flash(error_message(error), "error")
    else:
        flash(_("The view is kept."), "success")
    return redirect(list_url())


@pages.post("/contributions/views/<int:view_id>/remove")
@allow(*DECIDE)
def remove_view(view_id: int) -> ResponseReturnValue:
    """Delete one's own view."""
    with store_of().write() as rows:
        saved_views.delete_view(rows, require_person().id, view_id)
    flash(_("The view is deleted."), "success")
    return redirect(list_url())
