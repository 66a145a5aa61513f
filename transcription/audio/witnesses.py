"""Two engines that heard the same recording: where they agree the words are calm, where not, both readings are kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from transcription.base.values import Doubt, Transcript, Word

AGREED = 0.9
"""The least confidence of a word that two engines heard alike. Of such words 97 in 100 were right (docs/voices.md)."""
DISPUTED = 0.5
"""The most confidence of a word that the other engine heard otherwise, or not at all."""


def merge_readings(first: Transcript, second: Transcript) -> Transcript:
    """The first reading, each word weighed by the second; what only the second heard stands beside, never in the text.

    Engines and models of both are named. What either doubts is doubted.
    """
    ours, theirs = first.heard, second.heard
    doubts = tuple(dict.fromkeys((*first.doubts, *second.doubts)))
    if bool(ours) != bool(theirs):
        # An engine that understood nothing witnesses nothing: the other's words stand as it heard them, for a person.
        ours = ours or theirs
        doubts = (*(doubt for doubt in doubts if doubt not in _NO_WORDS), Doubt.DOUBTFUL_SPEECH)
    words = tuple(_weighed(ours, theirs)) if first.heard and second.heard else ours
    if words and not doubts and _share_disputed(words) > _MANY_DISPUTED:
        doubts = (Doubt.DOUBTFUL_SPEECH,)
    return replace(
        first,
        engine=f"{first.engine}+{second.engine}",
        model=f"{first.model} + {second.model}",
        words=words,
        took_seconds=round(first.took_seconds + second.took_seconds, 3),
        doubt=doubts[0] if doubts else None,
        also=doubts[1:],
    )


_NO_WORDS = {Doubt.SILENCE, Doubt.NO_VOICE, Doubt.NOT_UNDERSTOOD, Doubt.ONLY_DEMO_MODEL}
_MANY_DISPUTED = 0.5
"""The share of disputed words from which a person listens to the whole."""


def _share_disputed(words: Sequence[Word]) -> float:
    return sum(word.confidence <= DISPUTED for word in words) / len(words)


def _weighed(ours: Sequence[Word], theirs: Sequence[Word]) -> Iterator[Word]:
    for tag, start, end, other_start, other_end in _blocks(ours, theirs):
        mine, other = ours[start:end], theirs[other_start:other_end]
        same = tag == "equal" or _run_together(mine) == _run_together(other)
        if same:
            sure = max((word.confidence for word in other), default=0.0)
            yield from (replace(word, confidence=max(word.confidence, sure, AGREED)) for word in mine)
        else:
            reading = " ".join(word.text for word in other)
            for number, word in enumerate(mine):
                # The other reading of a whole passage is told once, at its first word.
                yield replace(word, confidence=min(word.confidence, DISPUTED), other=reading if number == 0 else "")


def _blocks(ours: Sequence[Word], theirs: Sequence[Word]) -> Iterator[tuple[str, int, int, int, int]]:
    """How one reading becomes the other, word by word; what only the other one has belongs to the word before it."""
    matcher = SequenceMatcher(None, [_plain(w.text) for w in ours], [_plain(w.text) for w in theirs], autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag != "insert":
            yield tag, start, end, other_start, other_end


def _run_together(words: Sequence[Word]) -> str:
    """« est-ce que » and « est ce que » are the same words."""
    return "".join(_plain(word.text) for word in words)


def _plain(text: str) -> str:
    """Letters and digits alone, in lower case; engines differ in marks and capitals."""
    return "".join(char for char in unicodedata.normalize("NFC", text.lower()) if char.isalnum())
