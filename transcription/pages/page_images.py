"""Pictures, TIFF and PDF files to pictures of their pages, ``limits.pages`` at most, in a limited child process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.child_answers.own_files import ForeignFile, own_output_file
from transcription.base.programs import parse_in_child
from transcription.base.values import Doubt, Unread, Unreadable

_PAGES_AT_ONCE = 16
"""Per child process, so that the time limit is one of pages and not of files."""
_MOST_PIECES = 2
"""Pages that one picture may be cut into: two small forms that nobody cut apart."""


@dataclass(frozen=True, slots=True)
class PageLimits:
    """What one file may cost: seconds per 16 pages, MB, pixels of one page, pages."""

    open_seconds: float = 120.0
    memory_mb: int = 2000
    pixels: int = 100_000_000
    pages: int = 300


@dataclass(frozen=True, slots=True)
class PageImage:
    """The picture of one page: a PNG or JPEG file of our own making. ``number`` counts from 1 (of pieces, see
    ``page_child.PIECE``), ``dpi`` may be unknown.

    ``blank``: not a mark on it of the size of a letter, and nothing beside it. ``typed``: words that are in the file
    and not in the picture, as notes or in fields; ``doubts``: what else of the file the picture does not show.
    ``quality``: that of the JPEG it came in, 1 to 100; None where it came in another format.
    """

    path: Path
    number: int
    width: int
    height: int
    dpi: int | None
    blank: bool
    typed: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    quality: int | None = None

    @property
    def content_type(self) -> str:
        """``image/png``, or ``image/jpeg`` for colour."""
        return "image/jpeg" if self.path.suffix == ".jpg" else "image/png"


def open_pages(path: Path, workdir: Path, limits: PageLimits | None = None) -> list[PageImage]:
    """The pages of a picture or PDF, written into ``workdir``; the type is told by the content, not the name.

    Raises ``Unreadable``, or ``TooSlow`` when a child process exceeds its time.
    """
    return [page_image(told, workdir) for told in open_with(PLAINLY, path, workdir, limits or PageLimits())]


PLAINLY = "transcription.pages.page_child:open_file"
"""What opens files in the child process, and tells nothing else of their pages."""


def open_with(
    opener: str, path: Path, workdir: Path, limits: PageLimits, more: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """What ``opener`` (``package.module:function``, asked as ``PLAINLY`` is and for ``more``) tells of each page.

    Raises as ``open_pages`` does.
    """
    pages: list[dict[str, Any]] = []
    total, opened = 1, 0
    while opened < total:
        asked = {
            "path": str(path.absolute()),
            "workdir": str(workdir.absolute()),
            "first": opened + 1,
            "count": _PAGES_AT_ONCE,
            "pixels": limits.pixels,
            "most_pages": limits.pages,
            **(more or {}),
        }
        answer = _opened(opener, asked, limits)
        total = min(int(answer["total"]), limits.pages)
        pages += list(answer["pages"])[: _PAGES_AT_ONCE * _MOST_PIECES]
        if not answer["pages"]:
            raise Unreadable(Unread.BROKEN)
        opened += _PAGES_AT_ONCE
    return pages


def page_image(told: Mapping[str, Any], workdir: Path) -> PageImage:
    """The page that an opener told of; raises ``Unreadable`` where that is no page, or no file in ``workdir``."""
    try:
        return PageImage(
            path=own_output_file(told["path"], workdir),
            number=int(told["number"]),
            width=int(told["width"]),
            height=int(told["height"]),
            dpi=None if told["dpi"] is None else int(told["dpi"]),
            blank=bool(told["blank"]),
            typed=tuple(map(str, told["typed"])),
            doubts=tuple(Doubt[name] for name in told["doubts"]),
            quality=None if told["quality"] is None else int(told["quality"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError, ForeignFile):
        raise Unreadable(Unread.BROKEN) from None


def _opened(opener: str, asked: Mapping[str, Any], limits: PageLimits) -> dict[str, Any]:
    answer: dict[str, Any] = parse_in_child(
        opener,
        asked,
        seconds=limits.open_seconds,
        memory_mb=limits.memory_mb,
        reads=[Path(asked["path"])],
        writes=[Path(asked["workdir"])],
    )
    if "unread" in answer:
        raise Unreadable(Unread[answer["unread"]])
    return answer
