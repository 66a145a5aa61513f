"""Telephone numbers as they come in."""

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from channels.base.callers import phone_address, takes_texts
from channels.base.values import Address
from config.enums import AddressKind
from config.phone_numbers import to_e164

NUMBERS = {
    "French mobile": ("+33639980001", "+33639980001"),
    "with blanks": ("+33 6 39 98 00 01", "+33639980001"),
    "American": ("+1 (202) 555-0143", "+12025550143"),
    "withheld, typed on keys": ("+266696687", None),
    "withheld, typed on keys without the plus": ("266696687", None),
    "restricted, typed on keys": ("+7378742833", None),
    "unavailable, typed on keys": ("+86282452253", None),
    "blocked, typed on keys": ("+2562533", None),
    "a real number of Lesotho": ("+26622123456", "+26622123456"),
    "the word": ("ANONYMOUS", None),
    "the word as calls have it": ("Anonymous", None),
    "a short code": ("38000", None),
    "a longer short code": ("3637", None),
    "an emergency number": ("112", None),
    "a name": ("Orange", None),
    "a name with digits": ("SFR 1023", None),
    "a name of digits and a letter": ("0639980001a", None),
    "a telephone's own word for nobody": ("-1", None),
    "national": ("0639980001", "+33639980001"),
    "national, with blanks": ("06 39 98 00 01", "+33639980001"),
    "national, without the zero": ("639980001", "+33639980001"),
    "dialled abroad": ("0033639980001", "+33639980001"),
    "dialled abroad, with blanks": ("00 33 6 39 98 00 01", "+33639980001"),
    "without the plus": ("33639980001", "+33639980001"),
    "a zero in brackets": ("+33 (0)6 39 98 00 01", "+33639980001"),
    "a zero too many": ("+330639980001", "+33639980001"),
    "dialled abroad twice": ("+00 00 33 6 39 98 00 01", "+33639980001"),
    "only what is dialled before a number": ("+00", None),
    "as a link": ("tel:+33639980001", "+33639980001"),
    "in full width": ("＋３３６３９９８０００１", "+33639980001"),
    "a fixed line": ("02 98 00 00 00", "+33298000000"),
    "Réunion, as dialled in France": ("0692001122", "+262692001122"),
    "Martinique, as dialled in France": ("0696 00 11 22", "+596696001122"),
    "British without the plus": ("447911123456", "+447911123456"),
    "British, dialled abroad": ("00447911123456", "+447911123456"),
    "Belgian without the plus": ("32470000001", "+32470000001"),
    "French, for machines": ("+33700000000000", "+33700000000000"),
    "another channel's": ("whatsapp:+33639980001", None),
    "a SIP address": ("sip:anna@town.example", None),
    "nothing": ("", None),
    "too long": ("+" + "1" * 16, None),
    "digits of another script": ("+٣٣٦٣٩٩٨٠٠٠١", "+33639980001"),
}


@pytest.mark.parametrize(("posted", "known"), NUMBERS.values(), ids=NUMBERS)
def test_phone(posted: str, known: str | None) -> None:
    assert phone_address(posted, "FR") == (Address(AddressKind.PHONE, known) if known else None)


ELSEWHERE = {
    "Réunion": ("RE", "0692001122", "+262692001122"),
    "metropolitan, from Réunion": ("RE", "0612345678", "+33612345678"),
    "Guadeloupe": ("GP", "0690 00 00 01", "+590690000001"),
    "Belgium": ("BE", "0470 00 00 01", "+32470000001"),
    "Switzerland, dialled abroad": ("CH", "0033612345678", "+33612345678"),
    "North America, dialled abroad": ("US", "011 33 6 12 34 56 78", "+33612345678"),
    "North America": ("US", "(202) 555-0143", "+12025550143"),
    "North America without its area": ("US", "555-0143", None),
}


@pytest.mark.parametrize(("region", "posted", "known"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_elsewhere(region: str, posted: str, known: str | None) -> None:
    assert phone_address(posted, region) == (Address(AddressKind.PHONE, known) if known else None)


@pytest.mark.parametrize("region", ["FR", "RE", "US"])
def test_no_number_of_any_plan_that_was_known_changes(region: str) -> None:
    """Contributors are known by a hash of it: 1,300 numbers, one of each kind in each country's plan."""
    kinds = [kind for kind in vars(phonenumbers.PhoneNumberType).values() if isinstance(kind, int) and kind < 20]
    found = 0
    for country in phonenumbers.SUPPORTED_REGIONS:
        for kind in kinds:
            if (one := phonenumbers.example_number_for_type(country, kind)) is not None:
                spelled = phonenumbers.format_number(one, phonenumbers.PhoneNumberFormat.E164)
                assert to_e164(spelled, region) == spelled
                found += 1
    assert found > 1300


@given(st.integers(0, 9999), st.sampled_from(["0{}", "+33{}", "0033{}", "33{}", "+33 (0){}", "00 33 {}"]))
def test_one_person_in_every_form(last: int, form: str) -> None:
    """Numbers that ARCEP keeps for films."""
    national = f"63998{last:04}"
    assert phone_address(form.format(national), "FR") == Address(AddressKind.PHONE, f"+33{national}")


@given(st.text(max_size=40) | st.text("+0123469 ()٠", max_size=20))
@example("+00")
@example("4400399800060")
@example("006000399800069")
def test_one_spelling_is_stable(written: str) -> None:
    """What is known by its spelling is found by it again, also what nobody could have dialled."""
    spelled = to_e164(written, "FR")
    assert to_e164(spelled, "FR") == spelled


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
