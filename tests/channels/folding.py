"""What stays of a text when a reader has folded away what is marked as perhaps no part of it, or as forwarded."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from channels.email.reply.evidence import Passage, PassageKind

FORWARDED = frozenset({PassageKind.FORWARDED})
"""Forwarded words are the text, though not their sender's own: what somebody newly wrote is told without them."""
ALL = frozenset(PassageKind)


def folded(body: str, passages: Sequence[Passage], kinds: Collection[PassageKind] = ALL) -> str:
    """The text without its passages of these kinds."""
    kept, at = "", 0
    for one in passages:
        if one.kind in kinds and one.end > at:
            kept, at = kept + body[at : max(at, one.start)] + "\n", one.end
    return kept + body[at:]
