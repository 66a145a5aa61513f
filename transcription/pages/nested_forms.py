"""Whether a page of a PDF draws pieces within pieces without end, or unpacks to more than anybody draws; told before
anything is drawn."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf

MOST_NESTED = 8
"""Pieces (form XObjects, ISO 32000-1 section 8.10) within pieces: programs that write PDFs nest three or four."""
_MOST_LOOKED_AT = 2_000
"""Of one page: whoever has more is drawn under the limits alone."""
MOST_DRAWN = 64 << 20
"""Bytes of all that one page draws with: maps of whole towns have a third of it."""
_FLATE = frozenset(("/FlateDecode", "/Fl"))
_SHRINKS = frozenset(("/ASCIIHexDecode", "/AHx", "/ASCII85Decode", "/A85", "/Crypt"))
_TIMES = 20
"""How many times larger what is packed in another way is taken to be: LZW gets text to a third."""
_BLOCK = 1 << 16


def nests_without_end(page: pikepdf.Page) -> bool:
    """Whether a piece of the page draws itself, or lies deeper than any program nests them."""
    left = _MOST_LOOKED_AT
    heap: list[tuple[Any, int, frozenset[tuple[int, int]]]] = [(page.obj, 0, frozenset())]
    while heap and left:
        holder, depth, above = heap.pop()
        for piece in _pieces(holder):
            left -= 1
            name = piece.objgen
            if name in above or depth >= MOST_NESTED:
                return True
            heap.append((piece, depth + 1, above | {name}))
    return False


def _pieces(holder: Any) -> list[Any]:
    try:
        named = holder.get("/Resources", {}).get("/XObject", {})
        return [one for one in named.as_dict().values() if one.get("/Subtype") == "/Form"] if len(named) else []
    except (AttributeError, TypeError, ValueError, KeyError, pikepdf.PdfError):
        return []  # drawing says what is wrong with it


def unpacks_within(streams: Iterator[Any], most: int) -> bool:
    """Whether streams together unpack to no more than ``most`` bytes."""
    left = most
    for stream in streams:
        left -= _size(stream, left)
        if left < 0:
            return False
    return True


def drawn_streams(page: pikepdf.Page) -> Iterator[Any]:
    """The streams of operators that a page draws with: its own, then those of its pieces, each once."""
    yield from own_streams(page)
    seen: set[tuple[int, int]] = set()
    heap = [page.obj]
    while heap and len(seen) < _MOST_LOOKED_AT:
        for piece in _drawn_pieces(heap.pop()):
            if piece.objgen not in seen:
                seen.add(piece.objgen)
                heap.append(piece)
                yield piece


def own_streams(page: pikepdf.Page) -> Iterator[Any]:
    """The streams of a page's own content."""
    content = page.obj.get("/Contents")
    parts = list(content) if isinstance(content, pikepdf.Array) else [content]
    yield from (part for part in parts if isinstance(part, pikepdf.Stream))


def _drawn_pieces(holder: Any) -> list[Any]:
    try:
        resources = holder.get("/Resources", {})
        named = [resources.get(kind, {}) for kind in ("/XObject", "/Pattern")]
        found = [one for of_kind in named if len(of_kind) for one in of_kind.as_dict().values()]
        return [one for one in found if isinstance(one, pikepdf.Stream) and one.get("/Subtype") != "/Image"]
    except (AttributeError, TypeError, ValueError, KeyError, pikepdf.PdfError):
        return []  # drawing says what is wrong with it


def _size(stream: Any, most: int) -> int:
    """The bytes that a stream unpacks to, or a little more than ``most``."""
    named = stream.get("/Filter")
    filters = [str(one) for one in named] if isinstance(named, pikepdf.Array) else [str(named)] if named else []
    data = bytes(stream.read_raw_bytes())
    for number, name in enumerate(filters):
        if name in _SHRINKS:
            continue
        if name not in _FLATE:
            return len(data) * _TIMES
        if number == len(filters) - 1:
            return _unpacked_size(data, most)
        data = _unpacked(data, most)
    return len(data)


def _unpacked(data: bytes, most: int) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, most + 1)
    except zlib.error:
        return b""


def _unpacked_size(data: bytes, most: int) -> int:
    """The same without keeping any of it."""
    unpacker = zlib.decompressobj()
    size, left = 0, data
    try:
        while left and size <= most and not unpacker.eof:
            size += len(unpacker.decompress(left, _BLOCK))
            left = unpacker.unconsumed_tail
    except zlib.error:
        pass  # what came before the damage is drawn
    return size
