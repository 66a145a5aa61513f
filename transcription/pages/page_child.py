"""Opens hostile pictures and PDFs; runs only in a limited child of ``transcription.pages.page_images``.

What comes out is ours: one PNG (grey) or JPEG (colour, or a JPEG before) per page, upright as its file says it is,
with square pixels and on white. A page of a PDF that is nothing but one scanned picture is
that picture, unscaled; any other is drawn at 300 dpi, as a person would see it. Text
layers are not used: they may be hidden, stale, or say something else than the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pi_heif
import pikepdf
import pypdfium2
from PIL import Image, UnidentifiedImageError

from transcription.base.values import Doubt, Unread
from transcription.pages.embedded_scan import embedded_scan
from transcription.pages.ink import LookedAt, PageGlance, Picture, glance_at, looked_at
from transcription.pages.nested_forms import MOST_DRAWN, drawn_streams, nests_without_end, unpacks_within
from transcription.pages.pictures import (
    KEPT_PIXELS,
    QUALITY,
    can_be_decoded,
    dpi_of,
    is_coloured,
    no_larger,
    on_white,
    save_page,
    squared,
    upright,
    with_quality,
)
from transcription.pages.show_through import shines_through
from transcription.pages.typed_in_pdf import HiddenContent, find_hidden_content, open_pdf

FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP", "HEIF", "AVIF", "JPEG2000", "PPM")
DRAWN_DPI = 300
DRAWN_PIXELS = 18_000_000
"""A page is drawn no larger, A3 at 300 dpi, however many metres it says it has: each costs a dozen bytes on its way."""
LEAST_PIXELS = 12
"""Of a side: less holds no line of writing, nor anything that the search for ink could measure."""


class _CannotOpen(Exception):
    def __init__(self, why: Unread) -> None:
        super().__init__(why)
        self.why = why


@contextmanager
def _unless_damaged() -> Iterator[None]:
    """Whatever a reader raises over what it did not foresee, the file is damaged; want of memory is another matter."""
    try:
        yield
    except (_CannotOpen, MemoryError):
        raise
    except Exception as problem:  # readers of pictures raise what they like: TypeError, struct.error …
        raise _CannotOpen(Unread.BROKEN) from problem


@dataclass(frozen=True, slots=True)
class _Opened:
    """A file's number of pages, the pictures of those asked for, and what they do not show."""

    total: int
    pictures: Iterator[Image.Image]
    beside: HiddenContent


PIECE = 100_000
"""Pieces of page n are numbered n + PIECE, n + 2 × PIECE; more pages than that no file may have."""
PIECES = "pieces"
"""In what is told of a page: the places (left, top, right, bottom in pixels) of the sheets it shows."""
PRINTED = "printed"
"""In what is told of a page: whether it surely is not blank."""
Beheld = Callable[[Picture, int], dict[str, Any]]
"""What else is told of a page while its pixels are at hand (colours as red, green, blue), with its number; or into
which pieces it is to be cut."""


def open_file(asked: dict[str, Any], behold: Beheld = lambda _page, _number: {}) -> dict[str, Any]:
    """Write pages ``first`` to ``first + count - 1`` (from 1) of ``path`` into ``workdir``.

    Answers ``{"pages": [...], "total": n}`` or ``{"unread": name of an Unread}``.
    """
    path = Path(asked["path"])
    Image.MAX_IMAGE_PIXELS = None  # judged below, where it becomes a stated reason
    Image.init()
    pi_heif.register_heif_opener()
    try:
        kind = _open_pdf if _is_pdf(path) else _open_picture
        file = kind(path, asked["first"], asked["count"], asked["pixels"])
        if file.total > asked["most_pages"]:
            raise _CannotOpen(Unread.TOO_MANY_PAGES)
        pages = [
            told | _not_shown(file.beside, number)
            for number, picture in enumerate(file.pictures, asked["first"])
            for told in _write(picture, number, Path(asked["workdir"]), behold)
        ]
        _judge_blank(pages)
    except _CannotOpen as problem:
        return {"unread": problem.why.name}
    for page in pages:
        page["blank"] = page["blank"] and not page["typed"] and not page["doubts"]
    return {"pages": pages, "total": file.total}


