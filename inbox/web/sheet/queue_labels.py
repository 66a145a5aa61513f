"""What queues are called."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from inbox.desk.queues import Queue, QueueKind
from inbox.web.base.labels import Label
from inbox.web.base.page_language import language_name

KINDS: dict[QueueKind, Label] = {
    QueueKind.NEW: _l("New ones"),
    QueueKind.DOUBTFUL: _l("Doubtful readings"),
    QueueKind.WAITING: _l("Waiting for long"),
    QueueKind.MINE: _l("Given to me"),
    QueueKind.DANGER: _l("Perhaps somebody is in danger"),
    QueueKind.APPEALS: _l("Appeals"),
    QueueKind.UNREAD: _l("Published, to be read"),
    QueueKind.LIST: _l("The list, as filtered"),
}

MEANINGS: dict[QueueKind, Label] = {
    QueueKind.NEW: _l("Everything to review, the newest first."),
    QueueKind.DOUBTFUL: _l("Machines were unsure of these texts: listen or look, and correct."),
    QueueKind.WAITING: _l("In review for more than five days, the oldest first."),
    QueueKind.MINE: _l("What was given to you to decide; nobody else comes to it by going through a queue."),
    QueueKind.DANGER: _l("Words of danger stand in these texts. Read them first; nothing else follows by itself."),
    QueueKind.UNREAD: _l(
        "Published as they came, as their consultation says: read, and set aside what must not stand."
    ),
    QueueKind.APPEALS: _l("The author does not agree with a decision, or says that we misunderstood: look again."),
}


def queue_name(queue: Queue, themes: Mapping[str, str], centres: Mapping[str, str]) -> Label:
    """A queue's name in the reader's language."""
    if queue.kind is QueueKind.THEME:
        return str(_("Theme: %(name)s", name=themes.get(queue.key, queue.key)))
    if queue.kind is QueueKind.CENTRE:
        return str(_("Centre: %(name)s", name=centres.get(queue.key, queue.key)))
    if queue.kind is QueueKind.LANGUAGE:
        return str(_("Language: %(name)s", name=language_name(queue.key)))
    return KINDS[queue.kind]
