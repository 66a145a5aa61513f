"""Going on through a queue: which one somebody is in, what comes next, and the offer to take back what was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from inbox.desk import presence, queues
from inbox.desk.queues import Queue, QueueKind, QueueViewer
from inbox.listings.filters import ContributionFilter
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import require_person
from inbox.web.contributions.list_query import ListQuery

QUEUE = "queue"
"""The field, and the argument of addresses, that names the queue."""

_OFFER = "undo"


def current_viewer() -> QueueViewer:
    """Who goes through a queue."""
    person = require_person()
    return QueueViewer(person.id, person.sight)


def current_queue() -> Queue | None:
    """The queue that this request names; None when it names none."""
    name = request.values.get(QUEUE, "")
    return queues.find_queue(name, last_list_query()) if name else None


def last_list_query() -> ContributionFilter:
    """What this person last asked the list for."""
    person = require_person()
    return ListQuery.from_query(session.get("list", {}), person.sight).filter(person.id, settings_of().zone)


def address_in_queue(queue: Queue | None, contribution_id: int, anchor: str | None = None) -> str:
    """The address of a contribution within a queue."""
    name = queue.name if queue else None
    return url_for("contributions.show", contribution_id=contribution_id, _anchor=anchor, queue=name)


def list_url() -> str:
    """The list as this person last asked for it."""
    return url_for("contributions.index", **session.get("list", {}))


def redirect_to_next(queue: Queue, contribution_id: int) -> ResponseReturnValue:
    """To the next of a queue, which from now on counts as looked at; to the desk at its end."""
    here = current_viewer()
    with store_of().write() as rows:
        presence.clear_presence(rows, contribution_id, here.person_id)
        found = queues.claim_next(rows, queue, here, contribution_id)
    if found is not None:
        return redirect(address_in_queue(queue, found, "outcome"))
    ended = list_url() if queue.kind is QueueKind.LIST else url_for("triage.overview", ended=queue.name)
    return redirect(ended)


# --- taking back -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class UndoOffer:
    """What was just done, and how it can be taken back; shown once, on the next page."""

    said: str
    action: str
    """The address to send it to."""
    fields: dict[str, Any]


def offer_undo(said: str, action: str, **fields: Any) -> None:
    """Offer to take back what was just done."""
    session[_OFFER] = {"said": said, "action": action, "fields": fields}


def undo_offered() -> UndoOffer | None:
    """The offer, once."""
    kept = session.pop(_OFFER, None)
    return UndoOffer(**kept) if kept else None