def _judge_blank(pages: list[dict[str, Any]]) -> None:
    """A page is blank when nothing is on it, or nothing but the page before or after it shining through."""
    looked: list[LookedAt | None] = [page.pop("looked") for page in pages]
    glances: dict[int, PageGlance] = {}

    def seen(number: int) -> PageGlance:
        """Only what is asked for: beside pages on which print was found, nothing need be looked at."""
        if number not in glances:
            glances[number] = glance_at(looked[number] or _look_again(pages[number]))
        return glances[number]

    for number, page in enumerate(pages):
        beside = [other for other in (number - 1, number + 1) if 0 <= other < len(pages)]
        page["blank"] = not page.pop(PRINTED, False) and (
            seen(number).blank or any(shines_through(seen(number), seen(other)) for other in beside)
        )


def _look_again(page: dict[str, Any]) -> LookedAt:
    """At a page that was written: of most on which print was found, nobody asks."""
    with Image.open(page["path"]) as picture:
        return looked_at(np.asarray(picture), page["dpi"])


def _not_shown(beside: HiddenContent, number: int) -> dict[str, Any]:
    """What a page (from 1) does not show; what is said of the whole file is said of its first page."""
    doubts = [doubt for doubt in beside.doubts if doubt is not Doubt.TYPED_BESIDE or beside.on_page(number - 1)]
    told = doubts if number == 1 else [doubt for doubt in doubts if doubt is Doubt.TYPED_BESIDE]
    return {"typed": beside.on_page(number - 1), "doubts": [doubt.name for doubt in told]}


def _is_pdf(path: Path) -> bool:
    """Readers accept a header that starts anywhere in the first 1024 bytes (ISO 32000-1, annex H.3.4.1)."""
    with path.open("rb") as file:
        head = file.read(1024 + 5)
    if not head:
        raise _CannotOpen(Unread.EMPTY)
    return b"%PDF-" in head


def _open_picture(path: Path, first: int, count: int, pixels: int) -> _Opened:
    with _unless_damaged():
        try:
            image = Image.open(path, formats=FORMATS)
        except UnidentifiedImageError:
            raise _CannotOpen(Unread.BROKEN if _looks_like_picture(path) else Unread.NOT_A_PAGE) from None
        frames = getattr(image, "n_frames", 1)
    # Only TIFF holds pages; the further frames of others are animations, or, in the JPEG of telephones, depth maps.
    total = frames if image.format == "TIFF" else 1
    beside = HiddenContent()
    if frames > total and image.format not in ("JPEG", "MPO"):
        beside.doubts.append(Doubt.MORE_PICTURES)
    numbers = range(first - 1, min(total, first - 1 + count))
    return _Opened(total, _frames(image, total, numbers, pixels), beside)


def _looks_like_picture(path: Path) -> bool:
    """Whether the first bytes promise a picture that then could not be identified."""
    with path.open("rb") as file:
        head = file.read(12)
    starts = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"GIF8", b"BM")
    return head.startswith(starts) or head[:4] == b"RIFF" or head[4:8] == b"ftyp"


def _frames(image: Image.Image, total: int, numbers: range, pixels: int) -> Iterator[Image.Image]:
    for number in numbers:
        with _unless_damaged():
            if number:
                image.seek(number)
            if not can_be_decoded(image, pixels):
                raise _CannotOpen(Unread.TOO_LARGE)
            image.load()
            picture = upright(no_larger(with_quality(image)))
            if total == 1 and picture is not image:
                image.close()  # of the largest, the memory for two is not there
        yield picture


