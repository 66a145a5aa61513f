"""What corrections teach: words offered where they sound alike, and how sure a model's words may be called."""

import pytest

from transcription.base.values import Transcript, Word
from transcription.text.corrections import LEAST_WORDS, Correction, learn, taught

MODEL = "whisper-base + vosk-model-fr-0.22"


def correction(heard: str, said: str, sure: float = 0.9, model: str = MODEL) -> Correction:
    return Correction(model, tuple((word, sure) for word in heard.split()), said)


def heard(text: str, sure: float | dict[str, float] = 0.6, model: str = MODEL) -> Transcript:
    of = sure if isinstance(sure, dict) else {}
    words = tuple(
        Word(word, of.get(word, 0.95) if of else sure, at, at + 0.5)  # type: ignore[arg-type]
        for at, word in enumerate(text.split())
    )
    return Transcript("whisper+vosk", model, "fr", words, 1.0)


def shown(read: Transcript) -> str:
    """The words, with what is offered beside them in brackets."""
    return " ".join(word.text + (f"[{word.other}]" if word.other else "") for word in read.heard)


STREETS = [
    correction("un banc rue de garin", "Un banc rue de Guérin."),
    correction("place guerrin il fait noir", "Place Guérin, il fait noir"),
    correction("les arbres de gué rein", "Les arbres de Guérin"),
    correction("le bus pour kairos", "Le bus pour Kerhuon"),
    correction("à qu'est rond il pleut", "À Kerhuon, il pleut"),
    correction("vers qu'éron le soir", "Vers Kerhuon le soir"),
]


@pytest.mark.parametrize(
    ("text", "sure", "offered"),
    [
        ("la place guéring est sale", {"guéring": 0.4}, "la place guéring[Guérin] est sale"),
        ("la place gue rin est sale", {"gue": 0.4, "rin": 0.5}, "la place gue[Guérin] rin est sale"),
        ("vers kéruon le soir", {"kéruon": 0.3}, "vers kéruon[Kerhuon] le soir"),
        ("la place guérin est sale", {"guérin": 0.4}, "la place guérin est sale"),
        ("la place guéring est sale", {"guéring": 0.95}, "la place guéring est sale"),
        ("la piscine est froide", 0.3, "la piscine est froide"),
        ("oui non de la rue", 0.3, "oui non de la rue"),
    ],
    ids=["by its sound", "in two pieces", "another name", "heard right", "heard surely", "nothing like it", "short"],
)
def test_a_word_that_people_type_often_is_offered_where_it_sounds_alike(
    text: str, sure: float | dict[str, float], offered: str
):
    read = taught(heard(text, sure), learn(STREETS))
    assert shown(read) == offered
    assert [word.text for word in read.heard] == text.split(), "nothing is put into the text"
    assert all(word.confidence <= 0.5 for word in read.heard if word.other)


def test_what_was_typed_twice_is_not_offered_yet():
    assert learn(STREETS[:2] + STREETS[3:5]).hints == ()
    assert learn(STREETS).hints == ("Guérin", "Kerhuon")


def test_what_is_mostly_meant_is_offered_however_sure_the_model_is():
    times = [correction("le marin de brest", "Le maire de Brest") for _ in range(3)]
    right = [correction("un marin au port", "Un marin au port")]
    assert shown(taught(heard("le marin dit oui", 0.95), learn(times))) == "le marin[maire] dit oui"
    assert shown(taught(heard("le marin dit oui", 0.95), learn(times + 4 * right))) == "le marin dit oui"


def test_the_other_engines_reading_is_not_replaced():
    read = heard("place guéring", 0.4)
    words = (read.heard[0], Word("guéring", 0.4, 1, 2, other="garage"))
    taught_words = taught(Transcript("whisper+vosk", MODEL, "fr", words, 1.0), learn(STREETS)).heard
    assert [word.other for word in taught_words] == ["", "garage"]


NOT_LEARNT = {
    "a text written anew": ("on veut un banc place garin merci", "Demande d'installation : mobilier, Guérin"),
    "what was masked": ("rappelez madame garin au port", "Rappelez madame [nom masqué] au port"),
    "a long passage": ("a b c un deux trois quatre d e f g", "A B C Guérin Guérin Guérin Guérin D E F G"),
}


@pytest.mark.parametrize(("text", "said"), NOT_LEARNT.values(), ids=NOT_LEARNT)
def test_what_is_no_correction_teaches_no_word(text: str, said: str):
    lessons = learn([correction(text, said)] * 5)
    assert (lessons.hints, lessons.swaps) == ((), {})


def many(sure: float, right: int, wrong: int, model: str = MODEL) -> list[Correction]:
    """Ten words each, so many of ten right."""
    said = [f"mot{n}" for n in range(right)] + [f"dit{n}" for n in range(wrong)]
    text = [f"mot{n}" for n in range(right)] + [f"autre{n}" for n in range(wrong)]
    return [correction(" ".join(text), " ".join(said), sure, model) for _ in range(40)]


def test_confidences_come_to_what_people_found():
    lessons = learn(many(0.96, right=7, wrong=3) + many(0.75, right=9, wrong=1))
    surest, unsure, doubtful = taught(heard("un deux trois", {"un": 0.97, "deux": 0.75, "trois": 0.4}), lessons).heard
    assert 0.65 < surest.confidence < 0.9, "70 in 100 of those were right, and no level is better than the next"
    assert surest.confidence >= unsure.confidence
    assert (doubtful.confidence, doubtful.engine_confidence) == (0.4, None)
    assert (surest.engine_confidence, unsure.engine_confidence) == (0.97, 0.75)
    assert surest.as_json()["engine_confidence"] == 0.97


@pytest.mark.parametrize("model", [MODEL, "another"])
def test_each_pair_of_models_is_weighed_by_its_own_corrections(model: str):
    lessons = learn(many(0.96, right=7, wrong=3, model=model))
    (word,) = taught(heard("un", 0.97), lessons).heard
    assert (word.confidence < 0.9) is (model == MODEL)


def test_a_few_corrections_say_nothing_of_confidences():
    lessons = learn(many(0.96, right=7, wrong=3)[: LEAST_WORDS // 10 - 1])
    assert lessons.curves == {}
    assert taught(heard("un", 0.97), lessons).heard[0].confidence == 0.97


def test_a_level_nobody_has_seen_is_as_sure_as_the_model_says():
    shares = learn(many(0.96, right=10, wrong=0)).curves[MODEL].shares
    assert list(shares) == sorted(shares)
    assert shares[0] == pytest.approx(0.55)
