"""Which language a text is in: sure of whole sentences, silent where it is too short or another one."""

import subprocess
import sys

import pytest

from transcription.text.foreign_language import foreign_language_of
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


FOREIGN = {
    "Hay que poner bancos en la plaza": "es",
    "necesitamos más árboles": "es",
    "Mehr Bänke am Bahnhof bitte": "de",
    "Servono più panchine in piazza": "it",
    "Precisamos de mais bancos na praça": "pt",
    "Trebuie mai multe bănci în parc": "ro",
    "Potrzebujemy więcej ławek w parku": "pl",
    "Parkta daha fazla bank istiyoruz": "tr",
    "Chúng tôi cần thêm ghế trong công viên": "vi",
    "Tunahitaji viti zaidi katika bustani": "sw",
    "Demat deoc'h, ret eo kaout muioc'h a vankoù evit an dud kozh": "br",
    "公园需要更多长椅": "zh",
    "谢谢": "zh",
    "Більше лавок біля школи": "uk",
    "Нам нужны скамейки": "ru",
    "نريد حديقة أقرب من المدرسة": "ar",
    # French and English, however they are written, and what could be anything.
    "Il faudrait des bancs à l'ombre près de la gare": None,
    "ya pas de bancs c nul": None,
    "slt jveu un skate park vla": None,
    "bus 4 pas a l heure": None,
    "cv bien la mairie ?": None,
    "MERCI BCP pour tout": None,
    "We need more benches": None,
    "Bellevue Lambézellec Saint-Marc": None,
    "ha ha ha trop nul": None,
    "Gracias": None,
    "👍👍👍": None,
    "": None,
    "12 34": None,
    "\ud800 \ud800 \ud800": None,
}


@pytest.mark.parametrize(("text", "language"), FOREIGN.items(), ids=ascii)
def test_a_language_in_which_nobody_asked(text: str, language: str | None) -> None:
    assert foreign_language_of(text, ("fr", "en")) == language


def test_what_one_asked_in_is_not_foreign() -> None:
    assert foreign_language_of("Hay que poner bancos en la plaza", ("fr", "es")) is None
    assert foreign_language_of("We need more benches in the shade", ("fr",)) == "en"
