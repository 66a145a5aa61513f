"""What a file is, told by its content alone: sound and film of every kind, letters, and files made to mislead."""

import random
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from tests.transcription.documents import odf, tar, typed_docx, zipped
from transcription.audio.sound import SpeechLimits, decode_sound
from transcription.base import programs
from transcription.base.containers import opened_containers
from transcription.base.file_types import UNKNOWN, Family, is_file, type_of, types_of
from transcription.base.values import EngineMissing, TooSlow

SOUNDS = {
    # Container, and what ffmpeg is asked for.
    "a Mac's memo (caf)": ("caf", ["-c:a", "alac"]),
    "a film of an iPhone (mov)": ("mov", ["-c:a", "aac"]),
    "Matroska": ("matroska", ["-c:a", "libopus"]),
    "Windows Media": ("asf", ["-c:a", "wmav2"]),
    "8 kHz MP3 without a tag": ("mp3", ["-ar", "8000", "-id3v2_version", "0", "-write_xing", "0"]),
    "3GPP": ("3gp", ["-c:a", "aac"]),
    "bare AAC": ("adts", ["-c:a", "aac"]),
    "WavPack": ("wv", []),
    "True Audio": ("tta", []),
    "RealMedia": ("rm", ["-c:a", "ac3"]),
    "Flash": ("flv", ["-c:a", "mp3", "-ar", "44100"]),
    "a broadcast's stream": ("mpegts", ["-c:a", "aac"]),
    "Creative's": ("voc", ["-c:a", "pcm_u8"]),
    "Speex's Ogg": ("ogg", ["-c:a", "libopus"]),
    "Sun's": ("au", []),
    "NUT": ("nut", ["-c:a", "aac"]),
}


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tone") / "tone.wav"
    _ffmpeg("-f", "lavfi", "-i", "sine=440:duration=1", "-ar", "16000", str(path))
    return path


def _ffmpeg(*arguments: str) -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-nostdin", *arguments], check=True)


@pytest.mark.parametrize(("container", "options"), SOUNDS.values(), ids=SOUNDS)
def test_what_ffmpeg_opens_is_heard(tone: Path, tmp_path: Path, container: str, options: list[str]) -> None:
    path = tmp_path / "attachment-1"  # no name that could tell
    _ffmpeg("-i", str(tone), *options, "-f", container, str(path))
    assert type_of(path).family is Family.RECORDING
    assert decode_sound(path, tmp_path / "pcm", 16_000, SpeechLimits()).seconds > 0.9


WORD97 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + b"\x3e\x00\x03\x00\xfe\xff\x09\x00" + bytes(1500)


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


FILES = {
    "words": ("Des bancs à l'ombre.\n".encode(), Family.TEXT),
    "words in Latin-1": ("Des bancs à l'été.\n".encode("latin-1"), Family.TEXT),
    "words in UTF-16": ("Des bancs à l'été.\n".encode("utf-16"), Family.TEXT),
    "a table": (b"rue;bancs\nSiam;3\nFoch;5\n", Family.TEXT),
    "a list in Markdown": (b"# Bancs\n\n- rue de Siam\n- place Wilson\n", Family.TEXT),
    "data of a program": (b'{"avis": "des bancs"}', Family.TEXT),
    "a page": (b"<!DOCTYPE html><html><body>Des bancs</body></html>", Family.HTML),
    "a mail": (b"From: a@b.example\nTo: c@d.example\nSubject: Bancs\nDate: x\n\nOui\n", Family.MESSAGE),
    "rich text": (rb"{\rtf1\ansi Des bancs}", Family.DOCUMENT),
    "Word": (typed_docx("Des bancs"), Family.DOCUMENT),
    "Word of before 2007": (WORD97, Family.DOCUMENT),
    "OpenDocument": (odf("text", "<x/>"), Family.DOCUMENT),
    "any zip": (zipped({"a.txt": "x"}), Family.DOCUMENT),
    "a tape": (tar(["a", "b"]), Family.ARCHIVE),
    "a PDF": (b"%PDF-1.4\n%\xe2\xe3\n1 0 obj\n<<>>\nendobj\n", Family.PDF),
    "a PDF in ASCII": (b"%PDF-1.3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n", Family.PDF),
    "a picture": (_png(), Family.PICTURE),
    "Outlook's parcel": (bytes.fromhex("789f3e22") + bytes(60), Family.PACKED),
    "somebody's card": (b"BEGIN:VCARD\nVERSION:3.0\nFN:Anne\nEND:VCARD\n", Family.OTHER),
    "an appointment": (b"BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n", Family.OTHER),
    "a drawing in PostScript": (b"%!PS-Adobe-3.0\n%%BoundingBox: 0 0 9 9\n(bancs) show\n", Family.OTHER),
    "nothing": (b"", Family.EMPTY),
    "noise": (random.Random(8).randbytes(5000), Family.OTHER),
    "a list of tracks": (b"#EXTM3U\n#EXTINF:1,x\nfile:///etc/hostname\n", Family.TEXT),
}  # fmt: skip


def test_files_of_every_kind_in_one_look(tmp_path: Path) -> None:
    paths = []
    for number, (content, _) in enumerate(FILES.values()):
        paths.append(tmp_path / str(number))
        paths[-1].write_bytes(content)
    found = dict(zip(FILES, (kind.family for kind in types_of(paths)), strict=True))
    assert found == {name: family for name, (_, family) in FILES.items()}


def test_names_that_try_to_be_options_or_lines_are_names(tmp_path: Path) -> None:
    for name in ("-f", "--help", "a\nb", "x; y"):
        path = tmp_path / name
        path.write_bytes(b"Des bancs.\n")
        assert type_of(path).family is Family.TEXT


def test_no_container_is_opened_that_names_other_files() -> None:
    named = set(opened_containers().split(","))
    assert {"wav", "caf", "asf", "wv"} <= named
    assert not {"concat", "hls", "dash", "image2", "sdp", "tty", "png_pipe"} & named


def test_where_libmagic_takes_too_long_ffprobe_is_asked_and_else_nobody_knows(
    tone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = tmp_path / "words"
    words.write_bytes(b"Des bancs.\n")
    real = programs.run_limited

    def file_hangs(argv, **limits):
        if argv[0] == "file":
            raise programs.LimitedTooSlow("file", "took too long")
        return real(argv, **limits)

    monkeypatch.setattr(programs, "run_limited", file_hangs)
    with pytest.raises(TooSlow):
        programs.run_program(["file"], seconds=1, memory_mb=100)
    assert [kind.family for kind in types_of([tone, words])] == [Family.RECORDING, Family.OTHER]
    assert type_of(words) == UNKNOWN


def test_without_the_programs_files_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(argv, **_limits):
        raise programs.NotInstalled(argv[0], "is not installed")

    (tmp_path / "words").write_bytes(b"Des bancs.\n")
    monkeypatch.setattr(programs, "run_limited", missing)
    with pytest.raises(EngineMissing):
        type_of(tmp_path / "words")
    assert not is_file(b"%PDF-1.4\n")


@pytest.mark.parametrize(
    ("raw", "called"),
    [(b"%PDF-1.4\n%\xe2\xe3\n", True), (rb"{\rtf1 x}", True), (_png(), True), (b"* un\n* deux\n", False)],
)
def test_what_is_called_text(raw: bytes, called: bool) -> None:
    assert is_file(raw) is called
