"""Which of the words an engine heard are kept, which are doubtful, and what a person is told about the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from transcription.audio.speech_engine import HeardWords
from transcription.audio.speech_models import SpeechModel
from transcription.audio.voice_activity import VoiceFrames
from transcription.base.values import Doubt, Word

DOUBTED = 0.5
"""The most confidence of a word that may be a noise, or that a model unsure of all around it heard in one."""

_DOUBT_MARGIN = 0.08
_MANY_WORDS = 6
_FEW_WORDS = 2
_FEW_SHARE = 0.5
"""Of the model's least confidence, what is asked of so few words: their mean says little about them. They stay
doubtful."""
_ALONE_SHARE = 0.25
"""The same of a word that is all there is: with nothing beside it to tell, Vosk is less sure (0.2 to 0.4 for one right
« oui » in a hundred, measured)."""
_ALONE_SECONDS = 2.0
"""For as long somebody may speak around such a word; a model that finds one word in a minute has not understood it."""
_NEAR = 0.25
"""Seconds around a word that tell of it too, since a recogniser's times are not exact."""
_LEAST_VOICE = 0.05
"""Mean likelihood of a voice in and near a word that was said: of 2,950 that Vosk hears right in street noise, babble
or music down to 5 dB none has less, of 471 that it hears in noises after speech 400 have (measured)."""
_CERTAIN_VOICE = 0.5
"""The same from which a word is not doubtful: 1 in 100 right words has less, all but 3 of the 471 others."""
_LEAST_SPOKEN = 0.3
"""The share of the time between two pauses in which somebody speaks: words said have 0.35 and more down to 5 dB,
measured; beeps and notes that are heard as words less."""
_LEAST_SPOKEN_OF_FEW = 0.4
"""The same of a phrase of one word or two among others, which a knock may be."""
_LEAST_SPOKEN_ALONE = 0.1
"""The same of a word that is all there is, unless the model is as sure of it as of a sentence: the detector, too, takes
a moment to be sure (all but 1 of 674 times « oui » or « non » have it)."""
_WORDS_IN_NOISE = 4
_VOICED_SHARE = 0.25
_HARDLY_SPOKEN = 0.3
"""Seconds of voice, in all, under which words that are heard wherever something sounds are made of steps or knocks: a
short « oui » has so many. Of so many words and more, at most this share is where the detector hears a voice."""
_LONG_SPOKEN = 4.0
_COVERED_SHARE = 0.2
"""Of so many seconds of voice in a noise, the share that has to be words: a machine that hums like a voice is heard as
one word or two in its minute, speech down to 5 dB is covered by twice as much (measured)."""
_LEAST_TURNS = 4
_DRAWN_OUT = 0.15
"""How often in a row, and from how many seconds a letter, a word in a noise is a rhythm and nobody's: French speakers
take 0.07 (7 syllables a second), who speaks at half that pace 0.14."""
_LEAST_REFRAIN, _REFRAIN_TURNS = 6, 3
"""Words in a steady noise of which each comes so often on average: nobody speaks like that at a machine."""
_MARKS = ".,;:!?…"
_EXACT = {"vosk"}
"""Engines whose times are those of the words; Whisper's take the silence before a sentence for its first word."""
_PAUSE = 1.5
"""Seconds between words from which their confidences are judged apart."""


@dataclass(frozen=True, slots=True)
class TrustedWords:
    """The words that are kept, and the doubts about them and about what is not kept."""

    words: tuple[Word, ...]
    doubts: tuple[Doubt, ...]


def trust_words(heard: HeardWords, voices: VoiceFrames, model: SpeechModel) -> TrustedWords:
    """Judge what was heard by the detector, then by the confidence of what was said in one go."""
    placed = heard.words if model.engine in _EXACT else [_placed(word, voices) for word in heard.words]
    voiced = [word for word in placed if _voiced(word, voices) >= _LEAST_VOICE]
    voiced = [] if _is_only_noise(placed, voiced, voices) else _without_rhythms(voiced, voices)
    alone = len(heard.words) == 1 and voices.spoken_seconds <= _ALONE_SECONDS
    phrases = [phrase for phrase in _said_together(voiced) if _is_spoken(phrase, voices, model, alone=alone)]
    said = [word for phrase in phrases for word in phrase]
    kept: list[Word] = []
    for together in phrases:
        share = _ALONE_SHARE if alone else _FEW_SHARE if len(together) <= _FEW_WORDS else 1
        if _mean(together) >= share * model.least_confidence:
            kept += [word if _voiced(word, voices) >= _CERTAIN_VOICE else _doubted(word) for word in together]
        elif voices.noisy and not voices.steady:
            # In a clean recording a model unsure of everything does not know the language, in a machine it hears no
            # voice; in noise nobody can tell.
            kept += [_doubted(word) for word in together]
    doubts = [_doubt(heard, said, kept, model)] if kept or voices.heard else [_nobody(voices)]
    if any(_voiced(word, voices) < _CERTAIN_VOICE for word in kept):
        doubts.append(Doubt.PERHAPS_NOISE)
    return TrustedWords(tuple(kept), tuple(doubt for doubt in doubts if doubt is not None))


