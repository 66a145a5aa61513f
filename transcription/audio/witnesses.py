"""Two engines that heard the same recording: where they agree the words are calm, where not, both readings are kept.

Of two readings the text has the one that its engine is surer of, passage by passage, as in ROVER (Fiscus, "A
post-processing system to yield reduced word error rates", IEEE ASRU 1997).
"""

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
OUTVOTED = 0.2
"""The most trust, 0-1, in a reading that no longer disputes the other one: the engine doubted this passage and most of
the recording."""
UNDISPUTED = 0.85
"""The most confidence of a word that one engine alone vouches for: under that of words which both heard."""
_SELF_EVIDENT = 0.99
"""The confidence from which a word stands without a second witness. By these bounds 91 of 100 wrong words are marked,
and 27 of all (docs/voices.md)."""


def merge_readings(first: Transcript, second: Transcript) -> Transcript:
    """Of each passage the reading that is trusted more, doubtful where the other differs and is to be believed too.

    Of two readings by one model, whose mistakes are the same, a word is as sure as the reading that is less sure of it.
    What only the second heard between two words of the first is left out. Engines and models of both are named. What
    either doubts is doubted.
    """
    ours, theirs = first.heard, second.heard
    doubts = tuple(dict.fromkeys((*first.doubts, *second.doubts)))
    if bool(ours) != bool(theirs):
        # An engine that understood nothing witnesses nothing: the other's words stand alone, for a person.
        ours = tuple(_unwitnessed(word) for word in ours or theirs)
        doubts = (*(doubt for doubt in doubts if doubt not in _NO_WORDS), Doubt.DOUBTFUL_SPEECH)
    independent = first.model != second.model
    words = tuple(_weighed(ours, theirs, independent=independent)) if first.heard and second.heard else ours
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


def _weighed(ours: Sequence[Word], theirs: Sequence[Word], *, independent: bool) -> Iterator[Word]:
    trust_in_us, trust_in_them = _mean(ours), _mean(theirs)
    for tag, start, end, other_start, other_end in _blocks(ours, theirs):
        mine, other = ours[start:end], theirs[other_start:other_end]
        if tag == "equal" or _run_together(mine) == _run_together(other):
            yield from _agreed(mine, other, independent=independent)
        elif _mean(other) * trust_in_them > _mean(mine) * trust_in_us:
            yield from _preferred(other, mine, trust_in_us)
        else:
            yield from _preferred(mine, other, trust_in_them)


def _agreed(mine: Sequence[Word], other: Sequence[Word], *, independent: bool) -> Iterator[Word]:
    if independent:
        sure = max((word.confidence for word in other), default=0.0)
        yield from (replace(word, confidence=max(word.confidence, sure, AGREED)) for word in mine)
        return
    least = min((word.confidence for word in other), default=1.0)
    for number, word in enumerate(mine):
        again = other[number].confidence if len(mine) == len(other) else least
        yield replace(word, confidence=min(word.confidence, again))


def _preferred(chosen: Sequence[Word], other: Sequence[Word], trust_in_other: float) -> Iterator[Word]:
    """The words of the reading that is trusted more, and beside them the other where it disputes them."""
    if other and _mean(other) * trust_in_other <= OUTVOTED:
        yield from (_unwitnessed(word, UNDISPUTED) for word in chosen)
        return
    reading = " ".join(word.text for word in other)
    for number, word in enumerate(chosen):
        yield replace(word, confidence=min(word.confidence, DISPUTED), other=reading if number == 0 else "")


def _unwitnessed(word: Word, most: float = 1.0) -> Word:
    return replace(word, confidence=min(word.confidence, most if word.confidence >= _SELF_EVIDENT else DISPUTED))


def _mean(words: Sequence[Word]) -> float:
    """Mean confidence, 0-1; 0 of no words."""
    return sum(word.confidence for word in words) / max(1, len(words))


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
