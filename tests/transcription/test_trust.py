"""Which words are kept and which are marked, by what the detector and the recogniser made of them."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.transcription.sounds import DEMO_MODEL
from transcription.audio.speech_engine import HeardWords
from transcription.audio.voice_activity import VoiceFrames
from transcription.audio.word_confidence import DOUBTED, trust_words
from transcription.base.values import Doubt, Word


class Judged(VoiceFrames):
    """A detector that is as sure of a voice in each second as it is told to be."""

    def __init__(self, seconds: list[float], *, noisy: bool = False, quiet: bool = False, steady: bool = False) -> None:
        super().__init__(Path("/nonexistent"), 8_000)
        self._likelihoods = [likelihood for likelihood in seconds for _ in range(32)]
        self._spoken = sum(likelihood >= 0.5 for likelihood in self._likelihoods)
        levels = {quiet: [-90.0], noisy: [-30.0, -20.0], steady: [-24.0, -20.0]}
        self._levels = levels.get(True, [-70.0, -20.0])


def words(*said: tuple[float, float]) -> tuple[Word, ...]:
    """Words of 0.3 s at these times, heard with these confidences."""
    return tuple(Word(f"w{at:.1f}", confidence, at, at + 0.3) for at, confidence in said)


@dataclass(frozen=True)
class Case:
    heard: tuple[Word, ...]
    voices: VoiceFrames
    kept: dict[str, float]
    doubts: tuple[Doubt, ...] = ()
    skipped: int = field(default=0)


SPEECH = [0.9, 0.9, 0.9]
CASES = {
    "a sentence": Case(words((0.2, 1), (0.6, 0.9), (1.2, 1)), Judged(SPEECH), {"w0.2": 1, "w0.6": 0.9, "w1.2": 1}),
    "a sentence, then steps": Case(
        words((0.2, 1), (0.6, 1), (1.2, 1), (3.5, 1), (4, 1)),
        Judged([*SPEECH, 0, 0]),
        {"w0.2": 1, "w0.6": 1, "w1.2": 1},
    ),
    "a sentence, then a bark": Case(
        words((0.2, 1), (0.6, 1), (1.2, 1), (2.4, 1), (3.5, 1)),
        Judged([*SPEECH, 0.3, 0]),
        {"w0.2": 1, "w0.6": 1, "w1.2": 1, "w2.4": 1, "w3.5": DOUBTED},
        (Doubt.PERHAPS_NOISE,),
    ),
    "long after it, a bark": Case(
        words((0.2, 1), (0.6, 1), (1.2, 1), (6.5, 1)),
        Judged([*SPEECH, 0, 0, 0, 0.3]),
        {"w0.2": 1, "w0.6": 1, "w1.2": 1},
    ),
    "words at every step, hardly any of them in a voice": Case(
        words(*((0.2 + 0.6 * n, 1) for n in range(12))),
        Judged([0, 0, 0, 0.3, 0, 0, 0, 0]),
        {},
        (Doubt.NOT_UNDERSTOOD,),
    ),
    "the same two words over and over, at a machine": Case(
        tuple(Word("la" if n % 2 else "vie,", 0.9, n * 0.3, n * 0.3 + 0.2) for n in range(10)),
        Judged(SPEECH, steady=True),
        {},
        (Doubt.NOT_UNDERSTOOD,),
    ),
    "the same two words over and over, in a street": Case(
        tuple(Word("la" if n % 2 else "vie,", 0.9, n * 0.3, n * 0.3 + 0.2) for n in range(10)),
        Judged(SPEECH, noisy=True),
        {"la": 0.9, "vie,": 0.9},
    ),
    "unsure of every word, in a machine": Case(
        words(*((0.2 + 0.4 * n, 0.4) for n in range(6))), Judged(SPEECH, steady=True), {}, (Doubt.ONLY_DEMO_MODEL,)
    ),
    "sure of its words, at a machine": Case(
        words((0.2, 1), (0.6, 0.9), (1.2, 1)), Judged(SPEECH, steady=True), {"w0.2": 1, "w0.6": 0.9, "w1.2": 1}
    ),
    "two words in a minute of a machine": Case(
        words((8, 0.7), (8.4, 0.8)), Judged([0.9] * 10, noisy=True), {}, (Doubt.NOT_UNDERSTOOD,)
    ),
    "two words in a quiet minute": Case(words((8, 1), (8.4, 0.9)), Judged([0.9] * 10), {"w8.0": 1, "w8.4": 0.9}),
    "one word over and over, drawn out, in a noise": Case(
        tuple(Word("mamie", 0.9, at, at + 1.0) for at in range(6)),
        Judged([0.9] * 6, noisy=True),
        {},
        (Doubt.NOT_UNDERSTOOD,),
    ),
    "one word over and over at a person's pace, in a noise": Case(
        tuple(Word("non", 0.9, at / 2, at / 2 + 0.3) for at in range(6)), Judged([0.9] * 3, noisy=True), {"non": 0.9}
    ),
    "sure of nothing, in a clean recording": Case(
        words(*((0.2 + 0.4 * n, 0.6) for n in range(6))), Judged(SPEECH), {}, (Doubt.ONLY_DEMO_MODEL,)
    ),
    "sure of nothing, in a street": Case(
        words(*((0.2 + 0.4 * n, 0.6) for n in range(3))),
        Judged(SPEECH, noisy=True),
        {"w0.2": DOUBTED, "w0.6": DOUBTED, "w1.0": DOUBTED},
        (Doubt.DOUBTFUL_SPEECH,),
    ),
    "one word": Case(words((0.3, 0.9)), Judged([0.8]), {"w0.3": 0.9}),
    "a step that sounds like one among others": Case(
        words((0.3, 0.9), (5, 0.9)), Judged([0.4, 0, 0, 0, 0, 0]), {}, (Doubt.NOT_UNDERSTOOD,)
    ),
    "one word that took the detector by surprise": Case(
        words((0.3, 0.9)), Judged([0.3]), {"w0.3": DOUBTED}, (Doubt.DOUBTFUL_SPEECH, Doubt.PERHAPS_NOISE)
    ),
    "one doubtful word in a noise": Case(words((0.3, 0.4)), Judged([0.3], noisy=True), {}, (Doubt.NOT_UNDERSTOOD,)),
    "silence": Case((), Judged([0, 0], quiet=True), {}, (Doubt.SILENCE,)),
    "a noise nobody could judge": Case((), Judged([0, 0.05]), {}, (Doubt.NO_VOICE,)),
    "somebody, perhaps": Case((), Judged([0, 0.2]), {}, (Doubt.NOT_UNDERSTOOD,)),
    "given up in between": Case(
        words((0.2, 1), (0.6, 1), (1.2, 1)),
        Judged(SPEECH),
        {"w0.2": 1, "w0.6": 1, "w1.2": 1},
        (Doubt.PARTLY_UNDERSTOOD,),
        skipped=1,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_words_are_kept_marked_or_left_out(case: Case):
    trusted = trust_words(HeardWords(case.heard, case.skipped), case.voices, DEMO_MODEL)
    assert {word.text: word.confidence for word in trusted.words} == case.kept
    assert trusted.doubts == case.doubts
