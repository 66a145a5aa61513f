"""What a text message costs: the GSM 7-bit alphabet of 3GPP TS 23.038 §6.2.1, and segments.

The Unicode Consortium's table maps 0x09 to small ç; the standard and telephones say
capital Ç, so a small one costs the whole message its cheap encoding.
"""

import unicodedata
from dataclasses import dataclass

_ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")  # each sent as an escape and a character

# What typesetters write and nobody misses in a text message.
_PLAIN = str.maketrans(
    {
        "’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "…": "...",
        "\u00a0": " ", "\u202f": " ", "\u2009": " ", "œ": "oe", "Œ": "OE", "°": "o", "º": "o", "•": "-",
        "\u00ad": "", "\u200b": "",
    }
)  # fmt: skip
_GUILLEMETS = (("«\u00a0", '"'), ("«\u202f", '"'), ("« ", '"'), ("\u00a0»", '"'), ("\u202f»", '"'), (" »", '"'))


@dataclass(frozen=True)
class Segments:
    """The price of a text: ``encoding`` is GSM-7 or UCS-2, ``count`` what is billed, ``units`` its length in it.

    ``costly`` holds the characters that are not in GSM-7, each once, in the order they appear.
    """

    encoding: str
    count: int
    units: int
    costly: str

    @property
    def left(self) -> int:
        """How many units the last segment still has."""
        single, several = _SIZES[self.encoding]
        return (single if self.count == 1 else several * self.count) - self.units


_SIZES = {"GSM-7": (160, 153), "UCS-2": (70, 67)}  # units in a lone segment, and in each of several (23.040 §9.2.3.24)


def count_segments(text: str) -> Segments:
    """How many segments a text message takes, counted as providers do; an empty one takes one."""
    costly = "".join(dict.fromkeys(c for c in text if c not in _ALPHABET and c not in _EXTENSION))
    if costly:
        encoding, lengths = "UCS-2", [2 if ord(c) > 0xFFFF else 1 for c in text]
    else:
        encoding, lengths = "GSM-7", [2 if c in _EXTENSION else 1 for c in text]
    single, several = _SIZES[encoding]
    units = sum(lengths)
    return Segments(encoding, 1 if units <= single else _filled(lengths, several), units, costly)


def _filled(lengths: list[int], size: int) -> int:
    """How many segments of ``size`` hold these characters, of which none is ever cut in two."""
    count, used = 1, 0
    for length in lengths:
        if used + length > size:
            count, used = count + 1, 0
        used += length
    return count


def plain_punctuation(text: str) -> str:
    """The text with typographic marks made plain; letters stay as they are."""
    for pretty, plain in _GUILLEMETS:
        text = text.replace(pretty, plain)
    return unicodedata.normalize("NFC", text).translate(_PLAIN)


def cheapest_spelling(text: str) -> str:
    """The text without what would make it costly: Nîmes as Nimes; what has no plain form stays."""
    return "".join(map(_cheap_letter, plain_punctuation(text)))


def _cheap_letter(letter: str) -> str:
    if letter in _ALPHABET or letter in _EXTENSION:
        return letter
    bare = "".join(c for c in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(c))
    return bare if bare and all(c in _ALPHABET for c in bare) else letter
