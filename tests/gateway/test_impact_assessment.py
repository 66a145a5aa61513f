"""The data-protection impact assessment says what the settings say, and marks what only the town can say."""

from __future__ import annotations

from datetime import date

import pytest

from config.settings.schema import PACKAGED_CONSULTATIONS, Settings
from config.settings.sections.mail_section import Smtp
from config.wording.consultation import read_consultation
from gateway.documents.impact_assessment import LANGUAGES, impact_assessment

DAY = date(2027, 3, 1)
OPEN = {"fr": "**[à compléter]**", "en": "**[to complete]**"}


def filled(language: str, **settings: object) -> str:
    consultation = read_consultation(PACKAGED_CONSULTATIONS / "rues-et-places.toml")
    return impact_assessment(Settings(**settings), [consultation], language, DAY)  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_whole_and_marks_what_is_to_be_completed(language: str) -> None:
    said = filled(language)
    assert "2027-03-01" in said
    assert OPEN[language] in said
    assert "{{" not in said
    assert "{%" not in said


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "page de dépôt des centres"),
        ({"smtp": Smtp(host="courrier.example", sender="avis@courrier.example")}, "le serveur de courriel"),
        ({"public_url": "http://avis.example"}, "les liaisons web ne sont pas chiffrées"),
    ],
)
def test_it_follows_the_settings(settings: dict[str, object], said: str) -> None:
    assert said in filled("fr", **settings)


def test_what_is_not_used_is_not_named() -> None:
    plain = filled("fr", public_url="https://avis.example")
    assert "le serveur de courriel" not in plain
    assert "les liaisons web ne sont pas chiffrées" not in plain


def test_a_title_with_a_bar_stays_in_its_cell() -> None:
    consultation = read_consultation(PACKAGED_CONSULTATIONS / "rues-et-places.toml")
    odd = consultation.model_copy(update={"title": {"fr": "Rues | places\nville"}})
    said = impact_assessment(Settings(), [odd], "fr", DAY)
    assert "| Rues \\| places ville |" in said
