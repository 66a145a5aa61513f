"""Every page with residents' words leaves a row of who opened it; a list is one row.

The row is added after the page is made and before it leaves. Where it cannot be added, nothing is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask, Response, g, request

from inbox.models.column_types import utc_now
from inbox.storage.opening_log import Opening
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import current_person

SEEN, HEARD, LISTED, SEARCHED, EXPORTED = "seen", "heard", "listed", "searched", "exported"


@dataclass(frozen=True)
class OpeningKind:
    """What a page's being opened is noted as."""

    action: str
    kind: str
    argument: str = ""
    """Which part of the address says what of that kind; empty for lists."""


PAGES: Mapping[str, OpeningKind] = {
    "contributions.index": OpeningKind(LISTED, "contributions"),
    "contributions.export": OpeningKind(EXPORTED, "contributions"),
    "contributions.show": OpeningKind(SEEN, "contribution", "contribution_id"),
    "media.original": OpeningKind(SEEN, "medium", "medium_id"),
    "media.source": OpeningKind(SEEN, "original", "arrival_id"),
    "media.arrived": OpeningKind(SEEN, "original", "arrival_id"),
    "batches.batch": OpeningKind(LISTED, "batch", "intake_id"),
    "batch_overview.show": OpeningKind(LISTED, "batch", "intake_id"),
    "entry.slip": OpeningKind(SEEN, "batch", "intake_id"),
    "desk.work": OpeningKind(SEEN, "keying desk"),
    "desk.picture": OpeningKind(SEEN, "keying desk", "item_id"),
    "flags.index": OpeningKind(LISTED, "reported texts"),
    "answers.show": OpeningKind(SEEN, "answer", "answer_id"),
    "answer_prints.letters": OpeningKind(EXPORTED, "answer", "answer_id"),
    "answer_prints.notices": OpeningKind(EXPORTED, "answer", "answer_id"),
    "report_data.raw": OpeningKind(EXPORTED, "contributions"),
    "judged.index": OpeningKind(LISTED, "not contributions"),
    "judged.show": OpeningKind(SEEN, "not contribution", "number"),
    "oversight.quarantine": OpeningKind(LISTED, "quarantine"),
    "rights.index": OpeningKind(LISTED, "rights requests"),
    "rights.show": OpeningKind(SEEN, "rights request", "request_id"),
    "rights_done.copy": OpeningKind(EXPORTED, "person's data", "request_id"),
    "openings.index": OpeningKind(LISTED, "openings"),
    "openings.export": OpeningKind(EXPORTED, "openings"),
}
"""By endpoint. Pictures of a list's sheets belong to the list, and leave no row of their own."""

_SHOWN = frozenset({200, 206})


def note_list_length(shown: int) -> None:
    """Say of how many things the list of this request is."""
    g.opening_count = shown


def _note(response: Response) -> Response:
    opens = PAGES.get(request.endpoint or "")
    if opens is None or response.status_code not in _SHOWN:
        return response
    if request.method != "GET" and opens.action is not EXPORTED:
        return response
    person = current_person()
    if person is None or (opens.kind == "medium" and _goes_on(response)):
        return response
    words = request.args.get("q", "").strip()[:200] if opens.action is LISTED else ""
    subject = f"{opens.kind}:{(request.view_args or {})[opens.argument]}" if opens.argument else opens.kind
    sounds = (response.mimetype or "").startswith(("audio/", "video/"))
    action = SEARCHED if words else HEARD if sounds else opens.action
    store_of().openings.note(Opening(person.id, action, subject, g.get("opening_count"), words), utc_now())
    return response


def _goes_on(response: Response) -> bool:
    """Whether a player fetches a further piece of what it has begun to play."""
    return response.status_code == 206 and not response.headers.get("Content-Range", "").startswith("bytes 0-")


def install(app: Flask) -> None:
    """Have every opening noted."""
    app.after_request(_note)
