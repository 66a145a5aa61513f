"""Whether somebody answered within a quotation, and only colour or style tells."""

from __future__ import annotations

from channels.email.patterns.markers import STYLED
from channels.email.reply.evidence import PassageKind
from channels.email.reply.splitting import split_reply


def has_answers_by_style(text: str) -> bool:
    """Whether words stand out within what a page quotes."""
    return STYLED in text and any(one.kind is PassageKind.STANDS_OUT for one in split_reply(text).passages)
