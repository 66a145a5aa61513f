"""Suggested themes: inflections and phrases count, everything else does not."""

import pytest

from config.wording.consultation import Theme
from transcription.text.theme_suggestions import Suggestion, suggest_themes

THEMES = (
    Theme(key="mobilite", label={"fr": "Se déplacer"}, words={"fr": ("bus", "arrêt de bus", "école"), "en": ("bus",)}),
    Theme(key="bancs", label={"fr": "Bancs"}, words={"fr": ("banc", "s'asseoir")}),
)

CASES = {
    "a plural": ("il faudrait des bancs", {"bancs": ("banc",)}),
    "capitals, without accents": ("PRES DE L'ECOLE", {"mobilite": ("école",)}),
    "a phrase": ("l'arrêt de bus est loin", {"mobilite": ("bus", "arrêt de bus")}),
    "a phrase's words apart": ("le bus est à l'arrêt", {"mobilite": ("bus",)}),
    "an elision in the theme's word": ("on ne peut pas s’asseoir", {"bancs": ("s'asseoir",)}),
    "a word inside another": ("la banque et le busard", {}),
    "nothing": ("", {}),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_a_theme_is_suggested_by_its_words(text: str, expected: dict[str, tuple[str, ...]]):
    assert {s.theme_key: s.words for s in suggest_themes(text, THEMES, "fr")} == expected


def test_the_theme_with_most_words_comes_first():
    text = "des bancs à l'arrêt de bus"
    assert suggest_themes(text, THEMES, "fr")[0] == Suggestion("mobilite", ("bus", "arrêt de bus"))


def test_words_of_another_language_do_not_count():
    assert suggest_themes("the bench and the bus", THEMES, "en") == [Suggestion("mobilite", ("bus",))]
