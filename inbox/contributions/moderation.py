"""Decisions about contributions: a table of transitions, each with its reason, each in the history, each undoable."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from config.enums import Moderation, SetAsideReason, TextOrigin
from inbox.administration import webhooks
from inbox.contributions import erasure_wishes, linking, non_contributions, text_versions
from inbox.contributions.optimistic_locking import lock_for_change
from inbox.errors import InboxError
from inbox.models import Contribution, PostModeration
from inbox.models.column_types import utc_now
from inbox.records import history

TRANSITIONS: Mapping[tuple[Moderation, str], Moderation] = {
    (Moderation.IN_REVIEW, "publish"): Moderation.PUBLISHED,
    (Moderation.SET_ASIDE, "publish"): Moderation.PUBLISHED,
    (Moderation.IN_REVIEW, "set_aside"): Moderation.SET_ASIDE,
    (Moderation.PUBLISHED, "set_aside"): Moderation.SET_ASIDE,
    # Setting aside again changes the reason.
    (Moderation.SET_ASIDE, "set_aside"): Moderation.SET_ASIDE,
    (Moderation.PUBLISHED, "reopen"): Moderation.IN_REVIEW,
    (Moderation.SET_ASIDE, "reopen"): Moderation.IN_REVIEW,
}


class NotAllowed(InboxError):
    """A decision that cannot be taken in this state."""

    remedy = "Look at the contribution again: it is already so, or it has to be reopened first."


class ReasonNeeded(InboxError):
    """Setting aside without one of the published reasons."""

    remedy = "Choose one of the published reasons."


class NothingToPublish(InboxError):
    """Publishing a contribution that has no text."""

    remedy = "Write down what the original says first, or set it aside."


class Unconfirmed(InboxError):
    """Publishing what a machine read and nobody has confirmed."""

    remedy = "Compare the text with the original, correct or confirm it, then publish."


class ErasureWished(InboxError):
    """Publishing what its author wishes to be erased."""

    remedy = "Erase it, or ask its author and settle the wish on its page, then publish."


class NotUndoable(InboxError):
    """Taking back what is not the last decision, or cannot be taken back."""

    remedy = "Take back the decisions made since, newest first."


def decide_contribution(
    session: Session,
    contribution_id: int,
    action: str,
    *,
    reason: SetAsideReason | None = None,
    by: int,
    expect_revision: int | None,
    confirm: bool = False,
) -> Contribution:
    """Publish, set aside (with a reason) or reopen a contribution.

    With ``confirm``, publishing also confirms the text shown at ``expect_revision``. Raises
    Stale, NotAllowed, ReasonNeeded, Unconfirmed, NothingToPublish, ErasureWished, NotThere.
    """
    contribution = lock_for_change(session, contribution_id, expect_revision)
    target = TRANSITIONS.get((contribution.moderation, action))
    if target is None:
        raise NotAllowed(f"{action} in {contribution.moderation}")
    if target is Moderation.SET_ASIDE and reason is None:
        raise ReasonNeeded("no reason was given")
    if target is Moderation.PUBLISHED:
        if confirm and _origin(session, contribution) is TextOrigin.MACHINE:
            text_versions.confirm_text(session, contribution_id, by, None)
        _check_publishable(session, contribution)
    _move(session, contribution, target, reason, action, by)
    record_reading(session, contribution_id, by)
    return contribution


def publish_unread(session: Session, contribution_id: int) -> None:
    """Publish before a moderator has read it, as its consultation says. Raises as ``decide_contribution`` does."""
    contribution = lock_for_change(session, contribution_id)
    if contribution.moderation is not Moderation.IN_REVIEW:
        raise NotAllowed(f"publish in {contribution.moderation}")
    _check_publishable(session, contribution)
    _move(session, contribution, Moderation.PUBLISHED, None, "publish", None)
    session.add(PostModeration(contribution_id=contribution_id, held=""))


def record_reading(session: Session, contribution_id: int, by: int) -> bool:
    """Somebody has read what was published unread, or decided it; False where nothing waits to be read."""
    read = update(PostModeration).values(read_at=utc_now(), read_by_id=by)
    waiting = PostModeration.contribution_id == contribution_id, PostModeration.read_at.is_(None)
    return session.scalar(read.where(*waiting).returning(PostModeration.contribution_id)) is not None


def _origin(session: Session, contribution: Contribution) -> TextOrigin | None:
    wording = text_versions.current_text(session, contribution)
    return wording.origin if wording else None


def _check_publishable(session: Session, contribution: Contribution) -> None:
    if erasure_wishes.has_open_wish(session, contribution.id):
        raise ErasureWished(f"the author of contribution {contribution.id} wishes it to be erased")
    origin = _origin(session, contribution)
    if origin is None:
        raise NothingToPublish(f"contribution {contribution.id} has no text")
    if origin is TextOrigin.MACHINE:
        raise Unconfirmed(f"nobody has confirmed the text of contribution {contribution.id}")


def _move(
    session: Session,
    contribution: Contribution,
    target: Moderation,
    reason: SetAsideReason | None,
    action: str,
    by: int | None,
    undoes: int | None = None,
) -> None:
    details = {
        "from": contribution.moderation.value,
        "from_reason": contribution.set_aside_reason.value if contribution.set_aside_reason else None,
        "to": target.value,
        "reason": reason.value if reason and target is Moderation.SET_ASIDE else None,
    }
    contribution.moderation = target
    contribution.set_aside_reason = reason if target is Moderation.SET_ASIDE else None
    contribution.revision += 1
    history.record_event(session, f"contribution:{contribution.id}", action, by, details, undoes)
    webhooks.queue_event(session, f"contribution.{target.value}", {"contribution": contribution.id})


# --- taking back ---------------------------------------------------------------------------------


def undoable_decision(session: Session, contribution: Contribution) -> history.HistoryEntry | None:
    """The decision that can be taken back now: the newest that was not, when a person made it."""
    for line in history.history_of(session, f"contribution:{contribution.id}"):
        if line.action in _BYSTANDERS or line.undone or line.undoes_id is not None:
            continue
        return line if line.action in _UNDO and line.person_id is not None else None
    return None


def undo_decision(
    session: Session, contribution_id: int, history_id: int, by: int, expect_revision: int | None = None
) -> Contribution:
    """Take back the contribution's newest decision, correction, merge or split; the undoing is a line of history too.

    Raises NotUndoable when it is not the newest, Unconfirmed when it would publish what nobody
    confirmed, Stale, NotThere.
    """
    contribution = lock_for_change(session, contribution_id, expect_revision)
    line = undoable_decision(session, contribution)
    if line is None or line.id != history_id:
        raise NotUndoable(f"line {history_id} is not the newest that can be taken back")
    _UNDO[line.action](session, contribution, line, by)
    return contribution


def _undo_decision(session: Session, contribution: Contribution, line: history.HistoryEntry, by: int) -> None:
    target = Moderation(line.details["from"])
    reason = SetAsideReason(line.details["from_reason"]) if line.details["from_reason"] else None
    if target is Moderation.PUBLISHED:
        _check_publishable(session, contribution)
    _move(session, contribution, target, reason, "undo", by, undoes=line.id)


def _undo_with(
    act: Callable[[Session, Contribution, Mapping[str, Any]], None],
) -> Callable[[Session, Contribution, history.HistoryEntry, int], None]:
    def undo_line(session: Session, contribution: Contribution, line: history.HistoryEntry, by: int) -> None:
        # Recorded first: what is in force is worked out from what was taken back.
        history.record_event(session, f"contribution:{contribution.id}", "undo", by, {"action": line.action}, line.id)
        contribution.revision += 1
        act(session, contribution, line.details)

    return undo_line


_UNDO: dict[str, Callable[[Session, Contribution, history.HistoryEntry, int], None]] = {
    "publish": _undo_decision,
    "set_aside": _undo_decision,
    "reopen": _undo_decision,
    "confirm": _undo_with(text_versions.revert_text),
    "correct": _undo_with(text_versions.revert_text),
    "merge": _undo_with(linking.unmerge),
    "split": _undo_with(linking.unsplit),
    non_contributions.TAKEN: _undo_with(non_contributions.restore_judgement),
}

_BYSTANDERS = frozenset(
    {
        "arrived",
        "joined",
        "unmerged",
        "tag_added",
        "tag_confirmed",
        "tag_removed",
        "replay",
        "erasure_asked_for",
        "erasure_confirmed",
        "erasure_taken_back",
        "assigned",
        "unassigned",
        "noted",
        "appealed",
        "appeal_settled",
        "contested",
        "contest_settled",
        "copy_shared",
        "copy_unshared",
        "copy_covered",
        "copy_uncovered",
        "passed_on",
        "passed_on_taken_back",
        "fault_reported",
        "fault_sent",
        "service_open",
        "service_closed",
        "looked_twice",
        "read_afterwards",
        erasure_wishes.WISHED,
        erasure_wishes.SETTLED,
    }
)
"""What stands in a contribution's history without standing in the way of taking back what came before."""
