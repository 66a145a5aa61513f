"""What Whisper writes that nobody said: loops, closing phrases of films, letters of other scripts. Left out, and told.

Whisper writes the likeliest sentence for a sound, and was trained on subtitles: out of noise it makes their credits,
out of a breath the last word over and over. What is left out here is counted, so that a person listens.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain

DOUBTED = 0.5
"""The most confidence of a word that may not have been said."""

_LONGEST_LOOP = 12
"""Words in what is said over and over."""
_LEAST_TURNS = 3
"""How often in a row nobody says the same words; a single word twice as often (« non, non, non »)."""
_LEAST_WORD_SECONDS = 0.08
"""A spoken word takes longer: in loops the times of most words fall together."""
_MOST_WORDS_PER_SECOND = 8.0
"""The fastest French speakers reach 6 (Pellegrino et al. 2011: 7 syllables a second)."""
_STUTTER = re.compile(r"\b(\w{1,12})(?: \1){3,}|(?:\b\w\b ?){6,}|(\w)\2{4,}|\w{36,}")
"""A loop within one word: « go-go-go-go », « zzzzzz »; words of 36 letters are nobody's."""
_LONGEST_START = 0.4
_SECONDS_PER_LETTER = 0.1
"""A word that begins a segment begins at the end of the silence before it, not with it: at most so long ago."""
_UNSURE_LOGPROB = -0.7
"""Mean log probability of a segment's tokens under which a closing phrase was not said: people who speak have -0.45 and
more with the base model, invented ones -0.9 and less (measured)."""

_LEAST_CONFIDENCE = 0.1
"""The mean of a segment under which its words are a guess at no speech."""

_CREDITS = re.compile(
    r"\b(sous[- ]?titr\w*|amara ?org|soustitreur|st ?501|radio canada|copyright"
    r"|subtitl\w+ by|captions? by|transcri\w+ by)\b"
)
"""Who made subtitles: nobody tells that to an answering machine."""
_CLOSINGS = re.compile(
    r"merci (beaucoup )?d ?avoir (regarde|ecoute|suivi)\b.*|merci a tous|a la prochaine( fois)?"
    r"|abonnez vous\b.*|n ?oubliez pas de vous abonner\b.*"
    r"|(thanks|thank you)( so much| very much)? for (watching|listening)\b.*"
    r"|(please )?(like and )?subscribe\b.*|see you next time|bye bye"
)
"""How films on the internet end; also what a person may say, where the model is sure of it."""


@dataclass(frozen=True, slots=True)
class SegmentWord:
    """A word as the model gives it: with a space in front unless it goes on with the one before; times in seconds."""

    text: str
    confidence: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Segment:
    """What is said in one go, the probability that nobody speaks, 0–1, and the mean log probability of its tokens."""

    words: tuple[SegmentWord, ...]
    no_speech: float = 0.0
    logprob: float = 0.0


@dataclass(frozen=True, slots=True)
class GuardedWords:
    """The words that stay, and how many stretches were left out."""

    words: tuple[SegmentWord, ...] = ()
    left_out: int = 0


def guard_words(segments: Iterable[Segment]) -> GuardedWords:
    """The words of a stretch of speech without what nobody said; what may not have been said is doubtful."""
    said: list[SegmentWord] = []
    left_out = 0
    for segment in segments:
        words = whole_words(segment.words)
        if words and _is_invented(words, segment):
            left_out += 1
            continue
        said += _paced(words)
    looped, loops = without_loops(said)
    readable = [word for word in looped if _is_latin(word.text)]
    foreign = len(readable) < len(looped)
    return GuardedWords(tuple(readable), left_out + loops + foreign)


def whole_words(pieces: Sequence[SegmentWord]) -> list[SegmentWord]:
    """Pieces joined to words as they are written, « l'espace », as sure as the least sure one; marks alone are none."""
    words: list[SegmentWord] = []
    for piece in pieces:
        text = piece.text.strip()
        if words and not piece.text.startswith(" "):
            last = words[-1]
            sure = min(last.confidence, piece.confidence) if _letters(text) else last.confidence
            words[-1] = SegmentWord(last.text + text, sure, last.start, max(last.end, piece.end))
        elif text:
            words.append(replace(piece, text=text))
    return [word for word in words if _letters(word.text)]


def without_loops(words: Sequence[SegmentWord]) -> tuple[list[SegmentWord], int]:
    """The words with each loop cut to its first turn, and how many there were.

    The same words that follow each other at a pace at which a person speaks may have been said: they stay, doubtful.
    """
    kept: list[SegmentWord] = []
    loops = at = 0
    while at < len(words):
        size, turns = _loop_at(words, at)
        turn, again = words[at : at + max(size, 1)], words[at + size : at + size * turns]
        kept += turn
        if turns and _mean_seconds(again) < _LEAST_WORD_SECONDS:
            loops += 1
        elif turns:
            kept += [_doubted(word) for word in again]
        at += size * turns if turns else 1
    return kept, loops


def _loop_at(words: Sequence[SegmentWord], at: int) -> tuple[int, int]:
    """How many words are said over and over from here, and how often; zeros where none are."""
    names = [_letters(word.text) for word in words[at : at + _LONGEST_LOOP * (_LEAST_TURNS + 1)]]
    for size in range(1, _LONGEST_LOOP + 1):
        least = _LEAST_TURNS * 2 if size == 1 else _LEAST_TURNS
        if len(names) < size * least or names[:size] * least != names[: size * least]:
            continue
        turns = least
        turn = names[:size]
        while [_letters(word.text) for word in words[at + size * turns : at + size * (turns + 1)]] == turn:
            turns += 1
        return size, turns
    return 0, 0


def _is_invented(words: Sequence[SegmentWord], segment: Segment) -> bool:
    said = _letters(" ".join(word.text for word in words))
    if _CREDITS.search(said) or any(_STUTTER.search(_letters(word.text)) for word in words):
        return True
    if sum(word.confidence for word in words) < _LEAST_CONFIDENCE * len(words):
        return True
    return bool(_CLOSINGS.fullmatch(said)) and segment.logprob < _UNSURE_LOGPROB


def _paced(words: Sequence[SegmentWord]) -> list[SegmentWord]:
    """The words of a segment with plausible times, doubtful where nobody speaks as fast."""
    if not words:
        return []
    first = words[0]
    longest = _LONGEST_START + _SECONDS_PER_LETTER * len(first.text)
    words = [replace(first, start=max(first.start, first.end - longest)), *words[1:]]
    seconds = words[-1].end - words[0].start
    if len(words) > _MOST_WORDS_PER_SECOND * max(seconds, 1.0):
        return [_doubted(word) for word in words]
    return list(words)


def _mean_seconds(words: Sequence[SegmentWord]) -> float:
    return sum(word.end - word.start for word in words) / len(words) if words else 0.0


def _doubted(word: SegmentWord) -> SegmentWord:
    return replace(word, confidence=min(word.confidence, DOUBTED))


def _is_latin(text: str) -> bool:
    return all(unicodedata.name(char, "").startswith("LATIN") for char in text if char.isalpha())


def _letters(text: str) -> str:
    """Letters and digits without accents, case and marks, a space for each gap."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    return " ".join(chain.from_iterable(re.findall(r"[\w]+", part) for part in plain.split()))
