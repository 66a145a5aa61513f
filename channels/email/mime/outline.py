"""The structure of a mail too large to be taken apart: which parts it has, read line by line in bounded memory."""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO

from channels.email.encoding.decode import decode_encoded_words, strip_controls

_LONGEST_LINE = 2000
_MOST_PARTS = 200
_MOST_BOUNDARIES = 50
_BOUNDARY = re.compile(rb'boundary\s*=\s*(?:"([^"\r\n]{1,200})"|([^\s;"]{1,200}))', re.IGNORECASE)
_TYPE = re.compile(rb"^content-type:\s*([\w.+-]{1,80}/[\w.+-]{1,80})", re.IGNORECASE)
_NAME = re.compile(rb'(?:file)?name\*?=\s*(?:"([^"\r\n]{1,300})"|([^\s;"]{1,300}))', re.IGNORECASE)


def mail_outline(path: Path) -> list[str]:
    """One line per part: content type, file name and size in bytes; at most 200, whatever the file's size."""
    with path.open("rb") as file:
        return _outline(file)


def _outline(file: BinaryIO) -> list[str]:
    found: list[_Part] = [_Part()]
    boundaries: set[bytes] = set()
    heading = True
    for line in iter(lambda: file.readline(_LONGEST_LINE), b""):
        if line.startswith(b"--") and line.strip()[2:].removesuffix(b"--") in boundaries:
            if len(found) > _MOST_PARTS:
                break
            found.append(_Part())
            heading = not line.strip().endswith(b"--") or line.strip()[2:] in boundaries
        elif heading:
            heading = bool(line.strip())
            found[-1].read(line)
            if (boundary := _BOUNDARY.search(line)) and len(boundaries) < _MOST_BOUNDARIES:
                boundaries.add(boundary[1] or boundary[2])
        else:
            found[-1].size += len(line)
    return [str(part) for part in found if part.kind and not part.kind.startswith("multipart/")][:_MOST_PARTS]


class _Part:
    """What the head of a part says."""

    def __init__(self) -> None:
        self.kind = ""
        self.name = ""
        self.size = 0

    def read(self, line: bytes) -> None:
        """Note what one line of the head says."""
        if found := _TYPE.match(line):
            self.kind = found[1].decode("ascii", "replace").lower()
        if found := _NAME.search(line):
            self.name = strip_controls(decode_encoded_words((found[1] or found[2]).decode("utf-8", "replace")))[:200]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} ({self.size} B)".replace("  ", " ")
