"""Words as they are compared, by search and by the suggestions of themes."""

import pytest

from config.stems import fold, stems


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
