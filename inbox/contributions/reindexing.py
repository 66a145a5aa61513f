"""Makes findable anew what older rules or an older key made findable: no migration can open the texts."""

import logging

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from inbox.contributions import search_index, tags, text_versions
from inbox.contributions.optimistic_locking import lock_contributions
from inbox.errors import Damaged
from inbox.models import SearchTokens
from inbox.storage.database import Store

log = logging.getLogger(__name__)

AT_ONCE = 20
"""Texts in one transaction: others must not wait long for it."""

_TOLD_AFTER = 2_000


def reindex_outdated(store: Store) -> int:
    """Index every text anew whose words older rules made; how many. Safe to repeat, and to be cut short."""
    count, last_told = 0, 0
    while done := _some(store):
        count += done
        if count - last_told >= _TOLD_AFTER:
            log.info(
                "made %d texts findable anew; %d are left, and are found by whole words so far",
                count,
                count_outdated(store),
            )
            last_told = count
    return count


def count_outdated(store: Store) -> int:
    """How many texts older rules made findable."""
    with store.read() as session:
        outdated = SearchTokens.rules < search_index.rules_of(session)
        counted = select(func.count()).select_from(SearchTokens).where(outdated)
        return session.scalar(counted) or 0


def _some(store: Store) -> int:
    with store.read() as session:
        if session.scalar(_outdated(session)) is None:
            return 0
    with store.write() as session:
        ids = session.scalars(_outdated(session)).all()
        for contribution in lock_contributions(session, ids):
            try:
                wording = text_versions.current_text(session, contribution)
            except Damaged:  # found as before, and in nobody else's way
                row = update(SearchTokens).where(SearchTokens.contribution_id == contribution.id)
                session.execute(row.values(rules=search_index.rules_of(session)))
                continue
            if wording is None:
                search_index.remove_from_index(session, contribution.id)
                continue
            search_index.index_text(session, contribution.id, wording.body, contribution.language)
            tags.update_reasons(session, contribution.id, wording.body)
        return len(ids)


def _outdated(session: Session) -> Select[int]:
    return (
        select(SearchTokens.contribution_id).where(SearchTokens.rules < search_index.rules_of(session)).limit(AT_ONCE)
    )
