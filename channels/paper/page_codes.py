"""The codes printed on every side: what they hold, with check digits, and the number in print beside them.

A QR code of numeric mode (ISO/IEC 18004), version 1, error correction level Q: 27 digits on 21 × 21
modules, the largest modules for the space. Digits, in order: one for the kind, eleven of the form's
number, nine of the copy's reference (zeros where it has none), one of the page, one of the code's place
on the page, four check digits. The kind also is the version of this very scheme: 1 and 2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from channels.paper.form_layout import NUMBER_DIGITS
from config.wording.digit_groups import group_by_three

CODE_DIGITS = 27
"""The most that version 1-Q holds in numeric mode."""
MODULES = 21
"""Modules of a side, quiet zone not counted."""

_REFERENCE_DIGITS = 9
_CHECK_DIGITS = 4
_PRIME = 9973
"""The largest prime of four digits: the rest by it notices every wrong digit and every swap of two neighbours."""
_OURS = 4711
"""Added before the rest is taken, so that codes of plain numbers are not ours."""
_TYPED_CHECK = 97
"""Two check digits for typing, as of ISO/IEC 7064 MOD 97-10."""
_FORM, _TEST = "1", "2"


@dataclass(frozen=True, slots=True)
class PageCode:
    """What a code says: form, copy, page from 1, and at which of the page's code places it stands, from 1.

    ``reference`` is the copy's, nine digits; None on sheets that were printed without, to be photocopied.
    ``test`` marks the filled sheet by which a copier is tried: it is nobody's contribution.
    """

    form: str
    page: int
    place: int
    reference: str | None = None
    test: bool = False

    def __post_init__(self) -> None:
        """Refuse what does not fit into its digits."""
        if not re.fullmatch(rf"[0-9]{{{NUMBER_DIGITS}}}", self.form):
            raise ValueError(f"{self.form!r} is no form's number")
        if self.reference is not None and not re.fullmatch(r"[1-9][0-9]{8}", self.reference):
            raise ValueError(f"{self.reference!r} is no reference")
        if not (1 <= self.page <= 9 and 1 <= self.place <= 9):
            raise ValueError(f"page {self.page}, place {self.place}: both are from 1 to 9")


def _check_digits(digits: str) -> str:
    return f"{(int(digits) + _OURS) % _PRIME:0{_CHECK_DIGITS}}"


def _typed_check(form: str) -> str:
    return f"{int(form) % _TYPED_CHECK:02}"


def encode_page_code(code: PageCode) -> str:
    """The 27 digits of a code."""
    kind = _TEST if code.test else _FORM
    digits = f"{kind}{code.form}{code.reference or '0' * _REFERENCE_DIGITS}{code.page}{code.place}"
    return digits + _check_digits(digits)


def decode_page_code(digits: str) -> PageCode | None:
    """What the 27 digits of a page's code say; None where they are another code's, or their check digits do not fit."""
    if not re.fullmatch(rf"[{_FORM}{_TEST}][0-9]{{{CODE_DIGITS - 1}}}", digits):
        return None
    body, check = digits[:-_CHECK_DIGITS], digits[-_CHECK_DIGITS:]
    if _check_digits(body) != check:
        return None
    form, rest = body[1 : 1 + NUMBER_DIGITS], body[1 + NUMBER_DIGITS :]
    reference = rest[:_REFERENCE_DIGITS]
    try:
        return PageCode(
            form=form,
            page=int(rest[_REFERENCE_DIGITS]),
            place=int(rest[_REFERENCE_DIGITS + 1]),
            reference=None if reference == "0" * _REFERENCE_DIGITS else reference,
            test=body[0] == _TEST,
        )
    except ValueError:
        return None


def typed_number(code: PageCode) -> str:
    """The number in print beside a code, to be typed in where no machine reads the code.

    With a reference ``482 915 307 - 1``: it and the page. Without, the form's number, two check digits and the page.
    """
    if code.reference:
        return f"{group_by_three(code.reference)} - {code.page}"
    return f"{group_by_three(code.form + _typed_check(code.form))} - {code.page}"


@dataclass(frozen=True, slots=True)
class TypedNumber:
    """What somebody typed: the copy's reference, or the number of a form without one; and the page."""

    page: int
    reference: str | None = None
    form: str | None = None


def parse_typed(text: str) -> TypedNumber | None:
    """What was typed, with any spaces, dots or hyphens; None where it cannot be right.

    A reference's own check digit is for the caller to verify: only whoever issued it knows the rule.
    """
    digits = re.sub(r"[\s.\-‐‑‒–—/]+", "", text)
    if not re.fullmatch(r"[0-9]+", digits) or digits[-1] == "0":
        return None
    page, number = int(digits[-1]), digits[:-1]
    if len(number) == _REFERENCE_DIGITS and number[0] != "0":
        return TypedNumber(page, reference=number)
    if len(number) == NUMBER_DIGITS + 2 and _typed_check(number[:-2]) == number[-2:]:
        return TypedNumber(page, form=number[:-2])
    return None
