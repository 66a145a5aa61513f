"""Scanned files that nobody scanned: bombs, loops, cut and mislabelled files, by name."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from PIL import Image

Make = Callable[[], bytes]


def _png(width: int, height: int, *, data: bytes | None = None, depth: int = 8, colour: int = 0) -> bytes:
    """A PNG that says it is so large, with data of its own or none worth the name."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    packed = zlib.compress(bytes(1000)) if data is None else data
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


def _zeros(size: int) -> bytes:
    """So many zeros, packed."""
    packer = zlib.compressobj(9)
    block = bytes(1 << 20)
    packed = [packer.compress(block) for _ in range(size >> 20)]
    return b"".join([*packed, packer.flush()])


def _picture(kind: str, size: tuple[int, int] = (400, 300), **more: object) -> bytes:
    out = io.BytesIO()
    Image.new("L", size, 255).save(out, kind, **more)
    return out.getvalue()


def _pdf(*objects: bytes, root: int = 1, trailer: bytes = b"") -> bytes:
    """A PDF of these objects, numbered from 1, with a table of where they are."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Size %d /Root %d 0 R %s >>" % (len(objects) + 1, root, trailer)
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end + b"\nstartxref\n%d\n%%%%EOF" % len(out)  # fmt: skip # noqa: E501


def _stream(data: bytes, more: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n" % (len(data), more) + data + b"\nendstream"


CATALOG, PAGES = b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"


def _page(box: bytes = b"0 0 595 842", more: bytes = b"") -> bytes:
    return b"<< /Type /Page /Parent 2 0 R /MediaBox [" + box + b"] /Contents 4 0 R " + more + b">>"


def _one_page(content: bytes, box: bytes = b"0 0 595 842", more: bytes = b"", *objects: bytes) -> bytes:
    return _pdf(CATALOG, PAGES, _page(box, more), _stream(content), *objects)


def _many_pages(count: int, kids: int | None = None) -> bytes:
    pages = b"<< /Type /Pages /Kids [" + b"3 0 R " * (kids or count) + b"] /Count %d >>" % count
    return _pdf(CATALOG, pages, _page(), _stream(b""))


def _image(width: int, height: int, data: bytes, filters: bytes) -> bytes:
    named = (
        b"/Type /XObject /Subtype /Image /ColorSpace /DeviceGray /BitsPerComponent 8 /Width %d /Height %d /Filter %s"
    )
    return _pdf(
        CATALOG, PAGES, _page(more=b"/Resources << /XObject << /I 5 0 R >> >> "), _stream(b"595 0 0 842 0 0 cm /I Do"),
        _stream(data, named % (width, height, filters)),
    )  # fmt: skip


def _form_calls_itself() -> bytes:
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F 5 0 R >> >>"
    more = b"/Resources << /XObject << /F 5 0 R >> >> "
    return _one_page(b"/F Do", b"0 0 595 842", more, _stream(b"/F Do /F Do", form))


def _forms_in_forms(depth: int) -> bytes:
    """Each draws the next one ten times."""
    forms = [
        _stream(b"/F Do " * 10, b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F %d 0 R >> >>" % (6 + n))  # noqa: E501
        for n in range(depth)
    ]  # fmt: skip
    last = _stream(b"0 0 9 9 re f", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9]")
    return _one_page(b"/F Do", b"0 0 595 842", b"/Resources << /XObject << /F 5 0 R >> >> ", *forms, last)


def _tiff(width: int, height: int, *, compression: int = 1, strips: bytes = b"\0" * 100, following: int = 0) -> bytes:
    """A TIFF of one page that says it is so large; ``following`` is where the next one would be."""
    tags = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, compression), (262, 3, 1), (273, 4, 8),
            (277, 3, 1), (278, 4, height), (279, 4, len(strips))]  # fmt: skip
    at = 8 + len(strips)
    rows = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return (
        b"II*\0" + struct.pack("<I", at) + strips + struct.pack("<H", len(tags)) + rows + struct.pack("<I", following)
    )


def _tiff_loop() -> bytes:
    strips = b"\0" * 100
    return _tiff(10, 10, strips=strips, following=8 + len(strips))


def _tiff_pages(count: int) -> bytes:
    page = Image.new("1", (20, 20), 1)
    out = io.BytesIO()
    page.save(out, "TIFF", save_all=True, append_images=[page] * (count - 1), compression="group4")
    return out.getvalue()


def _jpeg_of(width: int, height: int) -> bytes:
    """A small JPEG whose head says that it is so large."""
    raw = bytearray(_picture("JPEG"))
    at = raw.index(b"\xff\xc0")
    raw[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(raw)


def _gif(width: int, height: int, frames: int = 1) -> bytes:
    out = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x44\x01\x00"
    return out + frame * frames + b"\x3b"


def _zip(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return out.getvalue()


def _nested(times: int) -> bytes:
    packed = bytes(1 << 22)
    for _ in range(times):
        packed = zlib.compress(packed, 9)
    return packed


def _bmp(width: int, height: int) -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 2835, 2835, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + head + bytes(300)


def _webp(width: int, height: int) -> bytes:
    body = (
        b"VP8X"
        + struct.pack("<I", 10)
        + bytes(4)
        + (width - 1).to_bytes(3, "little")
        + (height - 1).to_bytes(3, "little")
    )
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _heic(width: int, height: int) -> bytes:
    """A HEIC's beginning that says its picture is so large."""
    ispe = struct.pack(">I4sIII", 20, b"ispe", 0, width, height)
    inner = struct.pack(">I4s", 8 + len(ispe), b"ipco") + ispe
    meta = struct.pack(">I4sI", 12 + 8 + len(inner), b"meta", 0) + struct.pack(">I4s", 8 + len(inner), b"iprp") + inner
    return struct.pack(">I4s4sI4s", 20, b"ftyp", b"heic", 0, b"heic") + meta


