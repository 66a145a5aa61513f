"""Small whole files of every kind that libraries and programs open, and what damage does to them."""

from __future__ import annotations

import io
import math
import random
import struct
import wave
import zipfile
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw

from config.sandbox.limited_process import run_limited
from transcription.audio.sound import SpeechLimits, decode_sound
from transcription.base.file_types import type_of
from transcription.documents.document_text import read_document
from transcription.pages.page_images import open_pages

Read = Callable[[Path, Path], object]
_INTERESTING = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def damaged_file(whole: bytes, chance: random.Random) -> bytes:
    """A file with a few bytes changed, numbers put to extremes, pieces lost, doubled, or put elsewhere."""
    raw = bytearray(whole)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        at = chance.randrange(len(raw) or 1)
        length = chance.choice((1, 2, 4, 16, 256))
        match chance.randrange(6):
            case 0:
                raw[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                number = struct.pack(chance.choice(("<I", ">I")), chance.choice(_INTERESTING))
                raw[at : at + 4] = number
            case 2:
                del raw[at : at + length]
            case 3:
                raw[at:at] = raw[at : at + length] * chance.choice((1, 2, 50))
            case 4:
                del raw[at:]
            case _:
                other = chance.randrange(len(raw) or 1)
                raw[at : at + length] = raw[other : other + length]
    return bytes(raw)


def _picture(kind: str, **more: object) -> Callable[[Path], bytes]:
    def make(_folder: Path) -> bytes:
        image = Image.new("RGB", (320, 200), "white")
        ImageDraw.Draw(image).text((20, 20), "Des bancs, svp", fill="navy")
        file = io.BytesIO()
        image.save(file, kind, **more)
        return file.getvalue()

    return make


def _wave() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        samples = (int(9000 * math.sin(at / 9)) for at in range(4000))
        sound.writeframes(b"".join(struct.pack("<h", one) for one in samples))
    return file.getvalue()


def _sound(suffix: str) -> Callable[[Path], bytes]:
    def make(folder: Path) -> bytes:
        (folder / "made.wav").write_bytes(_wave())
        given, made = folder / "made.wav", folder / f"made.{suffix}"
        run_limited(
            ["ffmpeg", "-v", "error", "-y", "-i", str(given), "-ar", "48000", str(made)],
            seconds=60,
            memory_mb=2000,
            reads=[given],
            writes=[folder],
        )
        return made.read_bytes()

    return make


def _zipped(**files: str) -> Callable[[Path], bytes]:
    def make(_folder: Path) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in files.items():
                archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), text)
        return file.getvalue()

    return make


_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_DOCX = _zipped(
    word__document_xml=f'<w:document xmlns:w="{_W}"><w:body><w:p><w:r><w:t>Des bancs</w:t></w:r></w:p></w:body>'
    "</w:document>"
)
_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_ODT = _zipped(
    mimetype="application/vnd.oasis.opendocument.text",
    content_xml=f'<o:document-content xmlns:o="{_ODF}:office:1.0" xmlns:t="{_ODF}:text:1.0">'
    "<o:body><o:text><t:p>Des bancs</t:p></o:text></o:body></o:document-content>",
)


def _rich_text(_folder: Path) -> bytes:
    return rb"{\rtf1\ansi{\fonttbl\f0 Arial;}{\*\generator x;}\f0 Des bancs \'e9t\'e9\par{\field{\fldrslt x}}\bin3 abc}"


def _pages(path: Path, own: Path) -> object:
    return open_pages(path, own)


def _words(path: Path, _own: Path) -> object:
    return read_document(path)


def _samples(path: Path, own: Path) -> object:
    type_of(path)
    return decode_sound(path, own / "sound.pcm", 8000, SpeechLimits(open_seconds=20))


KINDS: dict[str, tuple[Callable[[Path], bytes], Read]] = {
    "PNG": (_picture("PNG"), _pages),
    "JPEG": (_picture("JPEG"), _pages),
    "TIFF": (_picture("TIFF", compression="tiff_lzw"), _pages),
    "fax": (lambda _: _fax(), _pages),
    "GIF": (_picture("GIF"), _pages),
    "WebP": (_picture("WEBP"), _pages),
    "JPEG 2000": (_picture("JPEG2000"), _pages),
    "PDF": (_picture("PDF"), _pages),
    "DOCX": (_DOCX, _words),
    "ODT": (_ODT, _words),
    "RTF": (_rich_text, _words),
    "WAV": (lambda _: _wave(), _samples),
    "Opus": (_sound("ogg"), _samples),
    "MP3": (_sound("mp3"), _samples),
    "M4A": (_sound("m4a"), _samples),
    "FLAC": (_sound("flac"), _samples),
}
"""How a whole file of each kind is made, and what reads it."""


def _fax() -> bytes:
    file = io.BytesIO()
    Image.new("1", (320, 200), 1).save(file, "TIFF", compression="group4")
    return file.getvalue()
