"""What a text message costs, against the tables of 3GPP 23.038 and the boundaries of 23.040."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.wording.gsm7 import Segments, cheapest_spelling, count_segments

# Row by row as the standard prints it, in code order; 0x1B is the escape.
TABLE = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"

CASES = [
    ("empty", "", Segments("GSM-7", 1, 0, "")),
    ("full", "a" * 160, Segments("GSM-7", 1, 160, "")),
    ("one more", "a" * 161, Segments("GSM-7", 2, 161, "")),
    ("two full", "a" * 306, Segments("GSM-7", 2, 306, "")),
    ("three", "a" * 307, Segments("GSM-7", 3, 307, "")),
    ("euros count double", "€" * 80, Segments("GSM-7", 1, 160, "")),
    ("an escaped character is not cut in two", "a" * 152 + "€" + "a" * 152, Segments("GSM-7", 3, 306, "")),
    ("it fits the other way round", "a" * 151 + "€" + "a" * 153, Segments("GSM-7", 2, 306, "")),
    ("arrivé is cheap", "bien arrivé à l'été", Segments("GSM-7", 1, 19, "")),
    ("reçu is not", "reçu " + "a" * 66, Segments("UCS-2", 2, 71, "ç")),
    ("each costly character once", "être fêté, ça, « œuf »", Segments("UCS-2", 1, 22, "êç«œ»")),
    ("capital Ç is cheap", "Ça", Segments("GSM-7", 1, 2, "")),
    ("UCS-2 full", "ê" * 70, Segments("UCS-2", 1, 70, "ê")),
    ("UCS-2 two", "ê" * 71, Segments("UCS-2", 2, 71, "ê")),
    ("UCS-2 two full", "ê" * 134, Segments("UCS-2", 2, 134, "ê")),
    ("an emoji counts double", "👍" * 35, Segments("UCS-2", 1, 70, "👍")),
    ("and is not cut in two", "a" * 66 + "👍" + "a" * 66, Segments("UCS-2", 3, 134, "👍")),
    ("Arabic", "شكرا", Segments("UCS-2", 1, 4, "شكرا")),
]


@pytest.mark.parametrize(("text", "price"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_the_price_of_a_text(text, price):
    assert count_segments(text) == price


def test_the_alphabet_is_the_standards():
    letters = [c for c in map(chr, range(0x3000)) if count_segments(c).encoding == "GSM-7"]
    assert {c for c in letters if count_segments(c).units == 1} == set(TABLE) - {"\x1b"}
    assert {c for c in letters if count_segments(c).units == 2} == set(EXTENSION)


FRENCH = [(c, c in "éèàùäöüÉÇ") for c in "éèêëàâùûüîïôöäçœæÉÈÀÇ"]


@pytest.mark.parametrize(("letter", "free"), [row for row in FRENCH if row[0] != "æ"])
def test_which_french_letters_cost_nothing(letter, free):
    assert (count_segments(letter).encoding == "GSM-7") is free


def test_what_is_left_in_the_last_segment():
    assert [count_segments("a" * number).left for number in (0, 160, 161)] == [160, 0, 145]


CHEAP = [
    ("Nîmes", "Nimes"),
    ("Besançon", "Besancon"),
    ("Saint-Étienne", "Saint-Étienne"),
    ("l’œuvre « commune »…", 'l\'oeuvre "commune"...'),
    ("30\u00a0avril\u202f!", "30 avril !"),
    ("à été", "à été"),
    ("شكرا", "شكرا"),
]


@pytest.mark.parametrize(("text", "cheaper"), CHEAP, ids=[row[0] for row in CHEAP])
def test_a_text_made_cheap(text, cheaper):
    assert cheapest_spelling(text) == cheaper


@given(st.text())
def test_segments_hold_the_whole_text_and_not_much_more(text):
    price = count_segments(text)
    single, several = (160, 153) if price.encoding == "GSM-7" else (70, 67)
    if price.units <= single:
        assert price.count == 1
    else:
        # A character that is not cut in two leaves at most one unit empty.
        assert price.units <= several * price.count
        assert price.units > (several - 1) * (price.count - 1)


@given(st.text())
def test_making_a_text_cheap_twice_changes_nothing_more(text):
    assert cheapest_spelling(cheapest_spelling(text)) == cheapest_spelling(text)
