"""``portevoix texts``: the town sees what residents get, and what it costs, before it is sent."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from config.wording.gsm7 import count_segments
from config.wording.message_keys import TEXT_KEYS
from gateway.cli import portevoix
from gateway.commands.texts_commands import price_in_words

PRICES = {
    "one segment": ("Bien arrivé", 0.07, "1 segment, GSM-7, 11 characters, 0.070 €"),
    "no price known": ("Bien arrivé", 0, "1 segment, GSM-7, 11 characters"),
    "dearer by one letter": ("Reçu" + "x" * 67, 0.07, "2 segments, UCS-2, 71 characters, 0.140 €, dearer because of ç"),
}


@pytest.mark.parametrize(("text", "price", "words"), PRICES.values(), ids=PRICES)
def test_a_price_in_words(text: str, price: float, words: str) -> None:
    assert price_in_words(count_segments(text), price) == words


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_text_message_is_shown_with_its_price(tmp_path: Path, language: str) -> None:
    file = tmp_path / "portevoix.toml"
    file.write_text('town = "brest"\n[texting]\nsegment_price = 0.07\n')
    said = CliRunner().invoke(portevoix, ["--settings", str(file), "texts", "--sms", "--language", language]).output
    priced = [key for key in TEXT_KEYS if key.startswith("sms_")]
    assert f"rues-et-places ({language})" in said
    assert [key for key in priced if f"\n{key}: {TEXT_KEYS[key].when}\n" not in said] == []
    short = [key for key in priced if key != "sms_answer"]  # which carries the town's own words
    assert said.count("[1 segment, GSM-7, ") == said.count(", 0.070 €]") == len(short)
    assert "voice_greeting" not in said


def test_every_text_is_shown_in_every_language(tmp_path: Path) -> None:
    file = tmp_path / "portevoix.toml"
    file.write_text('town = "brest"\n')
    said = CliRunner().invoke(portevoix, ["--settings", str(file), "texts"]).output
    for key, text in TEXT_KEYS.items():
        assert said.count(f"\n{key}: {text.when}\n") == 2, key
    assert "rues-et-places (fr)" in said
    assert "rues-et-places (en)" in said
