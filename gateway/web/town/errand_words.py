"""How far an errand is, and what came of it, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from inbox.administration.errands import ErrandKind, ErrandStatus
from inbox.web.base.labels import Label

OUTCOMES: Mapping[str, Label] = {
    "text_sent": _l("The provider has taken the text: it must ring within a minute."),
    "call_placed": _l("The provider has taken the call: your telephone rings within a minute, and says that it works."),
    "mail_sent": _l("The mail server has taken the mail: look into the mailbox, and among unwanted mail."),
    "mailbox_answers": _l("The sign-in works, and the folders are there."),
    "backup_made": _l("The backup is made and lies on the machine."),
    "backup_whole": _l("The backup is whole: every piece is as it was written, and the keys here open it."),
    "model_installed": _l("The model is installed: it heard a sentence before it took its place."),
    "model_not_installed": _l("The model was not installed; what was there before stays as it was."),
    "restored": _l("The backup is restored, beside what runs."),
    "all_looked_at": _l("Everything was looked at."),
    "not_set_up": _l("Something is not set yet: look at the boxes above."),
    "refused": _l("The other side refuses it: check the account, the password and the number."),
    "not_reached": _l("The other side cannot be reached: check its address, and the network."),
    "damaged": _l("The backup is damaged: make another one, and delete this one."),
    "no_keys": _l("The keys that open this backup are not in the keys’ folder any more."),
    "too_new": _l("The backup was made by a newer version: update first."),
    "no_such_file": _l("This backup is not there any more."),
    "no_room": _l("There is no room left on the disk."),
    "draft_written": _l("The draft is written."),
    "archived": _l("What arrived and what machines read lies in the archive."),
    "unarchived": _l("Everything is back in its place."),
    "not_concluded": _l("It is not concluded: it is open, or something in it waits to be read or decided."),
    "failed": _l("It did not work."),
}
"""What an errand's ``said`` means."""

DOING: Mapping[str, Label] = {
    "tables": _l("writing down what stands in the database"),
    "files": _l("copying recordings and pages"),
    "reading": _l("reading it through"),
    "fetching": _l("fetching the model, checking it, letting it hear a sentence"),
    "restoring": _l("writing it out beside what runs"),
    "drafting": _l("writing"),
    "archiving": _l("moving it into the archive"),
    "unarchiving": _l("bringing it back"),
    "search": _l("making it findable"),
}


@dataclass(frozen=True)
class ShownErrand:
    """An errand as a page tells it."""

    id: int
    kind: ErrandKind
    told: ErrandStatus
    words: str
    percent: int | None
    detail: str


def shown_errand(told: ErrandStatus) -> ShownErrand:
    """An errand in the reader's words."""
    return ShownErrand(
        told.id, told.kind, told, _words(told), _percent(told.progress), str(told.result.get("detail", ""))
    )


def _words(told: ErrandStatus) -> str:
    if told.is_open:
        doing = DOING.get(str(told.progress.get("what")))
        return str(_("Under way: %(doing)s.", doing=doing)) if doing else str(_("Asked for; it begins in a moment."))
    return str(OUTCOMES.get(str(told.result.get("said")), OUTCOMES["failed"]))


def _percent(progress: Mapping[str, Any]) -> int | None:
    of_all = progress.get("all") or 0
    return round(100 * progress["done"] / of_all) if of_all else None
