"""Pictures and PDFs to the pictures of their pages, opened in a limited child process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transcription.base.programs import parse
from transcription.base.values import Doubt, Unread, Unreadable
from transcription.forms.layout import FormPage
from transcription.forms.values import FormReading

_PAGES_AT_ONCE = 16
"""Per child process, so that the time limit is one of pages and not of files."""


@dataclass(frozen=True, slots=True)
class PageLimits:
    """What one file may cost: seconds per 16 pages, MB, pixels of one page, pages."""

    open_seconds: float = 120.0
    memory_mb: int = 2000
    pixels: int = 100_000_000
    pages: int = 300


@dataclass(frozen=True, slots=True)
class PageImage:
    """The picture of one page: a PNG or JPEG file of our own making. ``number`` counts from 1, ``dpi`` may be unknown.

    ``blank``: not a mark on it of the size of a letter, and nothing beside it. ``typed``: words that are in the file
    and not in the picture, as notes or in fields; ``doubts``: what else of the file the picture does not show.
    Where forms were asked for: ``codes``, what the codes on it say, and ``form``, what is filled in on it.
    """

    path: Path
    number: int
    width: int
    height: int
    dpi: int | None
    blank: bool
    typed: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    codes: tuple[str, ...] = ()
    form: FormReading | None = None

    @property
    def content_type(self) -> str:
        """``image/png``, or ``image/jpeg`` for colour."""
        return "image/jpeg" if self.path.suffix == ".jpg" else "image/png"


def open_pages(
    path: Path, workdir: Path, limits: PageLimits | None = None, forms: Sequence[FormPage] = ()
) -> list[PageImage]:
    """The pages of a picture or PDF, written into ``workdir``; the type is told by the content, not the name.

    Pages that show one of ``forms`` are read in the same child process, while their picture is at hand. Raises
    ``Unreadable``, or ``TooSlow`` when a child process exceeds its time.
    """
    limits = limits or PageLimits()
    pages: list[PageImage] = []
    total = 1
    while len(pages) < total:
        asked = {
            "path": str(path),
            "workdir": str(workdir),
            "first": len(pages) + 1,
            "count": _PAGES_AT_ONCE,
            "pixels": limits.pixels,
            "most_pages": limits.pages,
            "forms": [form.as_json() for form in forms],
        }
        answer = _opened(asked, limits)
        total = answer["total"]
        pages += [_page_image(page) for page in answer["pages"]]
        if not answer["pages"]:
            raise Unreadable(Unread.BROKEN)
    return pages


def _page_image(told: dict[str, Any]) -> PageImage:
    doubts = tuple(Doubt[name] for name in told["doubts"])
    return PageImage(
        **{
            **told,
            "path": Path(told["path"]),
            "typed": tuple(told["typed"]),
            "doubts": doubts,
            "codes": tuple(told["codes"]),
            "form": FormReading.from_json(told["form"]) if told["form"] else None,
        }
    )


def _opened(asked: dict[str, Any], limits: PageLimits) -> dict[str, Any]:
    answer: dict[str, Any] = parse(
        "transcription.pages.page_child:open_file", asked, seconds=limits.open_seconds, memory_mb=limits.memory_mb
    )
    if "unread" in answer:
        raise Unreadable(Unread[answer["unread"]])
    return answer
