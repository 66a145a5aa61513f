"""Moderation after publication: what people typed is published as it comes, where nothing speaks against it.

A moderator reads it afterwards, in a queue of its own. What a machine read, what says who somebody is, what may speak
of danger, what is in another language and what somebody already works on waits for a moderator, as everywhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta

from config.enums import ModerationMode, Reading, TextOrigin
from config.wording.consultation import Consultation
from inbox.consultations import consultation_versions
from inbox.contributions import erasure_wishes, text_versions
from inbox.listings import post_moderation
from inbox.models import Contribution
from inbox.models.column_types import utc_now
from inbox.storage.unit_of_work import Session
from transcription.text.personal_data import LONGEST, find_personal
from workers.runtime.watcher_context import WatcherContext

QUIET = timedelta(minutes=2)
"""What is younger may still be joined by a second text of the same person."""

LOOKED_BACK = timedelta(days=2)
"""What is older was left to moderators: a town that changes its mind publishes nothing of long ago."""

_AT_ONCE = 50

Held = str
"""A reason of ``inbox.web.base.labels.HELD``; empty where nothing speaks against publishing."""


def publish_unread_texts(here: WatcherContext) -> None:
    """Publish what may be, and note of the rest why it may not."""
    with here.store.read() as session:
        asked = _moderated_afterwards(session)
        judged = _judge(session, asked) if asked else {}
    for contribution_id, held in judged.items():
        with here.store.write() as session:
            post_moderation.settle(session, contribution_id, held)


def _moderated_afterwards(session: Session) -> dict[int, Consultation]:
    """The consultations that are moderated after publication, by the id their contributions name."""
    versions = consultation_versions.current_versions_by_slug(session)
    found = {one.consultation_id: consultation_versions.as_consultation(one) for one in versions}
    return {number: one for number, one in found.items() if one.moderation is ModerationMode.AFTER}


def _judge(session: Session, asked: dict[int, Consultation]) -> dict[int, Held]:
    now = utc_now()
    rows = post_moderation.list_unjudged(session, asked, now - LOOKED_BACK, now - QUIET, _AT_ONCE)
    dangerous = post_moderation.dangerous_since(session, now - LOOKED_BACK) if rows else set()
    return {row.id: _held(session, row, asked[row.consultation_id or 0], dangerous) for row in rows}


def _held(session: Session, row: Contribution, asked: Consultation, dangerous: Collection[int]) -> Held:
    wording = text_versions.current_text(session, row)
    if row.reading is not Reading.READ or wording is None or wording.origin is not TextOrigin.RESIDENT:
        return "machine"
    against: tuple[tuple[Held, Callable[[], bool]], ...] = (
        ("person", lambda: post_moderation.is_worked_on(session, row.id)),
        ("danger", lambda: row.id in dangerous),
        ("erasure", lambda: erasure_wishes.has_open_wish(session, row.id)),
        ("language", lambda: row.language is not None and row.language not in asked.languages),
        ("personal", lambda: len(wording.body) > LONGEST or bool(find_personal(wording.body))),
    )
    return next((name for name, holds in against if holds()), "")
