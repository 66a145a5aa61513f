"""Contributions that say the same, or nearly: found by the blind index, shown and linked, never dropped.

Candidates hold the rarest-looking words of a text; how alike they are is measured on the words themselves, of the
texts opened. Short texts (« Plus de bancs ») say the same by chance and are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.wording.stems import characters_of, stems
from inbox.contributions import search_index, text_versions
from inbox.errors import Damaged
from inbox.models import Contribution
from inbox.storage.envelope_encryption import vault_of

FEWEST = 5
"""Different words a text has at least, to be compared."""

ALIKE = 0.6
"""Share of words that two texts have in common (Jaccard index) from which they are likely to say the same."""

_LOOKED_AT = 60
"""Candidates that are compared, whichever come first: where there are more, a campaign's, some are enough."""

_ANCHORS = 4
"""Words that a candidate has to hold."""


@dataclass(frozen=True, slots=True)
class SimilarContribution:
    """Another contribution that says the same, or nearly."""

    contribution_id: int
    same: bool
    """Word for word."""
    share: float
    """Of the words of both, those in common, 0–1."""


def similar_contributions(session: Session, contribution: Contribution, limit: int = 5) -> list[SimilarContribution]:
    """Those that say nearly the same in its consultation, the most alike first."""
    own = _words(session, contribution)
    words = set(own)
    if len(words) < FEWEST:
        return []
    found: dict[int, SimilarContribution] = {}
    # Two sets of anchors: a word that was changed stands in one of them only.
    ranked = sorted(words, key=lambda word: (-len(word), word))
    for anchors in (ranked[:_ANCHORS], ranked[_ANCHORS : 2 * _ANCHORS]):
        if len(anchors) < _ANCHORS:
            continue
        for other in _candidates(session, contribution, anchors):
            said = _words(session, other)
            share = len(words & set(said)) / len(words | set(said))
            if share >= ALIKE:
                found[other.id] = SimilarContribution(other.id, said == own, share)
    return sorted(found.values(), key=lambda one: (-one.share, -one.contribution_id))[:limit]


def _words(session: Session, contribution: Contribution) -> list[str]:
    """What is in force, as it is compared; nothing where it cannot be opened."""
    try:
        wording = text_versions.current_text(session, contribution)
    except Damaged:
        return []
    if wording is None:
        return []
    return [*characters_of(wording.body), *stems(wording.body, contribution.language)]


def _candidates(session: Session, contribution: Contribution, anchors: list[str]) -> Sequence[Contribution]:
    ids = search_index.some_matching_contributions(session, " ".join(anchors), _LOOKED_AT + 1)
    others = session.scalars(
        select(Contribution).where(
            Contribution.id.in_([one for one in ids if one != contribution.id]),
            Contribution.listed,
            Contribution.consultation_id.is_not_distinct_from(contribution.consultation_id),
        )
    ).all()
    vault_of(session).open_keys(session, [one.key_id for one in others])
    return others
