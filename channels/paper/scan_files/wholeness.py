"""Whether a file has its end: a scanner makes it empty, writes page after page, or stops in the middle.

Only the frame of a file is looked at, with every number checked against the file's size; nothing is decoded.
What is whole here can still be damaged within: whoever opens it finds that out.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from channels.paper.scan_files.file_endings import KINDS

_HEAD = 1024 + 5
"""Readers accept a PDF's header that starts anywhere in the first 1024 bytes (ISO 32000-1, annex H.3.4.1)."""
_PROMISES = (
    *(".pdf", ".tif", ".tiff", ".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif", ".gif"),
    *(".docx", ".odt"),
)
"""A file that is called so and does not begin so has not begun."""


class Wholeness(StrEnum):
    """How much of a file is there."""

    WHOLE = "whole"
    UNFINISHED = "unfinished"
    UNTOLD = "untold"  # files of its kind do not say where they end


def wholeness(path: Path, name: str = "") -> Wholeness:
    """Whether a file has its end; ``name`` is what it is called where that is not its path's. Raises ``OSError``."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if not size:
            return Wholeness.UNFINISHED
        file.seek(0)
        head = file.read(_HEAD)
        for begins_so, ends in KINDS:
            if begins_so(head):
                return Wholeness.WHOLE if ends(file, size) else Wholeness.UNFINISHED
    promised = (name or path.name).lower().endswith(_PROMISES)
    return Wholeness.UNFINISHED if promised or not head.strip(b"\0") else Wholeness.UNTOLD
