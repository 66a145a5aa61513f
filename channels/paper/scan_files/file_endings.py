"""Where each kind of scanned file ends, by its frame: every number is checked against the size, nothing is decoded."""

from __future__ import annotations

import mmap
import re
import zipfile
from collections.abc import Callable
from typing import BinaryIO

from channels.paper.scan_files import tiff

_TAIL = 2048
"""Where a PDF's end is looked for: readers accept it within the last 1024 bytes (annex H.3.4.4)."""
_STARTXREF = re.compile(rb"startxref\s+(\d{1,15})\s+%%EOF")
_PADDING = b"\0 \t\r\n\x0c\x1a"
_BMP_HEAD = 26
_JPEG_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
"""What ends a run of compressed data: stuffed zeros and restart marks belong to it (ITU-T T.81, B.1.1.5)."""


def _pdf_ends(file: BinaryIO, size: int) -> bool:
    file.seek(max(0, size - _TAIL))
    tail = file.read(_TAIL).rstrip(_PADDING)
    *_, last = [None, *_STARTXREF.finditer(tail)]
    # Of one prepared for the web the first part ends so, too, with a zero: its own pages come after it.
    if last is None or not int(last[1]):
        return False
    # A version added to it stands behind the end of the one before; other litter some copiers leave is no page.
    if re.search(rb"\d\s+\d+\s+obj\b", tail[last.end() :]):
        return False
    return int(last[1]) < size


def _tiff_ends(file: BinaryIO, size: int) -> bool:
    try:
        first, *_ = tiff.directory_links(file, size)
    except tiff.NotWhole:
        return False
    return first.leads_to != 0


def _jpeg_ends(file: BinaryIO, size: int) -> bool:
    """Follow the segments to the end of the image; what telephones put behind it (films, previews) does not count."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at = 2
        while at + 2 <= size:
            if data[at] != 0xFF:
                return False
            marker = data[at + 1]
            if marker == 0xD9:
                return True
            if marker == 0xFF:  # a fill byte
                at += 1
                continue
            if marker != 0x01 and not 0xD0 <= marker <= 0xD8:
                at += int.from_bytes(data[at + 2 : at + 4], "big")
            at += 2
            if marker == 0xDA:
                found = _JPEG_MARKER.search(data, min(at, size))
                at = found.start() if found else size
        return False


def _png_ends(file: BinaryIO, size: int) -> bool:
    at = 8
    while at + 12 <= size:
        file.seek(at)
        length, kind = int.from_bytes(file.read(4), "big"), file.read(4)
        at += 12 + length
        if kind == b"IEND":
            return at <= size and any(file.read(4))  # its checksum: room set aside for a file is all zeros
    return False


def _riff_ends(file: BinaryIO, size: int) -> bool:
    file.seek(4)
    return 8 + int.from_bytes(file.read(4), "little") <= size


def _gif_ends(file: BinaryIO, size: int) -> bool:
    file.seek(size - 1)
    return file.read(1) == b";"


def _bmp_ends(file: BinaryIO, size: int) -> bool:
    file.seek(2)
    return int.from_bytes(file.read(4), "little") <= size


def _boxes_end(file: BinaryIO, size: int) -> bool:
    """Whether the last box ends where the file does (ISO/IEC 14496-12, section 4.2)."""
    at = 0
    while at + 8 <= size:
        file.seek(at)
        length, _kind, larger = (int.from_bytes(file.read(n), "big") for n in (4, 4, 8))
        if length == 1:
            length = larger
        if length == 0:  # to the end, wherever that is
            return True
        if length < 8:
            return False
        at += length
    return at == size


def _zip_ends(file: BinaryIO, _size: int) -> bool:
    return zipfile.is_zipfile(file)


KINDS: tuple[tuple[Callable[[bytes], bool], Callable[[BinaryIO, int], bool]], ...] = (
    (tiff.is_tiff, _tiff_ends),
    (lambda head: head.startswith(b"\xff\xd8\xff"), _jpeg_ends),
    (lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"), _png_ends),
    (lambda head: head[:4] == b"RIFF", _riff_ends),
    (lambda head: head.startswith((b"GIF87a", b"GIF89a")), _gif_ends),
    # Two letters may begin a text, too: behind them a length, four zeros, and where the picture begins.
    (lambda head: head[:2] == b"BM" and head[6:10] == bytes(4) and len(head) >= _BMP_HEAD, _bmp_ends),
    (lambda head: head[4:8] in (b"ftyp", b"jP  "), _boxes_end),
    (lambda head: head.startswith(b"PK\x03\x04"), _zip_ends),
    # Last: its header may stand anywhere near the beginning of the others.
    (lambda head: b"%PDF-" in head, _pdf_ends),
)
"""How a kind begins, and whether a file of so many bytes has its end."""
