"""Residents' texts: complete, cheap, in their language, in the town's own words first."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest

from config.enums import SetAsideReason
from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording import message_catalog
from config.wording.consultation import Consultation, read_consultation
from config.wording.gsm7 import count_segments
from config.wording.message_catalog import TextsError, costly_texts, preview_texts, resident_text, text_problems
from config.wording.message_keys import CONSULTATION_FACTS, TEXT_KEYS
from config.wording.spoken_dates import say_date, say_days

CATALOGUES = sorted((Path(message_catalog.__file__).parents[1] / "texts").glob("*.toml"))
LONG_NAMES = ["Brest métropole", "Bordeaux Métropole", "Saint-Étienne", "Nîmes", "Besançon"]


@pytest.fixture
def example() -> Consultation:
    return read_consultation(PACKAGED_CONSULTATIONS / "rues-et-places.toml")


def named(example: Consultation, **changes: object) -> Consultation:
    return example.model_copy(update=changes)


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.stem)
def test_a_catalogue_has_every_text_and_no_other(file):
    assert tomllib.loads(file.read_text(encoding="utf-8")).keys() == TEXT_KEYS.keys()


def test_there_are_catalogues_in_french_and_english():
    assert [file.stem for file in CATALOGUES] == ["en", "fr"]


def test_every_reason_for_setting_aside_has_words():
    assert {key.removeprefix("reason_") for key in TEXT_KEYS if key.startswith("reason_")} == set(SetAsideReason)


def test_the_catalogues_name_the_same_facts():
    french, english = ({key: set(re.findall(r"\{\w+", text))
                        for key, text in message_catalog.catalogue(language).items()}
                       for language in ("fr", "en"))  # fmt: skip
    assert french == english


@pytest.mark.parametrize("name", LONG_NAMES)
def test_every_text_message_fits_one_segment(example, name):
    town = named(example, town_name=name)
    assert costly_texts(town) == []
    assert {
        shown.price.encoding for language in ("fr", "en") for shown in preview_texts(town, language) if shown.price
    } == {"GSM-7"}


def test_a_long_name_is_told_and_a_short_one_helps(example):
    long = named(example, town_name="Communauté d'agglomération du Pays de Quelque Part")
    assert ("fr", "sms_receipt") in dict(costly_texts(long))
    assert costly_texts(named(long, town_short="Quelque Part")) == []


def test_the_catalogue_itself_is_written_cheaply():
    costly = {
        (language, key): count_segments(text).costly
        for language in ("fr", "en")
        for key, text in message_catalog.catalogue(language).items()
        if key.startswith("sms_") and count_segments(text).costly
    }
    assert costly == {}


SAID = [
    (
        "receipt",
        ("sms_receipt", "fr", {"reference": "482915307", "write_to": ""}),
        "Ville d'Exemple : votre avis est bien arrivé. No 482 915 307. Une personne le lira. "
        "Suite : SUIVI 482915307. Aide : AIDE. Plus de SMS : STOP",
    ),
    (
        "receipt from a sender that cannot receive",
        ("sms_receipt", "en", {"reference": "482915307", "write_to": "+33600000000"}),
        "Ville d'Exemple: your opinion has arrived. No 482 915 307. A person will read it. "
        "Follow-up: STATUS 482915307 to +33600000000. Help: HELP. Stop texts: STOP",
    ),
    (
        "a question from a sender that cannot receive",
        ("sms_erase_confirm", "fr", {"reference": "482915307", "minutes": 60, "write_to": "+33600000000"}),
        "Effacer votre avis No 482 915 307 ? Répondez OUI au +33600000000 dans les 60 minutes. "
        "Sans réponse, rien ne change.",
    ),
    (
        "a date in a text message",
        (
            "sms_state_waiting",
            "fr",
            {"reference": "482915307", "received": date(2026, 3, 12), "today": date(2026, 5, 1)},
        ),
        "No 482 915 307 : bien arrivé le 12/03, pas encore lu. Une personne le lira. "
        "La ville publie une synthèse avant le 31/03/2030.",
    ),
    (
        "a date that is unknown",
        ("sms_state_waiting", "fr", {"reference": "482915307", "received": ""}),
        "No 482 915 307 : bien arrivé, pas encore lu. Une personne le lira. "
        "La ville publie une synthèse avant le 31/03/2030.",
    ),
    (
        "a reference digit by digit",
        ("voice_state_erased", "en", {"reference": "482915307"}),
        "The message 4, 8, 2. 9, 1, 5. 3, 0, 7 has been erased, as asked or because its time was over.",
    ),
    (
        "a reason",
        ("voice_state_set_aside", "fr", {"reference": "482915307", "received": "", "reason": "il y a des insultes"}),
        "Votre message 4, 8, 2. 9, 1, 5. 3, 0, 7 est lu et gardé, mais il n'est pas publié : il y a des insultes. "
        "Pas d'accord ? Appelez le 02 98 00 00 00.",
    ),
    (
        "the question in the language asked for",
        ("voice_question", "en", {}),
        "Our question: What should change in your street, square or neighbourhood?",
    ),
]


@pytest.mark.parametrize(("asked", "said"), [row[1:] for row in SAID], ids=[row[0] for row in SAID])
def test_what_is_said(example, asked, said):
    key, language, facts = asked
    assert resident_text(key, language, example, **facts) == said


@pytest.mark.parametrize("key", [key for key, about in TEXT_KEYS.items() if not about.facts])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_text_can_be_said_where_the_consultation_is_unknown(key, language):
    said = resident_text(key, language, None)
    assert said
    assert not re.search(r"[{}\[\]]", said)


def test_where_the_consultation_is_unknown_the_town_can_be_told():
    assert resident_text("voice_greeting", "fr", None) == "Bonjour, ici votre mairie."
    assert resident_text("voice_greeting", "fr", None, town="Brest") == "Bonjour, ici Brest."


def test_the_towns_own_words_come_first_and_in_their_language(example):
    town = named(example, texts={"fr": {"voice_greeting": "Demat, {town} !"}})
    assert resident_text("voice_greeting", "fr", town) == "Demat, Ville d'Exemple !"
    assert resident_text("voice_greeting", "en", town) == "Hello, Ville d'Exemple here. Free call."


def test_a_language_without_texts_falls_back_to_the_consultations_own(example):
    town = named(example, languages=("en", "fr"))
    assert resident_text("voice_press_9", "br", town) == "For English, press 9."
    assert resident_text("voice_press_9", "br", None) == "Pour le français, touche 9."


def test_the_towns_own_language_needs_no_catalogue(example):
    town = named(example, texts={"br": {"voice_press_9": "E brezhoneg, 9."}})
    assert resident_text("voice_press_9", "br", town) == "E brezhoneg, 9."


@pytest.mark.parametrize("language", ["../../fr", "", "FR"])
def test_a_language_that_is_none_falls_back(example, language):
    assert resident_text("voice_press_9", language, example) == "Pour le français, touche 9."


def test_facts_are_said_and_never_filled_again(example):
    town = named(example, town_name="{question}")
    assert resident_text("voice_greeting", "fr", town) == "Bonjour, ici {question}. Appel gratuit."


@pytest.mark.parametrize(("key", "facts"), [("sms_receipt", {}), ("no_such_text", {})])
def test_what_is_missing_is_an_error(example, key, facts):
    with pytest.raises(TextsError):
        resident_text(key, "fr", example, **facts)


DATES = [
    (date(2026, 3, 1), "fr", "long", "1er mars 2026"),
    (date(2026, 8, 12), "fr", "long", "12 août 2026"),
    (date(2026, 8, 2), "fr", "short", "02/08"),
    (date(2027, 8, 2), "fr", "short", "02/08/2027"),
    (date(2026, 8, 2), "en", "long", "2 August 2026"),
    (date(2026, 8, 2), "en", "short", "2 Aug"),
    (date(2025, 12, 31), "en", "short", "31 Dec 2025"),
    (date(2026, 8, 2), "br", "long", "2026-08-02"),
]


@pytest.mark.parametrize(("day", "language", "form", "said"), DATES, ids=[row[3] for row in DATES])
def test_a_date_is_said(day, language, form, said):
    assert say_date(day, language, form, today=date(2026, 11, 28)) == said


PERIODS = [(30, "30 jours"), (60, "2 mois"), (180, "6 mois"), (200, "200 jours"), (365, "un an"), (1095, "3 ans")]


@pytest.mark.parametrize(("days", "said"), PERIODS, ids=[row[1] for row in PERIODS])
def test_a_period_is_said(days, said):
    assert say_days(days, "fr") == said


def test_own_words_are_checked(example):
    town = named(example, texts={"fr": {"sms_receipt": "Merci {name}", "nonsense": "x"}})
    assert [where for where, _ in text_problems(town)] == [("fr", "sms_receipt"), ("fr", "nonsense")]


@pytest.mark.parametrize(
    ("worded", "refused"),
    [
        ({"voice_before_tone": "A"}, [("fr", "voice_before_tone")]),
        ({"voice_consent": "A"}, [("fr", "voice_consent")]),
        ({"voice_before_tone": "A", "voice_consent": "A"}, []),
        ({"voice_thanks": "A"}, []),
    ],
    ids=["with keys", "without keys", "both", "neither"],
)
def test_nobody_agrees_to_what_others_are_not_told(example, worded, refused):
    assert [where for where, _ in text_problems(named(example, texts={"fr": worded}))] == refused


def test_the_manual_lists_every_text_and_fact():
    manual = (Path(__file__).parents[2] / "docs" / "texts.md").read_text(encoding="utf-8")
    named_there = set(re.findall(r"`\{?([a-z_0-9]+)\}?`", manual))
    wanted = {*TEXT_KEYS, *CONSULTATION_FACTS} | {fact for about in TEXT_KEYS.values() for fact in about.facts}
    assert sorted(wanted - named_there) == []
