"""Contributions that say the same, or nearly: found by the index of words, shown and linked, never dropped.

Candidates hold the rarest-looking words of a text; how alike they are is measured on the words themselves, as they
stand in the index. Short texts (« Plus de bancs ») say the same by chance and are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from inbox.contributions import search_index
from inbox.models import Contribution, SearchText

FEWEST = 5
"""Different words a text has at least, to be compared."""

ALIKE = 0.6
"""Share of words that two texts have in common (Jaccard index) from which they are likely to say the same."""

_LOOKED_AT = 60
"""Candidates that are compared."""

_ANCHORS = 4
"""Words that a candidate has to hold."""


@dataclass(frozen=True, slots=True)
class Twin:
    """Another contribution that says the same, or nearly."""

    contribution_id: int
    same: bool
    """Word for word."""
    share: float
    """Of the words of both, those in common, 0–1."""


def twins_of(session: Session, contribution: Contribution, limit: int = 5) -> list[Twin]:
    """Those that say nearly the same in its consultation, the most alike first."""
    own = session.get(SearchText, contribution.id)
    words = set(own.folded.split()) if own is not None else set()
    if len(words) < FEWEST:
        return []
    found: dict[int, Twin] = {}
    # Two sets of anchors: a word that was changed stands in one of them only.
    ranked = sorted(words, key=lambda word: (-len(word), word))
    for anchors in (ranked[:_ANCHORS], ranked[_ANCHORS : 2 * _ANCHORS]):
        if len(anchors) < _ANCHORS:
            continue
        for other in _candidates(session, contribution, anchors):
            theirs = set(other.folded.split())
            share = len(words & theirs) / len(words | theirs)
            if share >= ALIKE and own is not None:
                found[other.contribution_id] = Twin(other.contribution_id, other.folded == own.folded, share)
    return sorted(found.values(), key=lambda one: (-one.share, -one.contribution_id))[:limit]


def _candidates(session: Session, contribution: Contribution, anchors: list[str]) -> list[SearchText]:
    query = " ".join(anchors)
    # All are looked at that hold the anchors; there are few, for the words are long.
    base = select(Contribution).where(
        Contribution.listed, Contribution.consultation_id.is_not_distinct_from(contribution.consultation_id)
    )
    way = search_index.along(session, base, query)
    ids = session.scalars(way.found.with_only_columns(Contribution.id).order_by(way.place.desc()).limit(_LOOKED_AT + 1))
    return list(
        session.scalars(
            select(SearchText).where(SearchText.contribution_id.in_([one for one in ids if one != contribution.id]))
        )
    )
