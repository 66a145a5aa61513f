"""Queues: what there is to decide, in the order in which it should be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.enums import Moderation
from config.wording.danger_words import DANGER_PHRASES
from inbox.desk import assignment, presence
from inbox.listings.filters import ContributionFilter, FilterWalk, walk_along
from inbox.listings.visibility import Visibility
from inbox.models import Contribution
from inbox.models.column_types import utc_now

LONG = timedelta(days=5)
"""What has been in review for longer has waited long."""

_ATTEMPTS = 50
"""So often somebody else may be quicker."""

_AT_ONCE = 30
"""So many are looked at together for one that nobody else has."""


class QueueKind(StrEnum):
    """What a queue holds; of a theme, centre or language, its key stands behind a colon in the queue's name."""

    NEW = "new"
    DOUBTFUL = "doubtful"
    WAITING = "waiting"
    MINE = "mine"
    DANGER = "danger"
    APPEALS = "appeals"
    UNREAD = "unread"
    THEME = "theme"
    CENTRE = "centre"
    LANGUAGE = "language"
    LIST = "list"


KEYED = (QueueKind.THEME, QueueKind.CENTRE, QueueKind.LANGUAGE)
"""Kinds of which there are several."""


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue, as somebody goes through it."""

    kind: QueueKind
    key: str = ""
    """Of the theme, centre or language."""
    asked: ContributionFilter | None = None
    """Of a list, what it was filtered by."""

    @property
    def name(self) -> str:
        """As it stands in addresses."""
        return f"{self.kind}:{self.key}" if self.key else self.kind.value

    @property
    def oldest_first(self) -> bool:
        """Whether one goes from the oldest to the newest."""
        return self.kind in (QueueKind.WAITING, QueueKind.APPEALS, QueueKind.MINE, QueueKind.UNREAD)

    def filter(self, person_id: int) -> ContributionFilter:
        """What is in it for somebody."""
        review = ContributionFilter(moderation=Moderation.IN_REVIEW)
        return {
            QueueKind.NEW: review,
            QueueKind.DOUBTFUL: replace(review, doubtful=True),
            QueueKind.WAITING: replace(review, until=utc_now() - LONG),
            QueueKind.MINE: replace(review, assigned_to=person_id),
            QueueKind.DANGER: replace(review, any_of=DANGER_PHRASES),
            QueueKind.APPEALS: ContributionFilter(appealed=True, not_decided_by=person_id),
            QueueKind.UNREAD: ContributionFilter(moderation=Moderation.PUBLISHED, published_unread=True),
            QueueKind.THEME: replace(review, theme=self.key),
            QueueKind.CENTRE: replace(review, centre=self.key),
            QueueKind.LANGUAGE: replace(review, language=self.key),
            QueueKind.LIST: self.asked or ContributionFilter(),
        }[self.kind]


def find_queue(name: str, asked: ContributionFilter | None = None) -> Queue | None:
    """The queue of this name; None when there is none. ``asked`` is what the list was filtered by last."""
    kind, _, key = name.partition(":")
    if kind not in set(QueueKind):
        return None
    found = QueueKind(kind)
    if (found in KEYED) is not bool(key) or len(key) > 64:
        return None
    return Queue(found, key, asked if found is QueueKind.LIST else None)


@dataclass(frozen=True, slots=True)
class QueueViewer:
    """Who goes through a queue."""

    person_id: int
    sight: Visibility


def count_queue(session: Session, queue: Queue, viewer: QueueViewer) -> tuple[int, bool]:
    """How many there are, and whether there are more than that."""
    return _walk(session, queue, viewer).count(session)


def next_in_queue(session: Session, queue: Queue, viewer: QueueViewer, after: int | None) -> int | None:
    """The next that nobody else has, behind one or from the beginning; None when there is no other."""
    walk = _walk(session, queue, viewer)
    found = _first_free(session, walk, viewer, after, older=not queue.oldest_first)
    if found is None and after is not None:
        found = _first_free(session, walk, viewer, None, older=not queue.oldest_first)
    return None if found == after else found


def previous_in_queue(session: Session, queue: Queue, viewer: QueueViewer, before: int) -> int | None:
    """The one in front, whoever has it."""
    walk = _walk(session, queue, viewer)
    found = walk.older(session, before, 1) if queue.oldest_first else walk.newer(session, before, 1)
    return found[0].id if found else None


def claim_next(session: Session, queue: Queue, viewer: QueueViewer, after: int | None) -> int | None:
    """As ``next_in_queue``, and from now on it counts as looked at: two who ask at once get different ones."""
    for _ in range(_ATTEMPTS):
        if (found := next_in_queue(session, queue, viewer, after)) is None:
            return None
        # Who else is just taking it holds its row; SQLite has one writer at a time, and leaves the lock out.
        free = session.scalar(select(Contribution.id).where(Contribution.id == found).with_for_update(skip_locked=True))
        if free is not None and not presence.taken_by_others(session, [found], viewer.person_id):
            presence.record_presence(session, found, viewer.person_id)
            return found
        after = found
    return None


def _walk(session: Session, queue: Queue, viewer: QueueViewer) -> FilterWalk:
    return walk_along(session, queue.filter(viewer.person_id), viewer.sight)


def _first_free(
    session: Session, walk: FilterWalk, viewer: QueueViewer, place: int | None, *, older: bool
) -> int | None:
    while True:
        found = walk.older(session, place, _AT_ONCE) if older else walk.newer(session, place or 0, _AT_ONCE)[::-1]
        if not found:
            return None
        for one in _free(session, [one.id for one in found], viewer):
            return one
        place = found[-1].id


def _free(session: Session, ids: Sequence[int], viewer: QueueViewer) -> list[int]:
    taken = presence.taken_by_others(session, ids, viewer.person_id)
    taken |= assignment.assigned_to_others(session, ids, viewer.person_id)
    return [one for one in ids if one not in taken]
