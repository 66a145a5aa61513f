"""A ZIP archive written piece by piece to whoever fetches it: nothing of it is kept, whatever its size."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape

PIECE = 64 * 1024


class _Outlet(io.RawIOBase):
    """Takes what the archive writes, until it is taken away; cannot go back, so sizes follow each file."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        taken = bytes(data)  # type: ignore[call-overload]  # any buffer
        self._held += taken
        return len(taken)

    def taken(self) -> bytes:
        data = bytes(self._held)
        self._held.clear()
        return data

    def __len__(self) -> int:
        return len(self._held)


def zip_pieces(files: Iterable[tuple[str, Iterable[str] | bytes]]) -> Iterator[bytes]:
    """An archive of these files, in their order: bytes are stored as they are, pieces of text are compressed."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as archive:
        for name, content in files:
            if isinstance(content, bytes):
                archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
                continue
            about = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            about.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(about, "w", force_zip64=True) as file:
                for piece in content:
                    file.write(piece.encode("utf-8"))
                    if len(outlet) >= PIECE:
                        yield outlet.taken()
    yield outlet.taken()


def escape_xml(text: str) -> str:
    """A text within XML: escaped, and without the characters that XML 1.0 cannot hold (section 2.2)."""
    return escape("".join(one for one in text if _is_allowed(ord(one))))


def _is_allowed(code: int) -> bool:
    return code in (9, 10) or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or code > 0xFFFF
