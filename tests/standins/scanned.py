"""Scanned files as scanners make them: small ones, of every kind, to be cut and grown by tests."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Sequence

import pikepdf
from PIL import Image, ImageDraw, ImageFont


def sheet(text: str = "", size: tuple[int, int] = (620, 300)) -> Image.Image:
    """A page with a line of print."""
    page = Image.new("L", size, 255)
    if text:
        ImageDraw.Draw(page).text((40, 100), text, fill=0, font=ImageFont.truetype("DejaVuSans.ttf", 40))
    return page


def picture(kind: str, *texts: str, **how: object) -> bytes:
    """A file of one page for each text, as Pillow writes it."""
    first, *others = [sheet(text) for text in texts or ("Plus de bancs",)]
    file = io.BytesIO()
    more = {"save_all": True, "append_images": others} if others else {}
    first.save(file, kind, **more, **how)
    return file.getvalue()


def pdf(*texts: str) -> bytes:
    """A PDF with one scanned page for each text."""
    then = time.gmtime(0)  # the same each time
    return picture("PDF", *(texts or ("Plus de bancs",)), resolution=150, creationDate=then, modDate=then)


def tiff(*texts: str) -> bytes:
    """A TIFF with one page for each text."""
    return picture("TIFF", *(texts or ("Plus de bancs",)), dpi=(150, 150))


def tiff_with_pages_added(texts: Sequence[str]) -> list[bytes]:
    """A TIFF after each page that a scanner adds to it: the link of the page before is written over."""
    return [tiff(*texts[: number + 1]) for number in range(len(texts))]


def pdf_with_a_later_version(*texts: str) -> tuple[bytes, bytes]:
    """A PDF of the first text, and the same with the others added behind its end, as a scanner that appends does."""
    first = pdf(texts[0])
    return first, _updated(first, texts[1:])


def _updated(first: bytes, texts: Sequence[str]) -> bytes:
    """An incremental update (ISO 32000-1, section 7.5.6) that adds a page with a picture for each text."""
    with pikepdf.open(io.BytesIO(first)) as known:
        root, tree = known.Root.objgen[0], known.Root.Pages.objgen[0]
        kids = [page.obj.objgen[0] for page in known.pages]
        number = int(known.trailer.Size)
    previous = int(first.rsplit(b"startxref", 1)[1].split()[0])
    body, places = bytearray(first if first.endswith(b"\n") else first + b"\n"), {}

    def add(own: int, content: bytes) -> None:
        places[own] = len(body)
        body.extend(b"%d 0 obj\n%s\nendobj\n" % (own, content))

    for text in texts:
        drawn = sheet(text)
        raw = drawn.tobytes()
        image, stream, page = number, number + 1, number + 2
        number += 3
        head = b"/Type /XObject /Subtype /Image /ColorSpace /DeviceGray /BitsPerComponent 8"
        size = b"/Width %d /Height %d /Length %d" % (*drawn.size, len(raw))
        add(image, b"<< %s %s >>\nstream\n%s\nendstream" % (head, size, raw))
        draw = b"%d 0 0 %d 0 0 cm /image Do" % drawn.size
        add(stream, b"<< /Length %d >>\nstream\n%s\nendstream" % (len(draw), draw))
        box = b"/MediaBox [0 0 %d %d]" % drawn.size
        links = b"/Parent %d 0 R /Contents %d 0 R /Resources << /XObject << /image %d 0 R >> >>" % (tree, stream, image)
        add(page, b"<< /Type /Page %s %s >>" % (box, links))
        kids.append(page)
    refs = b" ".join(b"%d 0 R" % kid for kid in kids)
    add(tree, b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), refs))
    start = len(body)
    body.extend(b"xref\n")
    for own, place in sorted(places.items()):
        body.extend(b"%d 1\n%010d 00000 n \n" % (own, place))
    body.extend(
        b"trailer\n<< /Size %d /Root %d 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (number, root, previous, start)
    )
    return bytes(body)


def office_document() -> bytes:
    """A packed document; what is in it does not matter here."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("word/document.xml", "<w:p/>" * 500)
    return file.getvalue()
