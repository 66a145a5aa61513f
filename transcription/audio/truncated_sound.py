"""Whether a recording's bytes end where its own format says, as far as ffmpeg has nothing or the wrong thing to say."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

_TAIL = 1 << 16
"""Bytes: an Ogg page is shorter (RFC 3533, 6)."""
_OGG_LAST = 0x04
_OGG_HEADER = 27

# ISO 11172-3, 2.4.2.3 and ISO 13818-3: kbit/s by version and the header's four bits, layer III.
_MPEG_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_MPEG_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_MPEG_1_VERSION = 3
_ID3_HEADER = 10
_RIFF_ENDLESS = 0x7FFF_0000
"""What a program that writes into a pipe puts for a size it cannot know: nothing, this and more, or all ones."""


def is_truncated(path: Path) -> bool:
    """Whether the end of an Ogg or MP3 file is missing; of any other file this says nothing."""
    with path.open("rb") as file:
        begin = file.read(_ID3_HEADER)
        if begin.startswith(b"OggS"):
            return _ogg_is_cut(file)
        if begin.startswith(b"ID3"):
            return _mp3_is_cut(file, _ID3_HEADER + _seven_bits(begin[6:10]))
        return _mp3_is_cut(file, 0) if _frame_bytes(begin[:4]) else False


def is_endless(path: Path) -> bool:
    """Whether a WAV file does not say how long it is, as when it was written into a pipe."""
    with path.open("rb") as file:
        begin = file.read(8)
    size = int.from_bytes(begin[4:8], "little")
    return begin.startswith((b"RIFF", b"RF64")) and not 0 < size < _RIFF_ENDLESS


def _ogg_is_cut(file: IO[bytes]) -> bool:
    """The last page is whole and marked as the last one of its stream (RFC 3533, 6; RFC 7845, 3)."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL - _OGG_HEADER))
    tail = file.read()
    page = tail[tail.rfind(b"OggS") :]
    if len(page) < _OGG_HEADER or not page.startswith(b"OggS"):
        return True
    lacing = page[_OGG_HEADER : _OGG_HEADER + page[26]]
    whole = len(lacing) == page[26] and len(page) >= _OGG_HEADER + len(lacing) + sum(lacing)
    return not (whole and page[5] & _OGG_LAST)


def _mp3_is_cut(file: IO[bytes], place: int) -> bool:
    """Frame follows frame until something else stands there, or the file ends in the middle of one."""
    size = file.seek(0, os.SEEK_END)
    while True:
        file.seek(place)
        length = _frame_bytes(file.read(4))
        if not length:
            return False
        place += length
        if place > size:
            return True


def _frame_bytes(header: bytes) -> int:
    """The length of the layer III frame that begins so; 0 when none does."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, padded = header[1] >> 3 & 3, header[2] >> 1 & 1
    rates = _RATES.get(version, ())
    rate = rates[header[2] >> 2 & 3] if header[2] >> 2 & 3 < len(rates) else 0
    first = version == _MPEG_1_VERSION
    kilobits = (_MPEG_1 if first else _MPEG_2)[header[2] >> 4]
    return (144_000 if first else 72_000) * kilobits // rate + padded if rate and kilobits else 0


def _seven_bits(size: bytes) -> int:
    """A number of ID3v2: seven bits in each byte."""
    return sum((byte & 0x7F) << 7 * place for place, byte in enumerate(reversed(size)))
