"""Two engines on one recording: what both heard is calm, what they heard differently is doubtful with both readings."""

import pytest

from transcription.audio.witnesses import AGREED, DISPUTED, UNDISPUTED, merge_readings
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


def test_a_model_that_hears_the_same_twice_is_no_surer():
    first, second = heard("un banc", sure=0.8), heard("un banc", sure=0.6)
    assert [word.confidence for word in merge_readings(first, second).heard] == [0.6, 0.6]


@pytest.mark.parametrize(
    ("surer", "first", "second", "marked"),
    [
        # Who heard the whole badly does not dispute who heard it well; who heard it well is in the text, whoever he is.
        ("vosk", "mon poids n'aura que", "mon voisin trouve que", "mon voisin trouve que"),
        ("whisper", "mon voisin trouve que", "mon poids n'aura que", "mon voisin trouve que"),
        ("vosk", "un lac est fermé", "un parc est fermé", "un parc est fermé"),
        ("whisper", "la piscine du port", "la pis cible du tord", "la piscine du port"),
    ],
)
def test_a_reading_that_its_engine_doubts_gives_way(surer: str, first: str, second: str, marked: str):
    sure = {"whisper": 0.2, "vosk": 0.2, surer: 0.995}
    both = merge_readings(heard(first, sure=sure["whisper"]), heard(second, "vosk", sure=sure["vosk"]))
    assert " ".join(word.text for word in both.heard) == marked
    assert all(word.confidence >= UNDISPUTED and not word.other for word in both.heard)


def test_what_its_own_engine_half_doubts_is_doubtful_without_a_witness():
    both = merge_readings(heard("la foire", sure=0.1), heard("le foyer", "vosk", sure=0.8))
    assert [(word.text, word.confidence, word.other) for word in both.heard] == [
        ("le", DISPUTED, ""),
        ("foyer", DISPUTED, ""),
    ]


def test_of_two_sure_engines_the_surer_one_is_in_the_text_and_the_other_beside_it():
    both = merge_readings(heard("un banc", sure=0.8), heard("un blanc", "vosk", sure=0.95))
    assert [(word.text, word.other) for word in both.heard] == [("un", ""), ("blanc", "banc")]


@pytest.mark.parametrize("silent", ["whisper", "vosk"])
def test_of_one_that_understood_nothing_nothing_is_learned_and_a_person_told(silent: str):
    nothing, something = heard("", silent, doubt=Doubt.NOT_UNDERSTOOD), heard("un banc", "other", sure=0.8)
    both = merge_readings(nothing, something) if silent == "whisper" else merge_readings(something, nothing)
    assert both.text == "Un banc"
    assert [word.confidence for word in both.heard] == [DISPUTED, DISPUTED]
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
