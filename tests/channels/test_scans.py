"""Whether a scanned file is whole, whether it has grown from another one, and whose file is nobody's scan."""

import hashlib
import io
import os
import random
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from channels.paper.scan_files.beginnings import digests_of_beginnings
from channels.paper.scan_files.strays import StrayReason, stray_reason
from channels.paper.scan_files.wholeness import Wholeness, wholeness
from tests.standins.scanned import office_document, pdf, pdf_with_a_later_version, picture, sheet, tiff

WHOLE, UNFINISHED, UNTOLD = Wholeness.WHOLE, Wholeness.UNFINISHED, Wholeness.UNTOLD


def big_tiff() -> bytes:
    file = io.BytesIO()
    sheet("Un banc").save(file, "TIFF", big_tiff=True)
    return file.getvalue()


def striped_tiff() -> bytes:
    """Several strips, whose places stand in a list of their own."""
    file = io.BytesIO()
    sheet("Un banc", (800, 1100)).save(file, "TIFF", compression="tiff_lzw", strip_size=4096)
    return file.getvalue()


def motorola_tiff() -> bytes:
    """Written from the most significant byte on, as old copiers do; one strip, its length left out."""
    entries = [(256, 3, 1, 8 << 16), (257, 3, 1, 1 << 16), (258, 3, 1, 8 << 16), (273, 4, 1, 8)]
    directory = struct.pack(">H", len(entries)) + b"".join(struct.pack(">HHII", *entry) for entry in entries)
    return b"MM\0*" + struct.pack(">I", 16) + bytes(8) + directory + bytes(4)


def linearized_head() -> bytes:
    """The first part of a PDF prepared for the web: it ends like a whole one."""
    return b"%PDF-1.5\n1 0 obj\n<< /Linearized 1 /L 90000 >>\nendobj\nxref\n0 0\ntrailer\n<<>>\nstartxref\n0\n%%EOF\n"


def photo(**how: object) -> bytes:
    """Noise compresses badly: there is a marker's first byte in it every 256 bytes."""
    grain = np.frombuffer(random.Random(5).randbytes(300 * 400 * 3), np.uint8).reshape(300, 400, 3)
    file = io.BytesIO()
    Image.fromarray(grain).save(file, "JPEG", quality=90, **how)
    return file.getvalue()


KINDS = {
    "a PDF": pdf(),
    "a PDF of three pages": pdf("Plus", "de", "bancs"),
    "a PDF with a version added": pdf_with_a_later_version("Plus", "de bancs")[1],
    "a TIFF": tiff(),
    "a TIFF of three pages": tiff("Plus", "de", "bancs"),
    "a TIFF in strips": striped_tiff(),
    "a fax": picture("TIFF", compression="packbits"),
    "a BigTIFF": big_tiff(),
    "a JPEG": photo(),
    "a JPEG in passes": photo(progressive=True),
    "a JPEG with restarts": photo(restart_marker_blocks=4),
    "a JPEG with a preview in its head": photo(exif=b"Exif\0\0" + photo()[:2000] + b"\xff\xd9"),
    "a PNG": picture("PNG"),
    "a WebP": picture("WEBP"),
    "a GIF": picture("GIF"),
    "a BMP": picture("BMP"),
    "an AVIF or HEIF": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + struct.pack(">I", 4008) + b"mdat" + bytes(4000),
    "an office document": office_document(),
}

CUTS = (0.1, 0.5, 0.9, 0.999)


