"""The written-out dialogues: every text in them, with what it costs; that they are current, test_manual holds."""

from __future__ import annotations

import pytest

from config.wording.gsm7 import count_segments
from config.wording.message_catalog import TextPreview
from config.wording.message_keys import TEXT_KEYS
from gateway.manual.answer_words import ANSWER_TEXTS
from gateway.manual.dialogue_pages import cost_in_words, dialogues_page
from gateway.manual.dialogue_words import HAPPENS, SCENES, TEXTED, UNASKED, WORDS
from gateway.manual.form_words import FORM_TEXTS
from gateway.manual.vote_words import VOTE_TEXTS


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_text_stands_in_the_page_of_its_language(language: str) -> None:
    page = dialogues_page(language)
    assert [key for key in TEXT_KEYS if f"`{key}`" not in page] == []
    assert page.count(" GSM-7, 1 ") == sum(key.startswith("sms_") and key != "sms_answer" for key in TEXT_KEYS)
    assert "⚠" not in page


def test_both_languages_have_the_same_words_around() -> None:
    for words in (WORDS, SCENES, TEXTED, HAPPENS, UNASKED, FORM_TEXTS, ANSWER_TEXTS, VOTE_TEXTS):
        assert words["fr"].keys() == words["en"].keys()
    named = {key for words in (TEXTED, HAPPENS, UNASKED, FORM_TEXTS, ANSWER_TEXTS, VOTE_TEXTS) for key in words["fr"]}
    assert {key for key in TEXT_KEYS if not key.startswith("voice_")} <= named


COSTS = {
    "as it must": ("Bien arrivé", "11 caractères, GSM-7, 1 SMS"),
    "a letter too many": (
        "Reçu" + "x" * 67,
        "71 caractères, UCS-2, 2 SMS. **⚠ 2 SMS au lieu d’un : à cause de ç**",
    ),
    "too long": ("x" * 161, "161 caractères, GSM-7, 2 SMS. **⚠ 2 SMS au lieu d’un : trop long**"),
}


@pytest.mark.parametrize(("text", "words"), COSTS.values(), ids=COSTS)
def test_a_needless_segment_is_pointed_out(text: str, words: str) -> None:
    assert cost_in_words(TextPreview("sms_help", "", text, count_segments(text)), "fr") == words
