"""What residents are promised, and told before they speak: what the consultation file says, and nothing beside it."""

from __future__ import annotations

import re
import subprocess
import wave
from datetime import date

import pytest

from config.enums import Answers
from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording.consultation import Consultation, read_consultation
from config.wording.message_catalog import catalogue, resident_text, text_problems
from config.wording.message_keys import SAMPLE_FACTS, TEXT_KEYS

EXAMPLE = PACKAGED_CONSULTATIONS / "rues-et-places.toml"


@pytest.fixture
def example() -> Consultation:
    return read_consultation(EXAMPLE)


def named(example: Consultation, **changes: object) -> Consultation:
    return example.model_copy(update=changes)


PROMISES = [
    # answers, language, what a text says, what a mail says
    ("all", "fr", "La ville répond à tous avant le 31/03/2030.", "La ville répond à tous avant le 31 mars 2030."),
    (
        "published summary",
        "en",
        "The town publishes a summary before 31 Mar 2030.",
        "The town publishes a summary before 31 March 2030.",
    ),
    (
        "none",
        "fr",
        "La ville lit tout, sans répondre à chacun.",
        "La ville lit chaque avis ; elle ne répond pas à chacun.",
    ),
]
SAYING_PROMISE = [key for key, template in catalogue("fr").items() if "{promise}" in template]


@pytest.mark.parametrize(("answers", "language", "short", "long"), PROMISES, ids=[row[0] for row in PROMISES])
@pytest.mark.parametrize("key", SAYING_PROMISE)
def test_what_is_promised_is_what_the_consultation_says(example, answers, language, short, long, key):
    facts = {**SAMPLE_FACTS, "received": date(2026, 3, 12)}
    said = resident_text(key, language, named(example, answers=Answers(answers)), **facts)
    others = {
        resident_text(key, language, named(example, answers=one), **facts) for one in Answers if one.value != answers
    }
    assert (short if key.startswith("sms_") else long) in said
    assert said not in others
    assert not re.search("répond à tous|answers everybody", said) or answers == "all"


def test_nothing_is_promised_where_the_file_is_silent_or_the_consultation_unknown(example):
    silent = read_consultation(
        re.sub(r"(?m)^(answers|answer_by|free_call) = .*\n", "", EXAMPLE.read_text(encoding="utf-8")).encode()
    )
    assert (silent.answers, silent.answer_by, silent.free_call) == (Answers.NONE, None, False)
    facts = {**SAMPLE_FACTS, "received": date(2026, 3, 12), "answer": "Merci"}
    for consultation in (silent, None):
        for key in TEXT_KEYS:
            if not key.startswith(
                ("promise_", "free_call", "reason_", "voice_state_set", "sms_state_set", "web_state_set")
            ):
                said = resident_text(key, "fr", consultation, **facts)
                assert not re.search("répond à tous|synthèse|gratuit", said.replace(silent.decides["fr"], "")), key


def test_a_call_is_free_only_where_the_file_says_so(example):
    assert resident_text("voice_greeting", "fr", named(example, free_call=False)) == "Bonjour, ici Ville d'Exemple."
    assert resident_text("voice_greeting", "fr", example) == "Bonjour, ici Ville d'Exemple. Appel gratuit."


@pytest.mark.parametrize("key", ["voice_rights", "email_receipt"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_can_and_cannot_change_and_who_decides_is_told(example, key, language):
    said = resident_text(key, language, example, **{**SAMPLE_FACTS, "received": ""})
    for words in (example.can_change, example.cannot_change, example.decides):
        assert words[language] in said


BEFORE_TONE_SECONDS, QUESTION_SECONDS = 15, 6


@pytest.mark.parametrize(("language", "voice"), [("fr", "fr"), ("en", "en-gb")])
def test_the_tone_comes_soon(example, language, voice, tmp_path):
    """Measured by having a synthetic voice read it, at its usual speed."""
    (other,) = {"fr", "en"} - {language}
    told = [("voice_greeting", language), ("voice_press_9", other), ("voice_before_tone", language)]
    seconds = sum(_seconds(resident_text(key, one, example), voice, tmp_path) for key, one in told)
    assert seconds <= BEFORE_TONE_SECONDS
    assert _seconds(resident_text("voice_question", language, example), voice, tmp_path) <= QUESTION_SECONDS


def _seconds(text, voice, folder):
    path = folder / "said.wav"
    subprocess.run(["espeak-ng", "-v", voice, "-w", path, text], check=True)
    with wave.open(str(path)) as sound:
        return sound.getnframes() / sound.getframerate()


def test_a_passage_that_names_a_passage_is_refused(example):
    town = named(example, texts={"fr": {"promise_all": "Oui. {promise}", "free_call": "{free_call}"}})
    assert [where for where, _ in text_problems(town)] == [("fr", "promise_all"), ("fr", "free_call")]
