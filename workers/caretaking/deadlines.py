"""What is due on a day, and done by itself: votes are counted once all is closed."""

from __future__ import annotations

import logging

from inbox.consultations import consultation_versions
from inbox.models.column_types import utc_now
from inbox.votes import counting
from workers.runtime.watcher_context import WatcherContext

log = logging.getLogger(__name__)


def count_votes(here: WatcherContext) -> None:
    """Count where a consultation has closed; once more a day later, with what came late."""
    today = utc_now().astimezone(here.settings.zone).date()
    with here.store.read() as session:
        current = [
            (one.consultation_id, consultation_versions.as_consultation(one))
            for one in consultation_versions.current_versions_by_slug(session)
        ]
        due = [(number, asked) for number, asked in current if counting.is_due(session, number, asked, today)]
    for number, asked in due:
        with here.store.write() as session:
            found = counting.count_votes(session, number, asked, today, here.settings.zone)
        log.info("votes of %s are counted: %d people voted", asked.slug, found.voters)
