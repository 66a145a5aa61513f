"""Texts that say the same, kinds, learned themes, places, passages: each by a table of what people write."""

from __future__ import annotations

import json
import math
import random
from dataclasses import asdict

import numpy as np
import pytest

from config.enums import ContributionKind as Kind
from config.wording.stems import stems
from transcription.text import learned_themes, quoted_passages, text_likeness
from transcription.text.contribution_kinds import suggest_kinds
from transcription.text.place_names import NoPlaces, PlaceIndex, read_places
from transcription.text.sounded_words import sound_keys
from transcription.text.text_likeness import Sketcher, likely_pairs, load_sketches, same_wording

ASKED = "Nous demandons que la ligne 3 passe aussi le dimanche jusqu’à la gare, car les soignants en ont besoin."

SAME = {
    "itself": ASKED,
    "without accents, shouted": ASKED.upper().replace("’", " ").replace("À", "A"),
    "misheard": "nous demandant que la ligne 3 passe aussi le dimanche jusque à la garre car les soignant en on besoin",
    "misread": "N0us demandons que 1a ligne 3 passe aussi le dirnanche jusqu'à la gare, car les soignants ont besoln.",
    "with words of one's own": f"Bonjour, je suis infirmière de nuit. {ASKED} Merci d’y penser.",
}
OTHER = {
    "another line": ASKED.replace("3", "5"),
    "another wish": "Nous demandons que la piscine ouvre aussi le dimanche, car les familles n’ont pas d’autre jour.",
    "short, the same by chance": "Plus de bus",
    "a bench elsewhere": "Il manque un banc.",
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_the_same_said_again(text: str) -> None:
    assert same_wording(ASKED, text)
    sketcher = Sketcher(b"secret")
    made = [sketcher.sketch(one) for one in (ASKED, text)]
    assert likely_pairs(load_sketches([one for one in made if one]), np.array([False, True])) == [(0, 1)]


@pytest.mark.parametrize("text", OTHER.values(), ids=OTHER)
def test_something_else(text: str) -> None:
    assert not same_wording(ASKED, text)


def test_a_sketch_under_another_secret_is_another() -> None:
    assert Sketcher(b"one").sketch(ASKED) != Sketcher(b"other").sketch(ASKED)
    assert Sketcher(b"one").sketch("Plus de bus") is None


def test_who_says_more_than_the_others() -> None:
    texts = dict.fromkeys(range(9), ASKED) | {9: SAME["with words of one's own"]}
    own = text_likeness.own_words(texts)
    assert [own[number] for number in range(9)] == [0] * 9
    assert own[9] >= 6


@pytest.mark.parametrize(
    ("one", "other"),
    [("mer", "mère"), ("eau", "haut"), ("canal", "kanal"), ("gare", "garre"), ("pharmacie", "farmacie")],
)
def test_homophones_have_one_key(one: str, other: str) -> None:
    assert sound_keys(one) == sound_keys(other)


KINDS = {
    "Quand est-ce que la rue sera refaite ?": {Kind.QUESTION},
    "Pourquoi pas un banc devant l’école ?": {Kind.PROPOSAL},
    "Le lampadaire est cassé depuis un mois.": {Kind.FAULT},
    "Je suis contre ce parking.": {Kind.OPINION},
    "Bravo et merci pour le nouveau square !": {Kind.THANKS},
    "Rue de Siam": set(),
    "J’ai peur quand je rentre, tous les soirs.": {Kind.FEELING, Kind.RECURRING},
    "Hier le bus avait vingt minutes de retard.": {Kind.FACT, Kind.PASSING},
    "Le trottoir est étroit depuis toujours.": {Kind.PERMANENT},
    "C’est urgent, le mur penche.": {Kind.URGENT},
    "The footpath floods every time, I am worried.": {Kind.FEELING, Kind.RECURRING},
    "The bin is broken, could we have a new one?": {Kind.FAULT, Kind.PROPOSAL, Kind.QUESTION},
}


@pytest.mark.parametrize("text", KINDS)
def test_kinds_by_their_cues(text: str) -> None:
    found = suggest_kinds(text, "en" if text.startswith("The") else "fr")
    assert {one.kind for one in found} == KINDS[text]
    assert all(one.cues for one in found)


STREETS = """nom;quartier
Rue de Siam;Centre
Place de la Liberté;Centre
Rue Jean Jaurès;Est
Rue Jean Macé;Est
Parc d’Éole;Nord
Place des Fêtes;Nord
Boulevard de Vaugirard;Sud
"""
NAMED = {
    "Un trou rue de Siam, devant le 12": ["Rue de Siam"],
    "un trou rue de scian": ["Rue de Siam"],
    "PLACE DE LA LIBERTE": ["Place de la Liberté"],
    "rue jean jores et plasse de la libertée": ["Rue Jean Jaurès", "Place de la Liberté"],
    "rue Jean, je ne sais plus": [],
    "la liberté d’aller et venir": [],
    "sur la place aes Fêtes": ["Place des Fêtes"],
    "la fête continue, place à la suite": [],
    "un trou ruc dc Siam": ["Rue de Siam"],
    "boulevard aidés Vaugirard, devant le 12": ["Boulevard de Vaugirard"],
    "le boulevard est bruyant, vas-y garder les arbres": [],
}


@pytest.mark.parametrize("text", NAMED)
def test_places_as_they_sound(text: str) -> None:
    index = PlaceIndex(read_places(STREETS.encode()))
    assert sorted(one.place.name for one in index.find(text)) == sorted(NAMED[text])


def test_a_list_of_places_in_other_formats() -> None:
    ban = "id;nom_voie;code_postal;nom_commune\n1;Rue de Siam;29200;Brest\n2;Rue de Siam;29200;Brest\n"
    assert [one.name for one in read_places(b"\xef\xbb\xbf" + ban.encode())] == ["Rue de Siam"]
    with pytest.raises(NoPlaces, match="colour"):
        read_places(b"colour,size\nred,3\n")


def decisions(count: int) -> tuple[list[str], dict[str, dict[int, bool]]]:
    dice = random.Random(2)
    about = {
        "velo": ("vélo", "cycliste", "piste cyclable", "arceaux"),
        "nature": ("arbres", "parc", "fleurs", "jardin"),
    }
    texts, decided = [], {theme: {} for theme in about}
    for number in range(count):
        theme = dice.choice(sorted(about))
        texts.append(f"Nous voudrions plus de {dice.choice(about[theme])} et de {dice.choice(about[theme])} en ville")
        for one in about:
            decided[one][number] = one == theme
    return texts, decided


def test_themes_are_learned_with_their_words_and_worth() -> None:
    texts, decided = decisions(60)
    models = learned_themes.learn_themes(texts, decided)
    assert {one.theme for one in models} == {"velo", "nature"}
    for model in models:
        assert model.precision is not None
        assert model.precision >= learned_themes.WANTED_PRECISION
        json.dumps(asdict(model))
    prepared = learned_themes.LearnedThemes(models)
    (found,) = prepared.suggest("Il faudrait un vellos et une piste ciclable")
    assert found.theme_key == "velo"
    assert set(found.words) <= {"vellos", "piste", "ciclable"}
    assert [one.theme_key for one in prepared.suggest("Il faudrait une pisto cyelable")] == ["velo"]  # misread
    assert prepared.suggest("La cantine est trop chère") == []
    assert "velo" in learned_themes.telling_words(next(one for one in models if one.theme == "velo"), texts)


def test_what_nobody_can_tell_is_not_suggested() -> None:
    texts, _decided = decisions(60)
    dice = random.Random(1)
    chance = {"chance": {number: dice.random() < 0.3 for number in range(60)}}
    for model in learned_themes.learn_themes(texts, chance):
        assert math.isinf(model.threshold) or (model.precision or 0) >= learned_themes.WANTED_PRECISION


def test_what_half_of_all_have_is_not_suggested_to_all() -> None:
    dice = random.Random(4)
    texts = [f"mot{dice.randrange(30)} autre{dice.randrange(30)} encore{dice.randrange(30)}" for _ in range(80)]
    half = {"half": {number: dice.random() < 0.55 for number in range(80)}}
    models = learned_themes.learn_themes(texts, half)
    prepared = learned_themes.LearnedThemes(models)
    assert sum(bool(prepared.suggest(text)) for text in texts) < 40


def test_too_few_decisions_teach_nothing() -> None:
    texts, decided = decisions(6)
    assert learned_themes.learn_themes(texts, decided) == []
    assert learned_themes.learn_themes([], {}) == []


PASSAGES = {
    "Un banc.": "Un banc.",
    "  \n Il manque un banc. ": "Il manque un banc.",
    "Phrase une. " + "Longue " * 60 + "fin. Après.": "Phrase une.",
    "sans point final": "sans point final",
    "مرحبا بكم": "مرحبا بكم",
    "": "",
}


@pytest.mark.parametrize("text", PASSAGES)
def test_a_passage_is_whole_sentences_of_the_text(text: str) -> None:
    passage = quoted_passages.passage_of(text)
    assert text[passage.begin : passage.end] == PASSAGES[text]


def test_a_letter_of_many_things_is_quoted_by_what_it_says_of_one() -> None:
    text = "Bonjour,\n\nLes lampadaires sont éteints. Un bus toutes les heures, c’est peu. "
    text += "Et le dernier bus part à vingt heures. Le parc est sale depuis l’été dernier."
    passage = quoted_passages.passage_about(text, stems("bus", "fr"), "fr")
    assert text[passage.begin : passage.end] == (
        "Un bus toutes les heures, c’est peu. Et le dernier bus part à vingt heures."
    )
    assert quoted_passages.passage_about(text, ["phare"], "fr") == quoted_passages.passage_of(text)


def test_one_long_sentence_is_cut_between_words() -> None:
    text = "mot " * 200
    passage = quoted_passages.passage_of(text)
    assert 0 < passage.end - passage.begin <= quoted_passages.LONGEST
    assert text[: passage.end].endswith("mot")


def test_typical_divergent_and_apart_are_three() -> None:
    texts = {number: f"Il faut plus de bus le soir vers la gare, ligne {number}" for number in range(8)}
    texts |= {
        8: "Je suis contre plus de bus le soir vers la gare",
        9: "Un téléphérique jusqu’au phare serait magnifique",
    }
    chosen = quoted_passages.choose_quotations(texts, "fr")
    assert chosen.typical in range(8)
    assert (chosen.divergent, chosen.single) == (8, 9)
    assert quoted_passages.choose_quotations({}, "fr") == quoted_passages.ChosenQuotations(None, None, None)
