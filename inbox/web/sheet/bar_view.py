"""The bar at the foot of a contribution's page: where in which queue somebody is, and the keys of their desk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.desk import desk_keys, queues
from inbox.desk.desk_keys import DeskKeys
from inbox.desk.queues import Queue, QueueViewer
from inbox.models import Centre
from inbox.web.base.labels import Label
from inbox.web.sheet import queue_labels

ACTIONS: Mapping[str, Label] = {
    "publish": _l("Publish, with what you typed and what is to be masked"),
    "set_aside": _l("Set aside: then 1 to 9 choose the reason"),
    "pass_on": _l("Service request: publish it as passed on to the service"),
    "next": _l("Skip: go to the next one"),
    "previous": _l("Go back to the one before"),
    "undo": _l("Take back what was just done"),
    "edit": _l("Correct the text; Escape leaves it, Ctrl and Enter publish"),
    "mask": _l("Mask the chosen words, or everything proposed"),
    "themes": _l("Keep all suggested themes, or none; 1 to 9 keep one"),
    "add_theme": _l("Add a theme"),
    "doubt": _l("Next doubtful word"),
    "other": _l("Take the other engine’s words, and go to the next doubtful one"),
    "play": _l("Play or stop the recording"),
    "slower": _l("Play slower"),
    "faster": _l("Play faster"),
    "zoom": _l("Enlarge the page, or make it small again"),
    "turn": _l("Turn the page by a quarter"),
    "note": _l("Write a note"),
    "assign": _l("Take it: it is mine to decide"),
    "beside": _l("Those that say the same"),
    "list": _l("Back to the list"),
    "search": _l("Search"),
    "help": _l("Show or hide this list of keys"),
}


@dataclass(frozen=True, slots=True)
class QueueBar:
    """Where somebody is."""

    queue: Queue | None
    name: Label
    left: int
    at_least: bool
    """There are more than ``left``."""


def queue_bar(session: Session, queue: Queue | None, viewer: QueueViewer, themes: Mapping[str, str]) -> QueueBar:
    """The queue somebody is in, and how many are left in it."""
    if queue is None:
        return QueueBar(None, "", 0, False)
    left, at_least = queues.count_queue(session, queue, viewer)
    return QueueBar(queue, queue_labels.queue_name(queue, themes, centre_names(session)), left, at_least)


def centre_names(session: Session) -> dict[str, str]:
    """The names of the centres, by slug."""
    rows = session.execute(select(Centre.slug, Centre.name).order_by(Centre.name))
    return {row.slug: row.name for row in rows}


def keys_for(session: Session, person_id: int) -> DeskKeys:
    """Somebody's keys."""
    return desk_keys.keys_of(session, person_id)