def _is_only_noise(heard: Sequence[Word], voiced: Sequence[Word], voices: VoiceFrames) -> bool:
    """Whether words are heard where nobody speaks, or hardly any where the detector takes a noise for a voice."""
    spoken = voices.spoken_seconds
    if len(heard) >= _WORDS_IN_NOISE and spoken < _HARDLY_SPOKEN:
        return len(voiced) <= _VOICED_SHARE * len(heard)
    covered = sum(word.end - word.start for word in voiced)
    return voices.noisy and spoken >= _LONG_SPOKEN and covered < _COVERED_SHARE * spoken


def _without_rhythms(words: Sequence[Word], voices: VoiceFrames) -> list[Word]:
    """The words without phrases in which a noise repeats one, drawn out, or a machine the same few."""
    if not voices.noisy:
        return list(words)
    return [
        word
        for phrase in _said_together(words)
        if not (_is_drawn_out(phrase) or (voices.steady and _is_a_refrain(phrase)))
        for word in phrase
    ]


def _is_drawn_out(phrase: Sequence[Word]) -> bool:
    longest = max((list(run) for _, run in groupby(phrase, key=lambda word: word.text)), key=len)
    return len(longest) >= _LEAST_TURNS and _seconds_a_letter(longest) >= _DRAWN_OUT


def _is_a_refrain(phrase: Sequence[Word]) -> bool:
    different = {word.text.lower().strip(_MARKS) for word in phrase}
    return len(phrase) >= _LEAST_REFRAIN and _REFRAIN_TURNS * len(different) <= len(phrase)


def _seconds_a_letter(words: Sequence[Word]) -> float:
    return sum(word.end - word.start for word in words) / max(1, sum(len(word.text) for word in words))


def _is_spoken(phrase: Sequence[Word], voices: VoiceFrames, model: SpeechModel, *, alone: bool) -> bool:
    """Whether the detector is sure of a voice for long enough in a phrase."""
    spoken = voices.spoken_share(phrase[0].start, phrase[-1].end)
    if alone:
        return spoken >= _LEAST_SPOKEN_ALONE or phrase[0].confidence >= model.least_confidence
    return spoken >= (_LEAST_SPOKEN_OF_FEW if len(phrase) <= _FEW_WORDS else _LEAST_SPOKEN)


def _placed(word: Word, voices: VoiceFrames) -> Word:
    start, end = voices.without_silence(word.start, word.end)
    return replace(word, start=round(start, 3), end=round(end, 3))


def _voiced(word: Word, voices: VoiceFrames) -> float:
    return voices.likelihood(word.start - _NEAR, word.end + _NEAR)


def _doubted(word: Word) -> Word:
    return replace(word, confidence=min(word.confidence, DOUBTED))


def _said_together(words: Sequence[Word]) -> list[list[Word]]:
    """The words between one pause and the next."""
    found: list[list[Word]] = []
    for word in words:
        if found and word.start - found[-1][-1].end <= _PAUSE:
            found[-1].append(word)
        else:
            found.append([word])
    return found


def _nobody(voices: VoiceFrames) -> Doubt:
    """That nobody speaks is said of silence only: what else sounds, a person listens to."""
    return Doubt.SILENCE if voices.quiet else Doubt.NO_VOICE


def _doubt(heard: HeardWords, said: Sequence[Word], kept: Sequence[Word], model: SpeechModel) -> Doubt | None:
    if not kept:
        return _not_understood(said, model)
    if heard.skipped or len(kept) < len(said):
        return Doubt.PARTLY_UNDERSTOOD
    return Doubt.DOUBTFUL_SPEECH if _mean(kept) < model.least_confidence + _DOUBT_MARGIN else None


def _not_understood(said: Sequence[Word], model: SpeechModel) -> Doubt:
    """Why no word is kept: a model that does not know a language hears many words in it and is sure of none."""
    if model.demo and said:
        return Doubt.ONLY_DEMO_MODEL
    return Doubt.OTHER_LANGUAGE if len(said) >= _MANY_WORDS else Doubt.NOT_UNDERSTOOD


def _mean(words: Sequence[Word]) -> float:
    return sum(word.confidence for word in words) / len(words)
