"""What a form's codes hold, as digits and as the number typed in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.paper.page_codes import (
    CODE_DIGITS,
    PageCode,
    TypedNumber,
    decode_page_code,
    encode_page_code,
    parse_typed,
    typed_number,
)

CODES = st.builds(
    PageCode,
    form=st.from_regex(r"[0-9]{11}", fullmatch=True),
    page=st.integers(1, 9),
    place=st.integers(1, 9),
    reference=st.none() | st.from_regex(r"[1-9][0-9]{8}", fullmatch=True),
    test=st.booleans(),
)


@given(CODES)
def test_round_trip(code: PageCode) -> None:
    digits = encode_page_code(code)
    assert len(digits) == CODE_DIGITS
    assert decode_page_code(digits) == code


@given(CODES, st.data())
def test_a_wrong_digit_is_noticed(code: PageCode, data: st.DataObject) -> None:
    digits = encode_page_code(code)
    place = data.draw(st.integers(0, CODE_DIGITS - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != digits[place]]))
    assert decode_page_code(digits[:place] + other + digits[place + 1 :]) is None


@given(CODES)
def test_what_stands_in_print_can_be_typed(code: PageCode) -> None:
    typed = parse_typed(typed_number(code))
    assert typed == TypedNumber(code.page, code.reference, None if code.reference else code.form)


FOREIGN = {
    "nothing": "",
    "an address": "https://ville.example/avis",
    "a product's number": "3017620422003",
    "27 digits of somebody else": "1" * 27,
    "digits of another script": "١" * 27,
    "one digit too many": encode_page_code(PageCode("00000000001", 1, 1)) + "0",
}


@pytest.mark.parametrize("digits", FOREIGN.values(), ids=FOREIGN)
def test_foreign_codes(digits: str) -> None:
    assert decode_page_code(digits) is None


TYPED = {
    "as printed": ("482 915 307 - 1", TypedNumber(1, "482915307")),
    "without spaces": ("4829153072", TypedNumber(2, "482915307")),
    "with dots and a long dash": ("482.915.307 – 1", TypedNumber(1, "482915307")),
    "without the page": ("482 915 307", None),
    "page nought": ("482 915 307 - 0", None),
    "words": ("quatre cent", None),
    "nothing": ("", None),
}


@pytest.mark.parametrize(("text", "expected"), TYPED.values(), ids=TYPED)
def test_typed(text: str, expected: TypedNumber | None) -> None:
    assert parse_typed(text) == expected


WRONG = [("1", 1, None), ("0" * 11, 0, None), ("0" * 11, 10, None), ("0" * 11, 1, "012345678"), ("0" * 11, 1, "12")]


@pytest.mark.parametrize(("form", "page", "reference"), WRONG)
def test_what_fits_in_no_code(form: str, page: int, reference: str | None) -> None:
    with pytest.raises(ValueError, match=r"is no|from 1 to 9"):
        PageCode(form, page, 1, reference)
