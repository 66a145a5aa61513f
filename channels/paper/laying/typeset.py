"""Lines of text: French spaces, breaking at words, and how high a paragraph is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from channels.paper import fonts
from channels.paper.fonts import MM
from channels.paper.printed_places import FontFace

_NARROW, _FIRM = "\u202f", "\u00a0"
_LEADING = 1.28
"""Distance of two baselines in sizes of the type."""
_ASCENT = 0.74
"""Height of a small text's first line above its baseline, in sizes of the type: its capitals, and a little air."""

_HALF_CAPITAL = 0.33
"""Half the height of capitals, in sizes of the type."""


def apply_typography(words: str, language: str) -> str:
    """Words with curved apostrophes, and in French with firm spaces: narrow before ; ! ? and within « »."""
    words = re.sub(r"(?<=\w)'(?=\w)", "’", words)
    if fonts.is_right_to_left(language):
        return re.sub(r"(?<=\d) (?=\d)", _FIRM, words)  # broken over two lines, a number would be read the wrong way
    if language != "fr":
        return words
    words = re.sub(r"[ \u00a0\u202f]?(?<=[\w»)\u00a0\u202f ])([;!?]+)(?=\s|$)", _NARROW + r"\1", words)
    words = re.sub(r"[ \u00a0\u202f]:(?=\s)", _FIRM + ":", words)
    words = re.sub(r"«[ \u00a0\u202f]?", "«" + _NARROW, words)
    words = re.sub(r"[ \u00a0\u202f]?»", _NARROW + "»", words)
    return re.sub(r"(?<=\d) (?=\d{3}\b|\d\d\b|euros?\b|%|€)", _FIRM, words)


def wrap_text(
    words: str, size: float, room: float, face: FontFace = FontFace.REGULAR, *, right_to_left: bool
) -> list[str]:
    """The lines of a text in ``room`` millimetres; a word wider than that is broken where it must be."""
    lines: list[str] = []
    line = ""
    for word in re.split(r"[ \n\t]+", words.strip()):
        longer = f"{line} {word}" if line else word
        if fonts.text_width(longer, size, face, right_to_left=right_to_left) <= room:
            line = longer
            continue
        if line:
            lines.append(line)
        *full, line = _pieces(word, size, room, face, right_to_left=right_to_left)
        lines += full
    return [*lines, line] if line else lines


def balance_lines(
    words: str, size: float, room: float, face: FontFace = FontFace.REGULAR, *, right_to_left: bool
) -> list[str]:
    """The lines of a heading: no more than ``wrap_text`` makes, and of like lengths."""
    lines = wrap_text(words, size, room, face, right_to_left=right_to_left)
    narrower = room
    while len(lines) > 1 and narrower > room / 2:
        narrower -= room / 50
        tried = wrap_text(words, size, narrower, face, right_to_left=right_to_left)
        if len(tried) > len(lines):
            break
        lines = tried
    return lines


def _pieces(word: str, size: float, room: float, face: FontFace, *, right_to_left: bool) -> list[str]:
    pieces, piece = [], ""
    for character in word:
        if piece and fonts.text_width(piece + character, size, face, right_to_left=right_to_left) > room:
            pieces.append(piece)
            piece = ""
        piece += character
    return [*pieces, piece]


@dataclass(frozen=True, slots=True)
class TypeStyle:
    """How a text is set: size in points, face, grey (0 black)."""

    size: float
    face: FontFace = FontFace.REGULAR
    grey: float = 0.0

    @property
    def leading(self) -> float:
        """From one baseline to the next, in millimetres."""
        return self.size * _LEADING / MM

    @property
    def ascent(self) -> float:
        """From the top of a paragraph to its first baseline, in millimetres."""
        return self.size * _ASCENT / MM

    def height(self, lines: int) -> float:
        """How high so many lines are, descenders included, in millimetres."""
        return lines * self.leading if lines else 0.0

    def middle(self, lines: int) -> float:
        """From the top of a paragraph to its middle by eye, where the middle of a box beside it goes."""
        return self.ascent + (lines - 1) / 2 * self.leading - self.size * _HALF_CAPITAL / MM
