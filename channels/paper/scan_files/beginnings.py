"""Whether a file begins with one that was taken in before: a scanner went on writing after we had taken its file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from channels.paper.scan_files import tiff

if TYPE_CHECKING:
    from hashlib import _Hash

_PIECE_BYTES = 1 << 20


def digests_of_beginnings(path: Path, sizes: Iterable[int]) -> dict[int, frozenset[str]]:
    """For each size in bytes, the SHA-256 (hex) that a file had which has grown to this one since; one reading.

    Usually that of so many first bytes. Of a TIFF to which pages were added, also that with the
    last link of these bytes set to none: whoever adds a page writes over that link. Raises ``OSError``.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        wanted = sorted({one for one in sizes if 0 <= one < size})
        if not wanted:
            return {}
        streams = [(0, wanted[-1], hashlib.sha256())]
        added = [link for link in _links(file, size) if any(_was_last(link, one) for one in wanted)]
        cuts = sorted({*wanted, *(link.at for link in added), *(link.at + link.width for link in added)})
        return _digests(file, wanted, added, cuts, streams)


def _links(file: BinaryIO, size: int) -> Iterator[tiff.DirectoryLink]:
    file.seek(0)
    if tiff.is_tiff(file.read(4)):
        with suppress(tiff.NotWhole):
            yield from tiff.directory_links(file, size)


def _was_last(link: tiff.DirectoryLink, size: int) -> bool:
    """Whether this link leads out of a file that was so large."""
    return link.at + link.width <= size <= link.leads_to


def _digests(
    file: BinaryIO,
    wanted: list[int],
    added: list[tiff.DirectoryLink],
    cuts: list[int],
    streams: list[tuple[int, int, _Hash]],
) -> dict[int, frozenset[str]]:
    """Follow the file from cut to cut with one hash as it is, and one more for each link taken as none."""
    starting = {link.at: link for link in added}
    found: dict[int, set[str]] = {}
    at = 0
    for cut in cuts:
        _feed(file, at, cut, streams)
        at = cut
        if cut in wanted:
            found[cut] = {hashed.hexdigest() for _since, until, hashed in streams if cut <= until}
        streams = [stream for stream in streams if stream[1] > cut]
        if link := starting.get(cut):
            without = streams[0][2].copy()
            without.update(bytes(link.width))
            streams.append((cut + link.width, link.leads_to, without))
    return {size: frozenset(digests) for size, digests in found.items()}


def _feed(file: BinaryIO, start: int, end: int, streams: list[tuple[int, int, _Hash]]) -> None:
    """Give the bytes from ``start`` to ``end`` to every hash that has come so far."""
    file.seek(start)
    left = end - start
    while left > 0 and (piece := file.read(min(left, _PIECE_BYTES))):
        for since, _until, hashed in streams:
            if since <= start:
                hashed.update(piece)
        left -= len(piece)