@pytest.mark.parametrize("content", KINDS.values(), ids=KINDS)
def test_a_file_is_whole_only_with_its_end(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "scan0001"
    path.write_bytes(content)
    assert wholeness(path) is WHOLE
    for share in CUTS:
        cut = max(16, min(int(len(content) * share), len(content) - 2))
        path.write_bytes(content[:cut])
        assert wholeness(path) is UNFINISHED, f"cut at {cut} of {len(content)}"
        # As a share shows a file whose size was announced before it came.
        path.write_bytes(content[:cut] + bytes(len(content) - cut + 4096))
        if content.startswith((b"%PDF", b"\xff\xd8", b"\x89PNG")):  # others only say how long they will be
            assert wholeness(path) is UNFINISHED, f"nothing from {cut} on"


ODD = {
    "an empty file": (b"", "scan.pdf", UNFINISHED),
    "room set aside for a file": (bytes(5000), "scan.bin", UNFINISHED),
    "a name that promises a PDF": (b"%P", "scan.pdf", UNFINISHED),
    "a name in capitals that promises a photo": (b"\xff\xd8", "IMG_0001.JPG", UNFINISHED),
    "a web page that is called a PDF": (b"<html>no such page</html>", "scan.pdf", UNFINISHED),
    "a text": ("l'été".encode(), "note.txt", UNTOLD),
    "no name to go by": (b"\x00\xff", "numérisation du 3 mars", UNTOLD),
    "the first part of a PDF for the web": (linearized_head(), "scan.pdf", UNFINISHED),
    "a PDF with zeros behind its end": (pdf() + bytes(700), "scan.pdf", WHOLE),
    "a PDF with a line behind its end": (pdf() + b"\r\n% copier 3\r\n", "scan.pdf", WHOLE),
    "a PDF behind a printer's words": (b"\x1b%-12345X@PJL\r\n" + pdf(), "scan.pdf", WHOLE),
    "a PDF whose second version has begun": (pdf() + b"12 0 obj\n<< /Type /Page", "scan.pdf", UNFINISHED),
    "a photo with a film behind it": (photo() + b"MotionPhoto_Data" + bytes(9000), "photo.jpg", WHOLE),
    "a TIFF from the other end": (motorola_tiff(), "scan.tif", WHOLE),
    "a TIFF whose directory is not there yet": (b"II*\0\0\0\0\0" + bytes(4000), "scan.tif", UNFINISHED),
    "a TIFF that leads back to itself": (b"II*\0\x08\0\0\0\x01\0" + bytes(12) + b"\x08\0\0\0", "a.tif", UNFINISHED),
}


@pytest.mark.parametrize(("content", "name", "expected"), ODD.values(), ids=ODD)
def test_odd_files(tmp_path: Path, content: bytes, name: str, expected: Wholeness) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert wholeness(path) is expected


@given(st.sampled_from(sorted(KINDS)), st.lists(st.tuples(st.integers(0, 4000), st.binary(max_size=9)), max_size=6))
def test_whatever_stands_in_a_file_it_is_told(
    tmp_path_factory: pytest.TempPathFactory, kind: str, damage: list[tuple[int, bytes]]
) -> None:
    content = bytearray(KINDS[kind])
    for at, put in damage:
        content[at : at + len(put)] = put
    path = tmp_path_factory.mktemp("damaged") / "scan"
    path.write_bytes(content)
    assert wholeness(path) in set(Wholeness)


@pytest.mark.skipif("PORTEVOIX_CORPUS" not in os.environ, reason="PORTEVOIX_CORPUS names no folder of real files")
def test_every_scan_of_the_corpus_is_whole() -> None:
    folder = Path(os.environ["PORTEVOIX_CORPUS"]) / "scans"
    scans = [p for p in folder.rglob("*.*") if p.suffix.lower() in (".pdf", ".tif", ".tiff", ".jpg", ".png")]
    told = {path.name: wholeness(path) for path in scans}
    assert len(told) > 50
    assert {name for name, found in told.items() if found is not WHOLE} == {"invalid.pdf"}


# --- grown since -----------------------------------------------------------------------------------


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


GROWN = {
    "a PDF that was cut": (pdf("Plus")[:3000], pdf("Plus")),
    "a PDF with a version added": pdf_with_a_later_version("Plus", "de bancs"),
    "a TIFF with a page added": (tiff("Plus"), tiff("Plus", "de bancs")),
    "a TIFF with two pages added": (tiff("Plus"), tiff("Plus", "de", "bancs")),
    "a TIFF of two pages with one added": (tiff("Plus", "de"), tiff("Plus", "de", "bancs")),
    "a TIFF in the middle of its second page": (tiff("Plus", "de")[:-3000], tiff("Plus", "de", "bancs")),
    "an empty file": (b"", photo()),
    "a photo that was cut": (photo()[:9000], photo()),
}
STRANGERS = {
    "another page": (tiff("Moins"), tiff("Plus", "de bancs")),
    "the same in another order": (tiff("de bancs"), tiff("Plus", "de bancs")),
    "another photo": (picture("JPEG", "Moins"), photo()),
}


@pytest.mark.parametrize(("before", "after"), GROWN.values(), ids=GROWN)
def test_a_file_that_has_grown_is_known_by_its_beginning(tmp_path: Path, before: bytes, after: bytes) -> None:
    path = tmp_path / "scan"
    path.write_bytes(after)
    sizes = [len(before), len(before) // 2, len(after) // 3, len(after), 10 * len(after)]
    assert digest(before) in digests_of_beginnings(path, sizes)[len(before)]
    for size, digests in digests_of_beginnings(path, sizes).items():
        assert digest(after[:size]) in digests


@pytest.mark.parametrize(("before", "after"), STRANGERS.values(), ids=STRANGERS)
def test_a_file_like_another_one_has_not_grown_from_it(tmp_path: Path, before: bytes, after: bytes) -> None:
    path = tmp_path / "scan"
    path.write_bytes(after)
    assert digest(before) not in digests_of_beginnings(path, [len(before)]).get(len(before), ())


@given(st.binary(max_size=5000), st.lists(st.integers(0, 6000), max_size=12))
def test_beginnings_are_those_of_the_bytes(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, sizes: list[int]
) -> None:
    path = tmp_path_factory.mktemp("grown") / "scan"
    path.write_bytes(content)
    found = digests_of_beginnings(path, sizes)
    assert set(found) == {size for size in sizes if size < len(content)}
    assert all(digest(content[:size]) in digests for size, digests in found.items())


# --- strays ----------------------------------------------------------------------------------------

STRAYS = {
    StrayReason.SYSTEM: (
        "Thumbs.db",
        "THUMBS.DB",
        "ehthumbs.db",
        "ehthumbs_vista.db",
        "Thumbs.db:encryptable",
        "desktop.ini",
        "Desktop.ini",
        ".DS_Store",
        "._scan0001.pdf",
        ".nfs00000000012",
        ".scan.pdf.Xy12Zq",
        ".fuse_hidden0001",
        "scan.pdf:Zone.Identifier",
        "Icon\r",
    ),
    StrayReason.LOCK: ("~$lettre.docx", "~$LETTRE.DOC", ".~lock.lettre.odt#", "scan.pdf.lock", "base.laccdb"),
    StrayReason.UNFINISHED: (
        "SCAN0007.PDF.PART",
        "SCAN0008.TMP",
        "scan.pdf.part",
        "Non confirmé 88.crdownload",
        "Unconfirmed 88215.crdownload",
        "scan.pdf.FilePart",
        "scan.pdf.partial",
        "scan.pdf.tmp1",
        "scan.pdf.part.2",
        "scan.pdf.opdownload",
        "~WRL0001.tmp",
        "lettre.odt~",
        "#lettre#",
        "scan.pdf.Uploading",
        "scan.pdf.sb-1a2b3c4d-Xy12Zq",
        "scan.pdf.!sync",
    ),
}
SCANS = (
    "scan0001.pdf",
    "SCAN0001.PDF",
    "Part 2.pdf",
    "tmp.pdf",
    "partie.tmp.pdf",
    "desktop.pdf",
    "thumbs.db.pdf",
    "numérisation du 3 mars",
    "a~b.tif",
    "Mme ~ Le Gall.jpg",
    "unconfirmed.pdf",
    "locks.tif",
)


@pytest.mark.parametrize(("why", "name"), [(why, name) for why, names in STRAYS.items() for name in names])
def test_strays_are_known_by_their_names(why: StrayReason, name: str) -> None:
    assert stray_reason(name) is why


@pytest.mark.parametrize("name", SCANS)
def test_what_is_called_like_a_scan_is_one(name: str) -> None:
    assert stray_reason(name) is None
