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
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from transcription.base.values import Doubt, Unread
from transcription.pages.embedded_scan import embedded_scan
from transcription.pages.ink import Glance, LookedAt, Picture, glance_at, looked_at
from transcription.pages.jpeg_quality import QUALITY, with_quality
from transcription.pages.nested_forms import nests_without_end
from transcription.pages.show_through import shines_through
from transcription.pages.typed_in_pdf import Beside, look_beside, opened

FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP", "HEIF", "AVIF", "JPEG2000", "PPM")
DRAWN_DPI = 300
DRAWN_PIXELS = 18_000_000
"""A page is drawn no larger, A3 at 300 dpi, however many metres it says it has: each costs a dozen bytes on its way."""
KEPT_PIXELS = 36_000_000
"""A page is stored no larger: A3 at 400 dpi, or the photos of most telephones."""
LEAST_PIXELS = 12
"""Of a side: less holds no line of writing, nor anything that the search for ink could measure."""
_PLAUSIBLE_DPI = (60, 2400)
_COLOUR = 30
"""Difference between the channels (of 255) that makes a page coloured, wherever a word's worth of it has that much."""
_A_WORD = 0.03
"""Per cent of a page that one word in colour takes."""


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
    beside: Beside


_LEAST_QUALITY = 90
"""Of the JPEGs written here: compressed once more no harder than this, nor harder than they came."""
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
    looked: list[LookedAt] = [page.pop("looked") for page in pages]
    glances: dict[int, Glance] = {}

    def seen(number: int) -> Glance:
        """Only what is asked for: beside pages on which print was found, nothing need be looked at."""
        return glances.get(number) or glances.setdefault(number, glance_at(looked[number]))

    for number, page in enumerate(pages):
        beside = [other for other in (number - 1, number + 1) if 0 <= other < len(pages)]
        page["blank"] = not page.pop(PRINTED, False) and (
            seen(number).blank or any(shines_through(seen(number), seen(other)) for other in beside)
        )


def _not_shown(beside: Beside, number: int) -> dict[str, Any]:
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
    beside = Beside()
    if frames > total and image.format not in ("JPEG", "MPO"):
        beside.doubts.append(Doubt.MORE_PICTURES)
    return _Opened(total, _frames(image, range(first - 1, min(total, first - 1 + count)), pixels), beside)


def _looks_like_picture(path: Path) -> bool:
    """Whether the first bytes promise a picture that then could not be identified."""
    with path.open("rb") as file:
        head = file.read(12)
    starts = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"GIF8", b"BM")
    return head.startswith(starts) or head[:4] == b"RIFF" or head[4:8] == b"ftyp"


def _frames(image: Image.Image, numbers: range, pixels: int) -> Iterator[Image.Image]:
    for number in numbers:
        with _unless_damaged():
            if number:
                image.seek(number)
            if image.width * image.height > pixels:
                raise _CannotOpen(Unread.TOO_LARGE)
            image.load()
            picture = _upright(with_quality(image))
        yield picture


def _upright(image: Image.Image) -> Image.Image:
    """As its file says it is; the picture itself, instead of a copy, where that says nothing."""
    return ImageOps.exif_transpose(image) if image.getexif().get(ExifTags.Base.Orientation, 1) != 1 else image


def _open_pdf(path: Path, first: int, count: int, pixels: int) -> _Opened:
    try:
        drawn = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as problem:
        locked = "password" in str(problem).lower() or "security" in str(problem).lower()
        raise _CannotOpen(Unread.ENCRYPTED if locked else Unread.BROKEN) from None
    if len(drawn) == 0:
        raise _CannotOpen(Unread.BROKEN)
    drawn.init_forms()
    taken = opened(path)
    beside = look_beside(taken) if taken else Beside()
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
        scan = embedded_scan(own, pixels) if own is not None else None
        if scan is None and own is not None and nests_without_end(own):
            raise _CannotOpen(Unread.BROKEN)
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
        across, down = _dpi(picture)
        page = _squared(_on_white(picture), across, down)
    if min(page.size) < LEAST_PIXELS:
        raise _CannotOpen(Unread.TOO_SMALL)
    dpi = max(across, down)
    if page.width * page.height > KEPT_PIXELS:
        ratio = (KEPT_PIXELS / (page.width * page.height)) ** 0.5
        page = page.resize((max(1, int(page.width * ratio)), max(1, int(page.height * ratio))), Image.Resampling.BOX)
        dpi *= ratio
    page = page if page.mode == "L" or _is_coloured(page) else page.convert("L")
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
    path = _save(page, workdir / f"page-{number:04d}")
    told = {
        "path": str(path),
        "number": number,
        "width": page.width,
        "height": page.height,
        "dpi": round(dpi) or None,
        "quality": page.info.get(QUALITY),
        "looked": looked_at(pixels, dpi or None),
        **seen,
    }
    return [told]


def _save(page: Image.Image, path: Path) -> Path:
    """As JPEG what was one, hardly worse than it came and in a tenth of the time, and colours; all else as PNG."""
    if page.mode == "RGB" or QUALITY in page.info:
        path = path.with_suffix(".jpg")
        page.save(path, quality=max(_LEAST_QUALITY, page.info.get(QUALITY, 0)))
    else:
        path = path.with_suffix(".png")
        page.save(path, compress_level=1)
    return path


def _dpi(picture: Image.Image) -> tuple[float, float]:
    """Across and down; 0 when the file says nothing plausible."""
    stated = picture.info.get("dpi")
    try:
        across, down = (float(value) for value in stated or (0, 0))
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0, 0.0
    least, most = _PLAUSIBLE_DPI
    return (across, down) if least <= across <= most and least <= down <= most else (0.0, 0.0)


def _on_white(picture: Image.Image) -> Image.Image:
    """The picture in grey or RGB; what is transparent is white, as on paper."""
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        seen = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("RGB")
    if picture.mode in ("1", "L", "RGB"):
        return picture.convert("L") if picture.mode == "1" else picture
    if picture.mode.startswith(("I", "F")):
        values = np.asarray(picture, np.float64)
        low, high = float(values.min()), float(values.max())
        return Image.fromarray(((values - low) * (255 / max(1.0, high - low))).astype(np.uint8))
    return picture.convert("RGB")


def _squared(page: Image.Image, across: float, down: float) -> Image.Image:
    """Faxes and some copiers scan twice as fine across as down."""
    if not across or not down or 0.9 < across / down < 1.1:
        return page
    finest = max(across, down)
    width, height = round(page.width * finest / across), round(page.height * finest / down)
    return page if width * height > KEPT_PIXELS else page.resize((width, height), Image.Resampling.BICUBIC)


def _is_coloured(page: Image.Image) -> bool:
    if page.mode != "RGB":
        return False
    small = page.copy()
    small.thumbnail((800, 800))
    values = np.asarray(small, np.int16)
    return bool(np.percentile(values.max(axis=2) - values.min(axis=2), 100 - _A_WORD) > _COLOUR)