def _open_pdf(path: Path, first: int, count: int, pixels: int) -> _Opened:
    try:
        drawn = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as problem:
        locked = "password" in str(problem).lower() or "security" in str(problem).lower()
        raise _CannotOpen(Unread.ENCRYPTED if locked else Unread.BROKEN) from None
    if len(drawn) == 0:
        raise _CannotOpen(Unread.BROKEN)
    drawn.init_forms()
    taken = open_pdf(path)
    beside = find_hidden_content(taken) if taken else HiddenContent()
    numbers = range(first - 1, min(len(drawn), first - 1 + count))
    pictures = _unwritten(drawn, numbers) if beside.placeholder else _pdf_pages(taken, drawn, numbers, pixels)
    return _Opened(len(drawn), pictures, beside)


def _unwritten(drawn: pypdfium2.PdfDocument, numbers: range) -> Iterator[Image.Image]:
    """White pages instead of those that only ask for another program: nobody who wrote meant these words."""
    for number in numbers:
        page = _draw(drawn[number])
        white = Image.new("L", page.size, "white")
        white.info["dpi"] = page.info["dpi"]
        yield white


def _pdf_pages(
    taken: pikepdf.Pdf | None, drawn: pypdfium2.PdfDocument, numbers: range, pixels: int
) -> Iterator[Image.Image]:
    for number in numbers:
        own = taken.pages[number] if taken and number < len(taken.pages) else None
        scan = embedded_scan(own, min(pixels, KEPT_PIXELS)) if own is not None else None
        if scan is None and own is not None:
            if nests_without_end(own):
                raise _CannotOpen(Unread.BROKEN)
            if not unpacks_within(drawn_streams(own), MOST_DRAWN):
                raise _CannotOpen(Unread.TOO_LARGE)
        try:
            yield scan or _draw(drawn[number])
        except pypdfium2.PdfiumError:
            raise _CannotOpen(Unread.BROKEN) from None


def _draw(page: pypdfium2.PdfPage) -> Image.Image:
    width, height = page.get_size()
    scale = min(DRAWN_DPI / 72, (DRAWN_PIXELS / max(1.0, width * height)) ** 0.5)
    image: Image.Image = page.render(scale=scale, may_draw_forms=True).to_pil()
    image.info["dpi"] = (scale * 72, scale * 72)
    return image


def _write(picture: Image.Image, number: int, workdir: Path, behold: Beheld) -> list[dict[str, Any]]:
    """One page, or each of the pieces that ``behold`` would have it cut into."""
    with _unless_damaged():  # here pictures are decoded
        across, down = dpi_of(picture)
        page = squared(on_white(picture), across, down)
    if min(page.size) < LEAST_PIXELS:
        raise _CannotOpen(Unread.TOO_SMALL)
    dpi = max(across, down)
    if page.width * page.height > KEPT_PIXELS:
        ratio = (KEPT_PIXELS / (page.width * page.height)) ** 0.5
        page = page.resize((max(1, int(page.width * ratio)), max(1, int(page.height * ratio))), Image.Resampling.BOX)
        dpi *= ratio
    page = page if page.mode == "L" or is_coloured(page) else page.convert("L")
    return _written(page, number, dpi, workdir, behold)


def _written(page: Image.Image, number: int, dpi: float, workdir: Path, behold: Beheld) -> list[dict[str, Any]]:
    pixels = np.asarray(page)
    seen = behold(pixels, number)
    if PIECES in seen:
        pieces = [page.crop(piece) for piece in seen[PIECES]]
        numbered = [(number + PIECE * at, piece) for at, piece in enumerate(pieces, 1)]
        return [one for at, piece in numbered for one in _written(piece, at, dpi, workdir, behold)]
    # A profile for three colours in a grey picture makes other readers complain or refuse; comments are the sender's.
    page.info.pop("icc_profile", None)
    page.info.pop("comment", None)
    path = save_page(page, workdir / f"page-{number:04d}")
    told = {
        "path": str(path),
        "number": number,
        "width": page.width,
        "height": page.height,
        "dpi": round(dpi) or None,
        "quality": page.info.get(QUALITY),
        "looked": None if seen.get(PRINTED) else looked_at(pixels, dpi or None),
        **seen,
    }
    return [told]
