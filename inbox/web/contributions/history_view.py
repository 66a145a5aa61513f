"""What happened to a contribution, as sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from config.enums import Channel, SetAsideReason, StepKind
from inbox.records.history import HistoryEntry, history_of
from inbox.web.base.labels import CHANNELS, ERASURE_REASONS, SET_ASIDE_REASONS, STEPS, Label

ACTIONS: dict[str, Label] = {
    "arrived": _l("Arrived"),
    "correct": _l("Text corrected"),
    "confirm": _l("Text confirmed"),
    "publish": _l("Published"),
    "set_aside": _l("Set aside"),
    "reopen": _l("Put back to review"),
    "undo": _l("Taken back"),
    "replay": _l("Tried again"),
    "tag_added": _l("Theme added"),
    "tag_confirmed": _l("Theme kept"),
    "tag_removed": _l("Theme removed"),
    "merged_into": _l("Joined with another contribution"),
    "unmerged": _l("Separated again"),
    "split_from": _l("Split from another contribution"),
    "erase_part": _l("A part was erased"),
    "forget_file": _l("A file’s time was over"),
    "grown": _l("The file it came in has grown since and was read again"),
    "left_as_it_was": _l("The file it came in has grown since; what a person decided was left as it was"),
    "superseded": _l("Superseded by the other forms of its file, which has grown since"),
    "joined": _l("More from the same person"),
    "merge": _l("Joined with another contribution"),
    "split": _l("Split into several contributions"),
    "erasure_asked_for": _l("The person asks for it to be erased"),
    "erasure_confirmed": _l("The person confirms: it will be erased"),
    "erasure_taken_back": _l("The erasure was taken back"),
    "erasure_wished": _l("The person wishes it to be erased, and was told how"),
    "erasure_wish_settled": _l("The wish to erase it is settled"),
    "erase": _l("Erased"),
    "answered": _l("Answered by the town"),
    "replies": _l("It replies to an answer of the town"),
    "reported": _l("Flagged by a reader of the public page"),
    "report_settled": _l("Looked at, after it was flagged"),
    "assigned": _l("Given to somebody to decide"),
    "unassigned": _l("Given to nobody any more"),
    "noted": _l("A note was written"),
    "appealed": _l("The author does not agree"),
    "appeal_settled": _l("Another moderator has looked again"),
    "contested": _l("The author says that we misunderstood"),
    "contest_settled": _l("A moderator has looked again"),
    "copy_shared": _l("Officials may hear or see the masked copy"),
    "copy_covered": _l("A place was covered by hand in the masked copy"),
    "copy_uncovered": _l("A place covered by hand was uncovered"),
    "copy_unshared": _l("The masked copy was taken back from officials"),
    "passed_on": _l("Service request: passed on to the service"),
    "fault_reported": _l("Handed in as a fault by a program of the town (Open311)"),
    "fault_sent": _l("Sent to the town’s fault-report system (Open311)"),
    "service_open": _l("The service says: it is open"),
    "service_closed": _l("The service says: it is closed"),
    "passed_on_taken_back": _l("That it was passed on to a service was taken back"),
    "read_afterwards": _l("Read by a moderator after it was published, and left so"),
    "looked_twice": _l("Another moderator decided it without knowing the first decision"),
    "no_receipt": _l("No receipt was sent"),
    "not_sent": _l("An answer was not sent"),
    "receipt_returned": _l("Our receipt came back undelivered"),
    "taken_as_contribution": _l("Taken as a contribution by a person"),
    "withdrawn": _l("The scanned file was withdrawn"),
    "put_back": _l("The scanned file was put back"),
    "code_typed": _l("The number of a page was typed in"),
    "scanned_again": _l("Left out: its sheet was scanned again"),
    "batch_backup": _l("A backup was made, says a person"),
    "batch_visa": _l("The archives gave their visa, says a person"),
    "batch_shredded": _l("The paper was shredded"),
    "batch_backup_taken_back": _l("That a backup was made was taken back"),
    "batch_visa_taken_back": _l("The archives’ visa was taken back"),
    "keyed": _l("Typed in at the keying desk"),
    "boxes_said": _l("Boxes looked at at the keying desk"),
    "answered_by_machine": _l("An automatic reply to our receipt came"),
}

REASONS: dict[str, Label] = {
    "new_text": _l("its text has changed"),
    "same_thread": _l("this conversation has had one"),
    "forged": _l("the mail server calls its sender forged"),
    "just_sent": _l("another one had just gone to this address"),
    "many_today": _l("ten messages had gone to this address within a day"),
    "same_words": _l("the same words had come from this address before"),
}


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One line of history."""

    id: int
    sentence: Label
    detail: str
    by: str
    undone: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """A page of what happened, newest first."""

    events: tuple[HistoryEvent, ...]
    older: int | None
    """The line before which the older ones are; None at the end."""
    is_newest: bool


LINES = 50
"""Of the history of one contribution, on one page."""


def history_page_of(
    session: Session, *subjects: str, before: int | None = None, told: Callable[[str], bool] = lambda _action: True
) -> HistoryPage:
    """What happened to some subjects, a page of it; ``told`` says of which actions somebody may read."""
    entries = history_of(session, *subjects, before=before, limit=LINES + 1)
    shown = entries[:LINES]
    events = history_events(one for one in shown if told(one.action))
    return HistoryPage(events, shown[-1].id if len(entries) > LINES else None, before is None)


def history_events(entries: Iterable[HistoryEntry]) -> tuple[HistoryEvent, ...]:
    """History in words, newest first. An action nobody has named yet shows as it is called."""
    return tuple(
        HistoryEvent(
            id=entry.id,
            sentence=ACTIONS.get(entry.action, entry.action.replace("_", " ")),
            detail=_detail(entry.details),
            by=entry.person_name or "",
            undone=entry.undone,
            at=entry.at,
        )
        for entry in entries
    )


def _detail(details: dict[str, Any]) -> str:
    if (reason := details.get("reason")) in set(SetAsideReason):
        return str(SET_ASIDE_REASONS[SetAsideReason(str(reason))])
    if (reason := details.get("reason")) in ERASURE_REASONS:
        return str(ERASURE_REASONS[str(reason)])
    if (channel := details.get("channel")) in set(Channel):
        return str(CHANNELS[Channel(str(channel))])
    if (step := details.get("step")) in set(StepKind):
        return str(STEPS[StepKind(str(step))])
    return str(REASONS.get(str(details.get("because")), ""))
