"""Names, numbers and addresses are found in what people write and say; streets, offices and figures are left alone."""

from __future__ import annotations

import pytest

from transcription.text.personal_data import find_personal

FOUND: dict[str, list[tuple[str, str]]] = {
    "M. Kerdraon se gare au 14 rue Bugeaud.": [("name", "Kerdraon"), ("address", "14 rue Bugeaud")],
    "Rappelez Mme Le Bihan au 06 39 98 12 34.": [("name", "Le Bihan"), ("phone", "06 39 98 12 34")],
    "Odette Marchand, 6 bis impasse des Genêts": [("name", "Odette Marchand"), ("address", "6 bis impasse des Genêts")],
    "écrivez à jeanne.l@example.org": [("email", "jeanne.l@example.org")],
    "paul point durand arobase exemple point fr": [("email", "paul point durand arobase exemple point fr")],
    "appelez le +33 6 39 98 00 06 svp": [("phone", "+33 6 39 98 00 06")],
    "je m'appelle fatima benali et je marche": [("name", "fatima benali")],
    "madame kerdraon habite là": [("name", "kerdraon")],
    "My neighbour Mr Haddad lives at 12 High Street.": [("name", "Haddad"), ("address", "12 High Street")],
    # As it is heard: without capitals and marks.
    "demandez nolwenn lemoine au marché": [("name", "nolwenn lemoine")],
    "il faut des bancs merci josiane riou": [("name", "josiane riou")],
    "mon voisin mehdi le goff est d'accord": [("name", "mehdi le goff")],
    "venez voir au 54 rue émile zola le soir": [("address", "54 rue émile zola")],
    "mon mail ibrahim point bouzid arobase poste point example point net": [
        ("email", "ibrahim point bouzid arobase poste point example point net")
    ],
    "le docteur pouliquen habite là": [("name", "pouliquen")],
    # Signed, whatever the first name.
    "Plus de bancs, merci.\nZwenlaig Trévidic": [("name", "Zwenlaig Trévidic")],
    "Moins de pelouse. Gaïd Le Floc'h": [("name", "Gaïd Le Floc'h")],
    "Le docteur Nguyen le dit aussi.": [("name", "Nguyen")],
    "sa voiture AB-123-CD gêne": [("other", "AB-123-CD")],
}
LEFT_ALONE = (
    "Il manque un banc rue Jean-Jaurès, devant l'école Jules Ferry.",
    "Monsieur le Maire, plantez des arbres place Napoléon-III.",
    "monsieur le maire il faut des bancs",
    "Le 12 mars 2026 à 14 heures, 400 000 euros.",
    "la marine et la rose du jardin carole passe par là",
    "place de la liberté rue albert thomas il faut des bancs",
    "Plus de bus. Rue Albert-Thomas.",
    "Pierre qui roule n'amasse pas mousse.",
)


@pytest.mark.parametrize("text", FOUND)
def test_what_says_who_somebody_is_is_found(text: str) -> None:
    found = find_personal(text)
    assert [(one.kind.value, one.words) for one in found] == FOUND[text]
    assert all(text[one.start : one.end] == one.words for one in found)


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_says_nothing_of_anybody_is_left_alone(text: str) -> None:
    assert find_personal(text) == []


@pytest.mark.parametrize("text", ["", "\0", "0" * 30_000, "M. " * 9_000, "a@" * 9_000], ids=range(5))
def test_odd_texts_are_gone_through(text: str) -> None:
    find_personal(text)
