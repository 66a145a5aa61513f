"""Which language a text is in: sure of whole sentences, silent where it is too short or another one."""

import subprocess
import sys

import pytest

from transcription.text.language import language_of

TEXTS = {
    "We need more benches in the shade near the station": "en",
    "the bus never comes on time after 8pm": "en",
    "More benches please": "en",
    "Please make the crossing safer for my kids": "en",
    "Il faudrait des bancs à l'ombre près de la gare": "fr",
    "plus de bus apres 20h svp": "fr",
    "bcp de bruit la nuit": "fr",
    "Le trottoir est trop étroit pour une poussette": "fr",
    # Too short to tell.
    "Parking": None,
    "A bench": None,
    "Piscine": None,
    "": None,
    "12 rue Pasteur": None,
    "👍👍👍 🚲": None,
    # Neither of the two.
    "Hay que poner bancos en la plaza": None,
    "Mehr Bänke am Bahnhof bitte": None,
    "Servono più panchine in piazza": None,
    "公园需要更多长椅": None,
    "Більше лавок біля школи": None,
    "نريد حديقة أقرب من المدرسة": None,
}


@pytest.mark.parametrize(("text", "language"), TEXTS.items(), ids=TEXTS)
def test_language(text: str, language: str | None) -> None:
    assert language_of(text, ("fr", "en")) == language


@pytest.mark.parametrize("among", [("fr",), (), ("br",), ("fr", "br"), ("xx", "fr")])
def test_without_a_choice_nothing_is_said(among: tuple[str, ...]) -> None:
    assert language_of("We need more benches in the shade near the station", among) is None


def test_a_third_language_of_the_consultation() -> None:
    assert language_of("Hay que poner más bancos en la plaza del barrio", ("fr", "en", "es")) == "es"


def test_the_web_server_does_not_load_it() -> None:
    code = "import sys, workers.processes.web, gateway.web.app; sys.exit('lingua' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
