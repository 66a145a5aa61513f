"""Telephone numbers as they come in."""

import pytest

from channels.phone import phone, takes_texts
from channels.values import Address
from config.names import AddressKind

NUMBERS = {
    "French mobile": ("+33639980001", "+33639980001"),
    "with blanks": ("+33 6 39 98 00 01", "+33639980001"),
    "American": ("+1 (202) 555-0143", "+12025550143"),
    "withheld, typed on keys": ("+266696687", None),
    "restricted, typed on keys": ("+7378742833", None),
    "unavailable, typed on keys": ("+86282452253", None),
    "blocked, typed on keys": ("+2562533", None),
    "a real number of Lesotho": ("+26622123456", "+26622123456"),
    "the word": ("ANONYMOUS", None),
    "the word as calls have it": ("Anonymous", None),
    "a short code": ("38000", None),
    "a name": ("Orange", None),
    "national": ("0639980001", None),
    "another channel's": ("whatsapp:+33639980001", None),
    "a SIP address": ("sip:anna@town.example", None),
    "nothing": ("", None),
    "too long": ("+" + "1" * 16, None),
    "digits of another script": ("+٣٣٦٣٩٩٨٠٠٠١", None),
}


@pytest.mark.parametrize(("posted", "known"), NUMBERS.values(), ids=NUMBERS)
def test_phone(posted: str, known: str | None) -> None:
    assert phone(posted) == (Address(AddressKind.PHONE, known) if known else None)


TEXTED = {
    "French mobile": ("+33639980001", True),
    "French mobile, newer range": ("+33756780001", True),
    "French fixed line": ("+33298000000", False),
    "French, not geographic": ("+33970000000", False),
    "Reunion mobile": ("+262692000001", True),
    "Reunion fixed line": ("+262262000001", False),
    "Mayotte mobile": ("+262639000001", True),
    "Martinique mobile": ("+596696000001", True),
    "Martinique fixed line": ("+596596000001", False),
    "Guadeloupe mobile": ("+590690000001", True),
    "Guadeloupe mobile, newer range": ("+590709012345", True),
    "Guiana mobile": ("+594694000001", True),
    "Reunion mobile, newer range": ("+262709212345", True),
    "French, for machines": ("+33700000000000", False),
    "British mobile": ("+447700900123", True),
    "British fixed line": ("+442079460000", False),
    "Belgian mobile": ("+32470000001", True),
    "Belgian fixed line": ("+3222000001", False),
    "Luxembourg mobile": ("+352621000001", True),
    "Luxembourg fixed line": ("+35226000001", False),
    "Algerian mobile": ("+213550000001", True),
    "Algerian fixed line": ("+21321000001", False),
    "a plan that does not tell: North America": ("+12025550143", True),
    "a plan that is not here: Senegal": ("+221770000001", True),
}


@pytest.mark.parametrize(("number", "expected"), TEXTED.values(), ids=TEXTED)
def test_takes_texts(number: str, expected: bool) -> None:
    assert takes_texts(Address(AddressKind.PHONE, number)) is expected


def test_nobody_and_mail_take_no_texts() -> None:
    assert not takes_texts(None)
    assert not takes_texts(Address(AddressKind.EMAIL, "anna@town.example"))