def _page_tree_loop() -> bytes:
    return _pdf(CATALOG, b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>")


def _page_tree_deep(depth: int) -> bytes:
    nodes = [b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (3 + n) for n in range(depth)]
    return _pdf(CATALOG, *nodes, b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 9 9] >>" % (1 + depth))


def _object_stream(size: int) -> bytes:
    return _pdf(
        CATALOG,
        PAGES,
        _page(),
        _stream(b""),
        _stream(_zeros(size), b"/Type /ObjStm /N 1000000 /First 9 /Filter /FlateDecode"),
    )


def _ppm(width: int, height: int) -> bytes:
    return b"P6\n%d %d\n255\n" % (width, height) + bytes(300)


def _coloured_pixels(kind: str, side: int) -> bytes:
    """A picture in one colour, that packs to nothing, of as many pixels as are allowed."""
    out = io.BytesIO()
    more = {"compression": "tiff_deflate"} if kind == "TIFF" else {}
    Image.new("RGB", (side, side), (200, 30, 30)).save(out, kind, **more)
    return out.getvalue()


def _packed_form(size: int) -> bytes:
    """A page that draws a piece which unpacks to so much."""
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Filter /FlateDecode"
    more = b"/Resources << /XObject << /F 5 0 R >> >> "
    return _one_page(b"/F Do", b"0 0 595 842", more, _stream(_zeros(size), form))


SCRIPT = b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (while\\(1\\){}) >> >>"
LAUNCH = b"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /Launch /F (/bin/sh) >> >>"
ENCRYPTED = b"/Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -4 /O (%s) /U (%s) >> /ID [(a) (a)]" % (
    b"o" * 32,
    b"u" * 32,
)

HOSTILE: dict[str, Make] = {
    # PDF: sizes, loops, depth
    "pdf: a page of two kilometres": lambda: _one_page(b"0 0 9 9 re f", b"0 0 6000000 6000000"),
    "pdf: a page of a million by one": lambda: _one_page(b"0 0 9 9 re f", b"0 0 1000000 1"),
    "pdf: a page without extent": lambda: _one_page(b"0 0 9 9 re f", b"0 0 0 0"),
    "pdf: a page turned inside out": lambda: _one_page(b"0 0 9 9 re f", b"900 900 -900 -900"),
    "pdf: a page of no numbers": lambda: _one_page(b"0 0 9 9 re f", b"/a /b /c /d"),
    "pdf: a page of 1e38": lambda: _one_page(b"0 0 9 9 re f", b"0 0 1e38 1e38"),
    "pdf: ten thousand pages": lambda: _many_pages(10_000),
    "pdf: says a billion pages": lambda: _many_pages(1_000_000_000, 1),
    "pdf: says fewer pages than none": lambda: _many_pages(-5, 1),
    "pdf: a tree of pages that is its own branch": _page_tree_loop,
    "pdf: a tree of pages 5,000 deep": lambda: _page_tree_deep(5_000),
    "pdf: a form that draws itself": _form_calls_itself,
    "pdf: forms in forms, a thousand million times": lambda: _forms_in_forms(9),
    "pdf: 500,000 saved states": lambda: _one_page(b"q " * 500_000),
    "pdf: 2,000,000 lines": lambda: _one_page(b"0 0 m 595 842 l S\n" * 200_000),
    "pdf: arrays in arrays, 100,000 deep": lambda: _one_page(b"[" * 100_000 + b"]" * 100_000 + b" TJ"),
    "pdf: dictionaries in dictionaries": lambda: _pdf(
        b"<</A" * 20_000 + b"1" + b">>" * 20_000, PAGES, _page(), _stream(b"")
    ),
    # PDF: packed
    "pdf: an object stream of 256 MB": lambda: _object_stream(256 << 20),
    "pdf: content of 512 MB, packed": lambda: _pdf(
        CATALOG, PAGES, _page(), _stream(_zeros(512 << 20), b"/Filter /FlateDecode")
    ),
    "pdf: content packed three times": lambda: _pdf(
        CATALOG, PAGES, _page(), _stream(_nested(3), b"/Filter [/FlateDecode /FlateDecode /FlateDecode]")
    ),
    "pdf: content packed a hundred times": lambda: _pdf(
        CATALOG, PAGES, _page(), _stream(_nested(1), b"/Filter [" + b"/FlateDecode " * 100 + b"]")
    ),
    "pdf: a picture of 60,000 by 60,000": lambda: _image(60_000, 60_000, _zeros(64 << 20), b"/FlateDecode"),
    "pdf: a picture of 9,999 by 9,999, packed": lambda: _image(9_999, 9_999, _zeros(96 << 20), b"/FlateDecode"),
    "pdf: a picture of a billion across": lambda: _image(1_000_000_000, 1, b"x", b"/FlateDecode"),
    "pdf: a picture of fewer than none": lambda: _image(-5, -5, b"x", b"/FlateDecode"),
    "pdf: a JPEG picture that says 65,500": lambda: _image(65_500, 65_500, _jpeg_of(65_500, 65_500), b"/DCTDecode"),
    "pdf: a JBIG2 picture of rubbish": lambda: _image(5_000, 5_000, bytes(range(256)) * 40, b"/JBIG2Decode"),
    "pdf: a JPEG 2000 picture of rubbish": lambda: _image(5_000, 5_000, bytes(range(256)) * 40, b"/JPXDecode"),
    "pdf: a fax picture of rubbish": lambda: _image(50_000, 50_000, bytes(range(256)) * 40, b"/CCITTFaxDecode"),
    "pdf: a piece of 512 MB, packed": lambda: _packed_form(512 << 20),
    "pdf: a picture of 300 MB in colours, packed": lambda: _image(
        9_999, 9_999, _zeros(287 << 20), b"/FlateDecode"
    ).replace(b"/DeviceGray", b"/DeviceRGB "),
    "pdf: XFA of 512 MB, packed": lambda: _pdf(
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [] /XFA 5 0 R >> >>",
        PAGES,
        _page(),
        _stream(b""),
        _stream(_zeros(512 << 20), b"/Filter /FlateDecode"),
    ),
    # PDF: what it asks for
    "pdf: a script that never ends": lambda: _pdf(SCRIPT, PAGES, _page(), _stream(b"0 0 9 9 re f")),
    "pdf: starts a program": lambda: _pdf(LAUNCH, PAGES, _page(), _stream(b"0 0 9 9 re f")),
    "pdf: locked": lambda: _pdf(CATALOG, PAGES, _page(), _stream(b""), trailer=ENCRYPTED),
    "pdf: locked by what nobody knows": lambda: _pdf(
        CATALOG, PAGES, _page(), _stream(b""), trailer=b"/Encrypt << /Filter /Ours >>"
    ),
    "pdf: content from a file of the machine": lambda: _pdf(CATALOG, PAGES, _page(), _stream(b"", b"/F (/etc/passwd)")),
    # PDF: damaged, or something else too
    "pdf: only its beginning": lambda: b"%PDF-1.7\n",
    "pdf: cut in the middle": lambda: _one_page(b"0 0 9 9 re f" * 1000)[:3_000],
    "pdf: its table points behind its end": lambda: _one_page(b"").replace(b"startxref\n", b"startxref\n99999999"),
    "pdf: its table points at itself": lambda: _one_page(b"") + b"\ntrailer << /Prev 9 >>\nstartxref\n9\n%%EOF",
    "pdf: a thousand bytes of something before it": lambda: b"MZ" + bytes(1000) + _one_page(b"0 0 9 9 re f"),
    "pdf: and a zip": lambda: _one_page(b"0 0 9 9 re f") + _zip(a=b"b" * 1000),
    "pdf: behind a JPEG's beginning": lambda: b"\xff\xd8\xff\xe0" + _one_page(b"0 0 9 9 re f"),
    # PNG
    "png: 100,000 by 100,000": lambda: _png(100_000, 100_000),
    "png: 20,000 by 20,000, packed": lambda: _png(20_000, 20_000, data=_zeros(400 << 20)),
    "png: two thousand million across": lambda: _png(0x7FFFFFFF, 1),
    "png: no extent": lambda: _png(0, 0),
    "png: more data than it says": lambda: _png(10, 10, data=_zeros(256 << 20)),
    "png: cut": lambda: _picture("PNG")[:60],
    "png: an unknown colour": lambda: _png(100, 100, colour=5, depth=3),
    # TIFF
    "tiff: 200,000 by 200,000": lambda: _tiff(200_000, 200_000),
    "tiff: a page whose next is itself": _tiff_loop,
    "tiff: two thousand pages": lambda: _tiff_pages(2_000),
    "tiff: packed in an unknown way": lambda: _tiff(100, 100, compression=60_000),
    "tiff: deflated rubbish": lambda: _tiff(5_000, 5_000, compression=8, strips=bytes(range(256))),
    "tiff: a deflated bomb": lambda: _tiff(9_000, 9_000, compression=8, strips=_zeros(128 << 20)),
    "tiff: its pages lie behind its end": lambda: b"II*\0\xff\xff\xff\x7f" + bytes(50),
    # JPEG
    "jpeg: says 65,500 by 65,500": lambda: _jpeg_of(65_500, 65_500),
    "jpeg: says no extent": lambda: _jpeg_of(0, 0),
    "jpeg: cut": lambda: _picture("JPEG", (2_000, 2_000))[:900],
    "jpeg: ends in a program": lambda: _picture("JPEG") + b"\x7fELF" + bytes(5_000),
    "jpeg: a thousand comments": lambda: (
        b"\xff\xd8" + (b"\xff\xfe\x00\x10" + b"x" * 14) * 100_000 + _picture("JPEG")[2:]
    ),
    "jpeg: as many pixels in colours as are allowed": lambda: _coloured_pixels("JPEG", 9_999),
    "png: as many pixels in colours as are allowed": lambda: _coloured_pixels("PNG", 8_600),
    "tiff: as many pixels in colours as are allowed": lambda: _coloured_pixels("TIFF", 8_600),
    "png: 16 bits, as many pixels as are allowed": lambda: _png(9_999, 9_999, data=_zeros(192 << 20), depth=16),
    "tiff: a palette as large as is allowed": lambda: _tiff(9_999, 9_999, compression=8, strips=_zeros(96 << 20)),
    # Others
    "gif: 65,535 by 65,535": lambda: _gif(65_535, 65_535),
    "gif: a hundred thousand frames": lambda: _gif(16, 16, 100_000),
    "webp: 16,383 by 16,383": lambda: _webp(16_383, 16_383),
    "webp: cut": lambda: _picture("WEBP")[:30],
    "heic: says 60,000 by 60,000": lambda: _heic(60_000, 60_000),
    "bmp: 60,000 by 60,000": lambda: _bmp(60_000, 60_000),
    "bmp: fewer than none high": lambda: _bmp(100, -2_000_000_000),
    "ppm: 90,000 by 90,000": lambda: _ppm(90_000, 90_000),
    # Nothing that is scanned
    "a zip called a scan": lambda: _zip(**{"scan.pdf": b"0" * 10_000_000}),
    "zeros": lambda: bytes(1 << 20),
    "nothing": lambda: b"",
    "gzip of a gigabyte": lambda: gzip.compress(bytes(64 << 20), 9) * 16,
}
"""Every kind of file that must be refused or cut short with a reason, by what it is."""

ONE_OF_EACH_KIND = (
    "pdf: a page of two kilometres",
    "pdf: a picture of 60,000 by 60,000",
    "png: 100,000 by 100,000",
    "tiff: a page whose next is itself",
    "jpeg: says 65,500 by 65,500",
    "gif: 65,535 by 65,535",
    "heic: says 60,000 by 60,000",
    "a zip called a scan",
)
"""What ``make test`` tries; the others come with ``make soak ONLY=hostile``."""
