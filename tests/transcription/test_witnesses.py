"""Two engines on one recording: what both heard is calm, what they heard differently is doubtful with both readings."""

import pytest

from transcription.audio.witnesses import AGREED, DISPUTED, merge_readings
from transcription.base.values import Doubt, Transcript, Word


def heard(text: str, engine: str = "whisper", sure: float = 0.6, doubt: Doubt | None = None) -> Transcript:
    words = tuple(Word(word, sure, number, number + 0.5) for number, word in enumerate(text.split()))
    return Transcript(engine, f"{engine}-model", "fr", words, 1.0, doubt=doubt, seconds=9.0)


def marks(first: str, second: str) -> str:
    """The words, disputed ones with the other reading in brackets."""
    both = merge_readings(heard(first), heard(second, "vosk"))
    return " ".join(
        word.text
        + (f"[{word.other}]" if word.confidence <= DISPUTED and word.other else "?" * (word.confidence <= DISPUTED))
        for word in both.heard
    )


@pytest.mark.parametrize(
    ("first", "second", "marked"),
    [
        ("un banc rue de Siam", "un banc rue de siam", "un banc rue de Siam"),
        ("Il faut un banc, merci.", "il faut un banc merci", "Il faut un banc, merci."),
        ("est-ce que l'école ferme", "est ce que l'école ferme", "est-ce que l'école ferme"),
        ("un banc rue de Siam", "un blanc rue de siam", "un banc[blanc] rue de Siam"),
        ("la piscine est froide", "la piscine froide", "la piscine est? froide"),
        ("la piscine froide", "la piscine est froide", "la piscine froide"),
        ("les bus du soir passent", "les bulles du soir", "les bus[bulles] du soir passent?"),
        ("oui", "non merci beaucoup", "oui[non merci beaucoup]"),
        ("", "", ""),
    ],
)
def test_words_are_marked_where_the_engines_differ(first: str, second: str, marked: str):
    assert marks(first, second) == marked


def test_what_both_heard_is_calm_whatever_each_was():
    both = merge_readings(heard("un banc", sure=0.3), heard("un banc", "vosk", sure=0.2))
    assert [word.confidence for word in both.heard] == [AGREED, AGREED]


@pytest.mark.parametrize("silent", ["whisper", "vosk"])
def test_of_one_that_understood_nothing_nothing_is_learned_and_a_person_told(silent: str):
    nothing, something = heard("", silent, doubt=Doubt.NOT_UNDERSTOOD), heard("un banc", "other", sure=0.8)
    both = merge_readings(nothing, something) if silent == "whisper" else merge_readings(something, nothing)
    assert both.text == "Un banc"
    assert [word.confidence for word in both.heard] == [0.8, 0.8]
    assert both.doubts == (Doubt.DOUBTFUL_SPEECH,)


def test_engines_models_and_doubts_of_both_are_told():
    both = merge_readings(
        heard("un banc", doubt=Doubt.END_MISSING), heard("un banc", "vosk", doubt=Doubt.PERHAPS_NOISE)
    )
    assert (both.engine, both.model) == ("whisper+vosk", "whisper-model + vosk-model")
    assert both.doubts == (Doubt.END_MISSING, Doubt.PERHAPS_NOISE)
    assert both.seconds == 9.0


def test_mostly_disputed_words_are_for_a_person():
    assert merge_readings(heard("tout est faux ici"), heard("rien ne va là", "vosk")).doubts == (Doubt.DOUBTFUL_SPEECH,)


def test_the_other_reading_is_stored_with_its_word():
    both = merge_readings(heard("un banc"), heard("un blanc", "vosk"))
    assert [word.as_json().get("other") for word in both.heard] == [None, "blanc"]
