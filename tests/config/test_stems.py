"""Words as they are compared, by search and by the suggestions of themes."""

import pytest

from config.wording.stems import characters_of, contains_sequence, fold, stems, words_of


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Éclairage de l’Œuvre", "eclairage de l oeuvre"),
        ("ça, c'est ÉTÉ!", "ca c est ete"),
        ("e\u0301te\u0301", "ete"),
        ("12h30 — bus n°7", "12h30 bus n 7"),
        ("ﬁn STRASSE straße", "fin strasse strasse"),
        ("snake_case", "snake case"),
        ("مرحبا بكم", "مرحبا بكم"),
        ("\0\ud800 !", ""),
        ("", ""),
    ],
)
def test_fold(text: str, folded: str):
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("bancs", "banc", "fr"),
        ("éclairées", "ECLAIREE", "fr"),
        ("l’école", "Ecole", "fr"),
        ("benches", "bench", "en"),
    ],
)
def test_one_stem(one: str, other: str, language: str):
    assert stems(one, language) == stems(other, language)


def test_unknown_language_has_every_form():
    assert set(stems("benches", None)) >= {"bench", "benches"}
    assert set(stems("bancs", None)) == {"banc", "bancs"}


def test_other_languages_are_not_stemmed():
    assert stems("bancoù brasañ", "br") == ["bancou", "brasan"]


# Independent of what search makes of them: these are the words that both rooms compare.
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("公园长椅", ["公园", "园长", "长椅"]),
        ("桥", ["桥"]),
        ("12路 bus公交", ["12", "路", "bus", "公交"]),
        ("ＩＫＥＡ門口", ["ikea", "門口"]),
        ("공원에", ["공원", "원에"]),
        ("l'école", ["ecole"]),
        ("sta\u00adtion\u200bnement", ["stationnement"]),
        ("पार्क", ["परक"]),
        ("ไทย", ["ไท", "ทย"]),
    ],
)
def test_words_of_scripts_without_spaces(text: str, words: list[str]):
    assert words_of(text) == words


def test_single_characters_are_those_of_scripts_without_spaces():
    assert characters_of("Le bus 12 公园公") == ["公", "园"]


@pytest.mark.parametrize(
    ("wanted", "said", "there"),
    [
        (["a"], ["b", "a"], True),
        (["a", "b"], ["a", "a", "b"], True),
        (["a", "b"], ["a", "c", "b"], False),
        (["a", "b"], ["a"], False),
        ([], ["a"], False),
    ],
)
def test_stems_that_follow_one_another(wanted: list[str], said: list[str], there: bool):
    assert contains_sequence(wanted, said) is there
