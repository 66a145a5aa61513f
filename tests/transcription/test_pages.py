"""Pictures and PDFs to the pictures of their pages: every format, and everything hostile."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image

from config.sandbox.limited_process import Crashed
from tests.transcription.sheets import A4_200, LINES, noisy, sheet, turned
from transcription.base import programs
from transcription.base.values import Unread, Unreadable
from transcription.pages.page_images import PageImage, PageLimits, open_pages

SMALL = (420, 594)


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def small() -> Image.Image:
    return sheet("Oui", size=SMALL, points=60)


def pdf_of(*pictures: Image.Image, dpi: int = 200) -> bytes:
    return saved(pictures[0], "PDF", save_all=True, append_images=pictures[1:], resolution=dpi)


def changed(content: bytes, change: Callable[[pikepdf.Pdf], None], **options: object) -> bytes:
    buffer = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        change(pdf)
        pdf.save(buffer, **options)
    return buffer.getvalue()


def transparent() -> Image.Image:
    """Black letters on nothing."""
    page = small()
    picture = Image.new("RGBA", SMALL, (0, 0, 0, 0))
    picture.paste((0, 0, 0, 255), mask=page.point(lambda value: 255 - value))
    return picture


@pytest.fixture
def opened(tmp_path: Path) -> Callable[..., list[PageImage]]:
    def open_(content: bytes, limits: PageLimits | None = None) -> list[PageImage]:
        path = tmp_path / "attachment"
        path.write_bytes(content)
        pages = tmp_path / "pages"
        pages.mkdir()
        return open_pages(path, pages, limits)

    return open_


def grey(page: PageImage) -> np.ndarray:
    return np.asarray(Image.open(page.path).convert("L"), np.int16)


FORMATS = {
    "PNG": lambda: saved(small(), "PNG"),
    "PNG, black and white": lambda: saved(small().convert("1"), "PNG"),
    "PNG, palette": lambda: saved(small().convert("P"), "PNG"),
    "PNG, transparent": lambda: saved(transparent(), "PNG"),
    "PNG, 16 bits": lambda: saved(Image.fromarray(np.asarray(small(), np.uint16) * 257), "PNG"),
    "JPEG": lambda: saved(small(), "JPEG", quality=95),
    "JPEG of a printer's colours": lambda: saved(small().convert("CMYK"), "JPEG", quality=95),
    "TIFF, fax": lambda: saved(small().convert("1"), "TIFF", compression="group4"),
    "TIFF, LZW": lambda: saved(small(), "TIFF", compression="tiff_lzw"),
    "GIF": lambda: saved(small(), "GIF"),
    "BMP": lambda: saved(small(), "BMP"),
    "WebP": lambda: saved(small(), "WEBP", lossless=True),
    "JPEG 2000": lambda: saved(small(), "JPEG2000"),
    "PDF": lambda: pdf_of(small()),
}


@pytest.mark.parametrize(("name", "content"), FORMATS.items(), ids=FORMATS)
def test_every_format_gives_the_same_page(name: str, content: Callable[[], bytes], opened):
    [page] = opened(content())
    assert (page.number, page.width, page.height, page.blank) == (1, *SMALL, False)
    was_jpeg = name in ("JPEG", "JPEG of a printer's colours", "PDF")
    assert page.content_type == ("image/jpeg" if was_jpeg else "image/png")
    assert np.abs(grey(page) - np.asarray(small(), np.int16)).mean() < 3


@pytest.mark.parametrize("quality", [20, 60, 90, 97])
def test_a_jpeg_that_is_written_again_is_hardly_worse(opened, quality: int):
    rng = np.random.default_rng(quality)
    noisy = Image.fromarray((np.asarray(small()) - rng.integers(0, 9, SMALL[::-1])).clip(0, 255).astype(np.uint8))
    came = saved(noisy, "JPEG", quality=quality, comment=b"from the sender")
    [page] = opened(came)
    once = np.asarray(Image.open(io.BytesIO(came)), np.int16)
    assert np.abs(grey(page) - once).mean() < 1
    assert page.quality is not None
    assert abs(page.quality - quality) <= 2
    assert b"from the sender" not in page.path.read_bytes()


def test_pages_keep_their_order_and_number(opened):
    pages = [sheet(str(number), size=SMALL, points=200) for number in range(1, 20)]
    read = opened(saved(pages[0], "TIFF", save_all=True, append_images=pages[1:]))
    assert [page.number for page in read] == list(range(1, 20))
    for page, drawn in zip(read, pages, strict=True):
        assert np.abs(grey(page) - np.asarray(drawn, np.int16)).mean() < 1


def test_the_frames_of_an_animation_are_no_pages(opened):
    assert len(opened(saved(small(), "GIF", save_all=True, append_images=[turned(small(), 180)]))) == 1


def test_a_photograph_is_turned_as_its_camera_was_held(opened):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side
    [page] = opened(saved(turned(small(), 90), "JPEG", exif=exif, quality=95))
    assert (page.width, page.height) == SMALL
    assert np.abs(grey(page) - np.asarray(small(), np.int16)).mean() < 3


def test_colour_is_kept(opened):
    [page] = opened(saved(Image.new("RGB", SMALL, (200, 40, 40)), "PNG"))
    assert (page.content_type, Image.open(page.path).mode) == ("image/jpeg", "RGB")


def test_a_fax_gets_square_pixels(opened):
    squeezed = sheet(size=(1728, 1145)).convert("1")
    [page] = opened(saved(squeezed, "TIFF", dpi=(204, 98), compression="group4"))
    assert (page.width, page.height, page.dpi) == (1728, round(1145 * 204 / 98), 204)


def test_a_scan_in_a_pdf_is_taken_out_untouched(opened):
    scan = sheet()
    [page] = opened(pdf_of(scan.convert("1")))
    assert (page.width, page.height, page.dpi) == (*A4_200, 200)
    assert (grey(page) == np.asarray(scan.convert("1").convert("L"))).all()


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_scan_in_a_turned_page_of_a_pdf_is_turned(rotate: int, opened):
    def turn(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].obj["/Rotate"] = rotate

    [page] = opened(changed(pdf_of(sheet()), turn))
    expected = turned(sheet(), (360 - rotate) % 360) if rotate else sheet()
    assert (page.width, page.height) == expected.size
    assert np.abs(grey(page) - np.asarray(expected, np.int16)).mean() < 2


def _with(content: bytes) -> Callable[[pikepdf.Pdf], None]:
    def add(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].contents_add(pikepdf.Stream(pdf, content))

    return add


def _annotated(pdf: pikepdf.Pdf) -> None:
    """A box that somebody drew over the scan in a PDF reader."""
    stream = pikepdf.Stream(pdf, b"0 g 0 0 100 100 re f")
    stream.update({"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Form, "/BBox": [0, 0, 100, 100]})
    note = {
        "/Type": pikepdf.Name.Annot,
        "/Subtype": pikepdf.Name.Stamp,
        "/Rect": [100, 100, 200, 200],
        "/F": 4,
        "/AP": {"/N": stream},
    }
    pdf.pages[0].obj["/Annots"] = pikepdf.Array([pdf.make_indirect(pikepdf.Dictionary(note))])


def _cropped(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj["/CropBox"] = [0, 421, 595, 842]


SEEN_ON_TOP = {
    "a filled box": (_with(b"q 0 g 100 100 100 100 re f Q"), 300),
    "a stamp": (_annotated, 300),
    "a crop": (_cropped, 300),
    "only what restores the state": (_with(b"q Q"), 200),
}


@pytest.mark.parametrize(("change", "dpi"), SEEN_ON_TOP.values(), ids=SEEN_ON_TOP)
def test_a_page_that_shows_more_than_its_scan_is_drawn(change: Callable[[pikepdf.Pdf], None], dpi: int, opened):
    [page] = opened(changed(pdf_of(sheet()), change))
    assert page.dpi == dpi


BLANK = {
    "white": lambda: Image.new("L", A4_200, 255),
    "grey paper": lambda: Image.new("L", A4_200, 200),
    "the copier's shadow along an edge": lambda: _with_box((0, 0, 20, 2339)),
    "a few specks": lambda: _with_box((800, 800, 803, 803), (400, 1200, 404, 1202)),
    "grain and the traces of strong compression": lambda: _compressed(noisy(Image.new("L", A4_200, 235), 8)),
    "a fold": lambda: _with_box((0, 1168, 1654, 1171), shade=225),
}
NOT_BLANK = {
    "a page": sheet,
    "one word": lambda: sheet("Non"),
    "one word in pencil": lambda: sheet("Non", ink=150),
    "one word in hard pencil": lambda: sheet("Non", ink=215),
    "hard pencil on grainy paper": lambda: noisy(sheet("Non", ink=210), 6),
    "the other side shining through, or the palest pencil": lambda: sheet(ink=235),
    "one word in yellow": lambda: _in_colour((255, 240, 110)),
    "one word in pink": lambda: _in_colour((255, 205, 222)),
    "one word in pale blue": lambda: _in_colour((205, 228, 250)),
    "one cross": lambda: sheet("x", points=34),
    "a cutting, written on to its edge": lambda: sheet(LINES[0], size=(600, 260)),
}


def _with_box(*boxes: tuple[int, int, int, int], shade: int = 0) -> Image.Image:
    page = Image.new("L", A4_200, 255)
    for box in boxes:
        page.paste(shade, box)
    return page


def _in_colour(ink: tuple[int, int, int]) -> Image.Image:
    page = Image.new("RGB", A4_200, (252, 252, 250))
    page.paste(ink, mask=sheet("Non").point(lambda value: 255 - value))
    return page


def _compressed(page: Image.Image) -> Image.Image:
    return Image.open(io.BytesIO(saved(page, "JPEG", quality=40)))


@pytest.mark.parametrize(
    ("draw", "blank"),
    [*((draw, True) for draw in BLANK.values()), *((draw, False) for draw in NOT_BLANK.values())],
    ids=[*BLANK, *NOT_BLANK],
)
def test_a_page_is_blank_only_when_nothing_is_on_it(draw: Callable[[], Image.Image], blank: bool, opened):
    [page] = opened(saved(draw(), "PNG", dpi=(200, 200)))
    assert page.blank is blank


def _locked() -> bytes:
    return changed(pdf_of(small()), lambda pdf: None, encryption=pikepdf.Encryption(user="secret", owner="secret"))


def _unlocked() -> bytes:
    """Printing is forbidden, reading is not."""
    return changed(pdf_of(small()), lambda pdf: None, encryption=pikepdf.Encryption(user="", owner="secret"))


REFUSED = {
    "nothing": (lambda: b"", Unread.EMPTY),
    "a text": (lambda: b"Bonjour, voici ma proposition.\n" * 9, Unread.NOT_A_PAGE),
    "an office document": (lambda: b"PK\x03\x04" + bytes(200), Unread.NOT_A_PAGE),
    "a PDF's first line": (lambda: b"%PDF-1.7\n", Unread.BROKEN),
    "half a PDF": (lambda: pdf_of(small())[:300], Unread.BROKEN),
    "half a JPEG": (lambda: saved(sheet(), "JPEG")[:9000], Unread.BROKEN),
    "half a PNG": (lambda: saved(sheet(), "PNG")[:3000], Unread.BROKEN),
    "a PNG's first bytes": (lambda: saved(small(), "PNG")[:20], Unread.BROKEN),
    "a PDF with a password": (_locked, Unread.ENCRYPTED),
    "a picture of a billion pixels": (lambda: saved(Image.new("1", (40_000, 30_000)), "PNG"), Unread.TOO_LARGE),
}


@pytest.mark.parametrize(("content", "why"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_opened_says_why(content: Callable[[], bytes], why: Unread, opened):
    with pytest.raises(Unreadable) as caught:
        opened(content())
    assert (caught.value.why, caught.value.retryable) == (why, False)
    assert caught.value.remedy


def test_a_pdf_that_only_forbids_printing_is_read(opened):
    assert len(opened(_unlocked())) == 1


def test_more_pages_than_allowed(opened):
    with pytest.raises(Unreadable) as caught:
        opened(pdf_of(*[small()] * 4), PageLimits(pages=3))
    assert caught.value.why is Unread.TOO_MANY_PAGES


def test_a_huge_page_of_a_pdf_is_drawn_smaller(opened):
    def enlarge(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].obj["/MediaBox"] = [0, 0, 14_400, 14_400]

    [page] = opened(changed(pdf_of(small()), enlarge))
    assert page.width * page.height <= 36_000_000


def test_a_library_that_crashes_means_a_broken_file(opened, monkeypatch: pytest.MonkeyPatch):
    def decoder_crashes(function: str, argument: object, **limits: object) -> object:
        raise Crashed(function, "crashed with SIGSEGV")

    monkeypatch.setattr(programs, "call_limited", decoder_crashes)
    with pytest.raises(Unreadable) as caught:
        opened(b"whatever")
    assert caught.value.why is Unread.BROKEN


def test_whatever_a_reader_raises_is_a_reason_and_is_logged(opened, monkeypatch, caplog):
    real = programs.call_limited
    monkeypatch.setattr(programs, "call_limited", lambda function, argument, **limits: real(function, {}, **limits))
    with pytest.raises(Unreadable, match="damaged"):
        opened(b"whatever")


def _behind(front: Image.Image) -> Image.Image:
    """Its other side, on which it shines through, as a copier sees it: a little shifted."""
    page = Image.new("L", front.size, 255)
    page.paste(front.transpose(Image.Transpose.FLIP_LEFT_RIGHT).point(lambda value: 255 - (255 - value) // 12), (9, -6))
    return page


OTHER_SIDES = {
    "nothing but the front": (lambda back: back, True),
    "a word in pale pencil too": (
        lambda back: Image.fromarray(np.minimum(np.asarray(back), np.roll(np.asarray(sheet("Non", ink=225)), 1200, 0))),
        False,
    ),
    "the front, but not from behind": (lambda back: back.transpose(Image.Transpose.FLIP_LEFT_RIGHT), False),
}


@pytest.mark.parametrize(("draw", "blank"), OTHER_SIDES.values(), ids=OTHER_SIDES)
def test_a_back_is_blank_when_only_its_front_shines_through(draw: Callable, blank: bool, opened):
    front, back = opened(pdf_of(sheet(), draw(_behind(sheet()))))
    assert (front.blank, back.blank) == (False, blank)


PALE = {"png": ("PNG", {}), "jpg": ("JPEG", {"quality": 85}), "tiff": ("TIFF", {"compression": "tiff_lzw"})}


@pytest.mark.parametrize(("kind", "options"), PALE.values(), ids=PALE)
@pytest.mark.parametrize("ink", [(255, 240, 110), (214, 214, 214)], ids=["yellow", "pencil"])
def test_pale_ink_is_not_blank_in_any_format(kind: str, options: dict[str, object], ink: tuple[int, int, int], opened):
    [page] = opened(saved(_in_colour(ink), kind, dpi=(200, 200), **options))
    assert not page.blank


@pytest.mark.parametrize("ink", [(255, 240, 110), (214, 214, 214)], ids=["yellow", "pencil"])
def test_pale_ink_is_not_blank_in_a_pdf(ink: tuple[int, int, int], opened):
    [page] = opened(pdf_of(_in_colour(ink)))
    assert not page.blank
