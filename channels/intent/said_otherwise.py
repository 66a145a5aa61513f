"""« AUTRE je parlais du samedi »: what our answers invite to, where they miss what was meant."""

from __future__ import annotations

import re

from channels.intent.folding import folded_message

_OTHERWISE = re.compile(r"(?:autre|other) (?=\S)")


def says_otherwise(text: str) -> bool:
    """Whether a text begins with the word by which our answers ask to be put right, and goes on."""
    return _OTHERWISE.match(folded_message(text)) is not None
