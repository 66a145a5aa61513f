"""The fonts that forms are printed in, shipped in ``font_files`` with their licences; how wide text is in them.

Atkinson Hyperlegible, made by the Braille Institute for readers with low vision, sets what it has; Noto Sans
has the rest of Latin, Greek and Cyrillic, Noto Sans Arabic the Arabic script, Phosphor the pictograms.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path

from arabic_reshaper import ArabicReshaper
from bidi import get_display
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from channels.paper.printed_places import FontFace

MM = 72 / 25.4
"""Points in a millimetre."""

_FOLDER = Path(__file__).parent / "font_files"
_FILES = {
    FontFace.REGULAR: ("AtkinsonHyperlegible-Regular", "NotoSans-Regular", "NotoSansArabic-Regular"),
    FontFace.BOLD: ("AtkinsonHyperlegible-Bold", "NotoSans-Bold", "NotoSansArabic-Bold"),
    FontFace.PICTOGRAM: ("Phosphor-Bold",),
}
"""Each face's fonts: a character is set in the first that has it."""
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})

# Noto's Arabic letters stand under their presentation forms (Unicode blocks FB50 and FE70), which is all
# a PDF without OpenType shaping needs; ligatures of whole words are left to whoever reads.
_reshaper = ArabicReshaper({"delete_harakat": False, "support_zwj": True})


_GROUPED = re.compile(r"(?<=\d)[ \u202f](?=\d)")


def is_right_to_left(language: str) -> bool:
    """Whether a language, by its ISO 639 code, is usually written from right to left."""
    return language in _RIGHT_TO_LEFT


def font_file(name: str) -> Path:
    """Where the font of this name lies, for those who draw pictures."""
    return _FOLDER / f"{name}.ttf"


@cache
def font(name: str) -> TTFont:
    """The font of this name, loaded once and known to reportlab under it."""
    loaded = TTFont(name, str(font_file(name)))
    pdfmetrics.registerFont(loaded)
    return loaded


def visual_order(words: str, *, right_to_left: bool) -> str:
    """The characters in the order they are drawn from left to right, Arabic letters in their joined forms."""
    # Numbers, and words of another script, keep their own order: 482 915 307 is not 307 915 482.
    if not right_to_left or not any(unicodedata.bidirectional(one) in ("R", "AL") for one in words):
        return words
    # A number in groups is one number only where what parts them cannot turn them round (Unicode annex 9, rule W4).
    return str(get_display(_reshaper.reshape(_GROUPED.sub("\u00a0", words)), base_dir="R"))


def font_runs(drawn: str, face: FontFace) -> Iterator[tuple[str, str]]:
    """Stretches of drawn characters with the font that has them; what none has is set in the first, as a box."""

    def first_that_has(character: str) -> str:
        for name in _FILES[face]:
            if ord(character) in font(name).face.charToGlyph:
                return name
        return _FILES[face][0]

    for name, characters in groupby(drawn, first_that_has):
        yield name, "".join(characters)


def missing_characters(words: str, face: FontFace = FontFace.REGULAR) -> str:
    """The characters that no font of ours has, each once, in their order."""
    have = set[int]().union(*(font(name).face.charToGlyph for name in _FILES[face]))
    return "".join(dict.fromkeys(character for character in words if ord(character) not in have))


@cache
def text_width(words: str, size: float, face: FontFace = FontFace.REGULAR, *, right_to_left: bool = False) -> float:
    """How wide a line is, in millimetres, at ``size`` points."""
    drawn = visual_order(words, right_to_left=right_to_left)
    return float(sum(pdfmetrics.stringWidth(text, name, size) for name, text in font_runs(drawn, face)) / MM)
