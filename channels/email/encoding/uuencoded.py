"""Files that old programs write into the text of a mail itself: uuencode, and its form in base64 (POSIX)."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

_BEGIN = re.compile(rb"^begin(?P<base64>-base64)? [0-7]{3,4} (?P<name>[^\r\n]{1,255})\r?\n", re.MULTILINE)
_MOST_FILES = 100
# BinHex (RFC 1741) and yEnc, which newsreaders write.
_PACKED = re.compile(
    rb"^(?:\(This file must be converted with BinHex|=ybegin (?:part=\d+ )?(?:total=\d+ )?line=\d+ size=)", re.MULTILINE
)


def extract_uuencoded_files(raw: bytes) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """The text without the files in it, and each file's name and bytes; one whose end is missing as far as it goes."""
    rest, position = bytearray(), 0
    files: list[tuple[bytes, bytes]] = []
    while len(files) < _MOST_FILES and (begin := _BEGIN.search(raw, position)):
        rest += raw[position : begin.start()]
        decoded, position = _decoded(raw, begin.end(), is_base64=bool(begin["base64"]))
        if decoded:
            files.append((begin["name"].strip(), decoded))
        else:  # somebody writes about "begin 644 …"
            rest += begin[0]
            position = begin.end()
    return bytes(rest) + raw[position:], files


def has_unpacked_file(raw: bytes) -> bool:
    """Whether a file stands in the text in a form that is not unpacked."""
    return _PACKED.search(raw) is not None


def _decoded(raw: bytes, position: int, *, is_base64: bool) -> tuple[bytes, int]:
    """What stands from here on, and where it is over: at its end, or at the first line that is no code."""
    pieces: list[bytes] = []
    for line, after in _lines(raw, position):
        text = line.rstrip(b"\r\n")
        if text in (b"end", b"===="):
            return b"".join(pieces), after
        try:
            pieces.append(binascii.a2b_base64(text, strict_mode=True) if is_base64 else _from_uu(text))
        except (binascii.Error, ValueError):
            break
        position = after
    return b"".join(pieces), position


def _from_uu(line: bytes) -> bytes:
    # The first letter says how many bytes follow, four letters for each three; some leave blanks at the end away.
    if not line or not 32 <= line[0] <= 96 or len(line) > 86:
        raise ValueError
    length = (line[0] - 32) & 63
    if len(line) - 1 > (length + 2) // 3 * 4 + 2:
        raise ValueError
    return binascii.a2b_uu(line) if length else b""


def _lines(raw: bytes, position: int) -> Iterator[tuple[bytes, int]]:
    while position < len(raw):
        end = raw.find(b"\n", position)
        after = len(raw) if end < 0 else end + 1
        yield raw[position:after], after
        position = after
