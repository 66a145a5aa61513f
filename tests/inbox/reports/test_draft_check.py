"""A draft that invents on purpose: every invention is struck, every true sentence of a listed form is kept."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from config.enums import Channel
from inbox.records.references import check_digit, format_reference
from inbox.reports.draft_check import DraftFacts, DraftFault, Quotable, check_draft
from inbox.reports.figure_values import Figures
from inbox.storage.database import Store
from tests.inbox.pages.conftest import post
from tests.inbox.reports.test_faithful import PAGE, signed_in
from tests.inbox.reports.towns import CAMPAIGN, town_of

SAID = {
    "10000001": ("Il manque un banc devant l’école. Les anciens attendent debout.", {"mobilier"}),
    "10000002": ("Je ne suis pas contre les bus. Mais pas la nuit !", {"mobilite"}),
    "10000003": ("Personne n’écoute", set()),
}
VOICES = {
    digits + check_digit(digits): Quotable(number, text, frozenset(themes))
    for number, (digits, (text, themes)) in enumerate(SAID.items(), start=1)
}
R0, R1, R2 = (f"n° {format_reference(number)}" for number in VOICES)


def facts(language: str = "fr") -> DraftFacts:
    figures = Figures.model_validate(
        {
            "consultation_id": 1,
            "version": 1,
            "at": "2026-11-28T10:00:00Z",
            "buckets": {},
            "units": 1500,
            "balanced": True,
            "published": 1234,
            "set_aside": 17,
            "in_review": 3,
            "channels": {"sms": 700, "paper": 534},
            "arrived": {},
            "days": [],
            "centres": [],
            "languages": [],
            "unthemed": 5,
            "repeated": 234,
            "kinds": [],
            "unanswered": 4,
            "places": [],
            "reasons": [],
            "campaigns": [{"group_id": 7, "voices": 212, "channels": {"sms": 212}, "with_own_words": 3}],
            "themes": [
                {"key": "mobilier", "count": 61, "confirmed": 40},
                {"key": "mobilite", "count": 90, "confirmed": 2},
            ],
            "needs_person": 0,
            "quarantined": 0,
            "models": [],
            "machine": {
                "themes_suggested": 0,
                "themes_kept": 0,
                "themes_removed": 0,
                "read_by_machine": 0,
                "confirmed_unchanged": 0,
                "corrected": 0,
            },
        }
    )
    themes = {"Bancs et mobilier": "mobilier", "Se déplacer": "mobilite"}
    return DraftFacts(language, figures, themes, {"SMS": Channel.SMS, "formulaire papier": Channel.PAPER}, VOICES.get)


TRUE = [
    "1 234 contributions ont été publiées.",
    "1234 contributions ont été publiées",
    "Par ailleurs, 61 contributions parlent de « Bancs et mobilier ».",
    "90 contributions parlent du thème « Se déplacer ».",
    "700 contributions sont venues par SMS.",
    "De plus, 534 contributions sont venues par formulaire papier.",
    "Ce sont 1 000 textes différents.",
    "212 voix, 1 texte.",
    "17 contributions ont été écartées.",
    "4 questions sont sans réponse.",
    f"Un habitant dit : « Il manque un banc devant l’école. » ({R0})",
    f"Un autre habitant écrit : « Il manque un banc devant l'école. Les anciens attendent debout. » ({R0}).",
    f"Enfin, sur « Se déplacer », un habitant dit : « Mais pas la nuit ! » ({R1})",
    f"Une contribution dit : « Personne n’écoute » ({R2}).",
]

INVENTED = {
    "another figure": ("1 235 contributions ont été publiées.", DraftFault.FIGURE),
    "a theme's figure for another": ("90 contributions parlent de « Bancs et mobilier ».", DraftFault.FIGURE),
    "a channel's for another": ("534 contributions sont venues par SMS.", DraftFault.FIGURE),
    "a figure in letters": ("Deux cent douze voix, 1 texte.", DraftFault.FORM),
    "a quantifier": ("La plupart des contributions parlent de « Bancs et mobilier ».", DraftFault.FORM),
    "about a figure": ("Environ 61 contributions parlent de « Bancs et mobilier ».", DraftFault.FORM),
    "negated": ("61 contributions ne parlent pas de « Bancs et mobilier ».", DraftFault.FORM),
    "a share": ("61 % des contributions parlent de « Bancs et mobilier ».", DraftFault.FORM),
    "an opinion behind": ("61 contributions parlent de « Bancs et mobilier », ce qui est beaucoup.", DraftFault.FORM),
    "an unlisted connection": ("Heureusement, 17 contributions ont été écartées.", DraftFault.FORM),
    "a paraphrase": (f"Un habitant dit : « Il faudrait un banc devant l’école. » ({R0})", DraftFault.QUOTATION),
    "half a sentence": (f"Un habitant dit : « contre les bus. » ({R1})", DraftFault.QUOTATION),
    "its first half": (f"Un habitant dit : « Il manque un banc » ({R0})", DraftFault.QUOTATION),
    "stitched together": (f"Un habitant dit : « Il manque un banc. Mais pas la nuit ! » ({R0})", DraftFault.QUOTATION),
    "somebody else's": (f"Un habitant dit : « Mais pas la nuit ! » ({R0})", DraftFault.QUOTATION),
    "nobody's reference": ("Un habitant dit : « Mais pas la nuit ! » (n° 123 456 789)", DraftFault.REFERENCE),
    "no reference": ("Un habitant dit : « Mais pas la nuit ! »", DraftFault.FORM),
    "another theme": (
        f"Sur « Se déplacer », un habitant dit : « Il manque un banc devant l’école. » ({R0})",
        DraftFault.THEME,
    ),
    "all residents": (f"Tous les habitants disent : « Mais pas la nuit ! » ({R1})", DraftFault.FORM),
    "indirect speech": (f"Un habitant dit qu’il manque un banc ({R0}).", DraftFault.FORM),
    "a conclusion": ("La ville doit donc agir.", DraftFault.FORM),
    "a sentence in a quotation's place": (f"Un habitant dit : « » ({R0})", DraftFault.FORM),
    "two in one": (f"212 voix, 1 texte et un habitant dit : « Mais pas la nuit ! » ({R1})", DraftFault.FORM),
    "accents changed": (f"Un habitant dit : « Personne n’ecoute » ({R2}).", DraftFault.QUOTATION),
}


@pytest.mark.parametrize("sentence", TRUE)
def test_what_is_true_is_kept(sentence: str) -> None:
    (one,) = check_draft(sentence, facts())
    assert (one.text, one.fault) == (" ".join(sentence.split()), None)


@pytest.mark.parametrize(("sentence", "fault"), INVENTED.values(), ids=INVENTED)
def test_what_is_invented_is_struck(sentence: str, fault: DraftFault) -> None:
    assert [one.fault for one in check_draft(sentence, facts())] == [fault]


def test_two_hundred_true_sentences_with_one_thing_changed_in_each() -> None:
    """A letter, a digit or a word more, less or other: nothing is kept that is not among what is true."""
    dice, kept = random.Random(12), 0
    true = {" ".join(one.split()).rstrip(".").replace("’", "'").casefold() for one in TRUE}
    for _ in range(200):
        words = dice.choice(TRUE).split()
        at = dice.randrange(len(words))
        change = dice.choice(["drop", "double", "digit", "swap", "word"])
        if change == "drop":
            words.pop(at)
        elif change == "double":
            words.insert(at, words[at])
        elif change == "swap":
            words[at], words[at - 1] = words[at - 1], words[at]
        elif change == "word":
            words.insert(at, dice.choice(["pas", "tous", "presque", "12", "très"]))
        else:
            words = [
                dice.choice("0123456789") + word[1:] if word[:1].isdigit() and dice.random() < 0.7 else word
                for word in words
            ]
        said = " ".join(words)
        for one in check_draft(said, facts()):
            if one.fault is None:
                kept += 1
                whole = one.text.rstrip(".").replace("’", "'").casefold()
                for phrase in ("par ailleurs, ", "de plus, ", "enfin, "):
                    whole = whole.removeprefix(phrase)
                assert any(
                    whole.replace(" ", "") == known.split(", ", 1)[-1].replace(" ", "") or whole in known
                    for known in true
                ), one
    assert kept < 60


def test_english() -> None:
    said = "Also, 1,234 contributions have been published. 61 contributions speak of “Bancs et mobilier”. Most agree."
    assert [one.fault for one in check_draft(said, facts("en"))] == [None, None, DraftFault.FORM]


def test_what_is_kept_goes_into_the_report_under_a_name(sqlite_store: Store, tmp_path: Path) -> None:
    town = town_of(sqlite_store, 3, voices=10)
    client = signed_in(sqlite_store, tmp_path, town.people["elu"], "fr")
    said = f"{len(town.published)} contributions ont été publiées. Tout le monde est content. "
    said += f"{len(town.campaign)} voix, 1 texte."
    page = f"{PAGE}/draft"
    shown = post(client, page, {"draft": said, "do": "check"}, page=page)
    assert shown.status_code == 200
    assert "<s>Tout le monde est content.</s>" in shown.text
    post(client, page, {"draft": said, "do": "add"}, page=page)
    report = client.get(PAGE).text
    assert f"{len(town.campaign)} voix, 1 texte." in report.split('class="own"', 1)[1]
    assert "Tout le monde" not in report
    assert CAMPAIGN.split()[0] in report
