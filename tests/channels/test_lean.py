"""Large mails: the same as read whole, their long attachments in files, and little memory whatever their size."""

import base64
import binascii
import os
import quopri
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from channels.email.message_file import open_mail
from channels.email.mime.problems import MailProblem
from channels.email.parse import Mail, parse_mail

HEAD = b"From: anne@poste.example\nSubject: Photos\nMIME-Version: 1.0\n"
MIXED = HEAD + b'Content-Type: multipart/mixed; boundary="b"\n\nno MIME\n--b\nContent-Type: text/plain\n\nDes bancs.\n'
PHOTO = bytes(range(256)) * 5000
LINES = b"ligne = une, ligne deux \xe9\n" * 50_000
WITHIN = b'From: rose@poste.example\nContent-Type: multipart/mixed; boundary="b2"\n\n--b2\n\nUn bus.\n--b2\n'


def part(kind: str, body: bytes, encoding: str = "", name: str = "f") -> bytes:
    said = f"Content-Transfer-Encoding: {encoding}\n" if encoding else ""
    return f'--b\nContent-Type: {kind}; name="{name}"\n{said}\n'.encode() + body + b"\n"


def uuencoded(content: bytes) -> bytes:
    lines = [binascii.b2a_uu(content[start : start + 45]) for start in range(0, len(content), 45)]
    return b"begin 644 f\n" + b"".join(lines) + b"`\nend"


JPEG = part("image/jpeg", base64.encodebytes(PHOTO), "base64")
SHAPES = {
    "base64": MIXED + JPEG + b"--b--\n",
    "base64 in one line": MIXED + part("image/jpeg", base64.b64encode(PHOTO), "Base64") + b"--b--\n",
    "base64 without its padding": MIXED + part("image/jpeg", base64.b64encode(PHOTO).rstrip(b"="), "base64") + b"--b--",
    "quoted-printable": MIXED + part("application/x", quopri.encodestring(LINES), "quoted-printable") + b"--b--\n",
    "quoted-printable, one line": MIXED
    + part("application/x", quopri.encodestring(LINES.replace(b"\n", b"=0A")).replace(b"=\n", b""), "quoted-printable")
    + b"--b--",
    "8-bit, an attached text": MIXED + part("text/csv", LINES) + b"--b--\n",
    "binary with NULs": MIXED + part("application/octet-stream", PHOTO.replace(b"\r", b"x"), "binary") + b"--b--\n",
    "uuencoded": MIXED + part("application/octet-stream", uuencoded(PHOTO), "x-uuencode") + b"--b--\n",
    "nothing but the file": HEAD
    + b"Content-Type: image/jpeg\nContent-Transfer-Encoding: base64\n\n"
    + base64.encodebytes(PHOTO),
    "several, and a text between": MIXED + JPEG + b"--b\n\nEt des arbres.\n" + JPEG + b"--b--\nepilogue\n",
    "never closed": MIXED + JPEG,
    "its part has no head": MIXED + JPEG + b"--b\nno header: at all\nbut this is none\n--b--\n",
    "nested": MIXED + b'--b\nContent-Type: multipart/related; boundary="b2"\n\n--b2\n' + JPEG[4:] + b"--b2--\n--b--\n",
    "a boundary within an unclosed part": MIXED
    + b'--b\nContent-Type: multipart/related; boundary="b2"\n\n--b2\n'
    + JPEG[4:]
    + b"--b\n\nEt des arbres.\n--b--\n",
    "a header that no sender can guess": MIXED.replace(b"Subject", b"X-Kept-As: ../../etc/passwd\nSubject")
    + JPEG.replace(b"\n\n", b"\nX-Kept-As: a\nX-Kept-As: b\n\n", 1)
    + b"--b--\n",
    "windows lines": (MIXED + JPEG + b"--b--\n").replace(b"\n", b"\r\n"),
    "forwarded as an attachment": MIXED
    + part("message/rfc822", WITHIN + JPEG[4:].replace(b"--b", b"--b2") + b"--b2--\n")
    + b"--b--\n",
}


def whole(mail: Mail) -> Mail:
    """A mail with the contents of its files in it."""
    loaded = [replace(one, payload=one.path.read_bytes(), path=None) if one.path else one for one in mail.attachments]
    return replace(mail, attachments=tuple(loaded))


@pytest.mark.parametrize("raw", SHAPES.values(), ids=SHAPES)
def test_a_large_mail_is_the_same_as_one_read_whole(tmp_path: Path, raw: bytes) -> None:
    assert len(raw) > 1_000_000
    path = tmp_path / "mail"
    path.write_bytes(raw)
    mail = open_mail(path, tmp_path)
    assert any(one.path for one in mail.attachments)
    assert whole(mail) == parse_mail(raw)


def repeated(start: bytes, again: bytes, end: bytes, size: int) -> Iterator[bytes]:
    yield start
    for _ in range(size // len(again)):
        yield again
    yield end


LINE = b"QUJD" * 19 + b"\n"
HUGE, LARGE = 40_000_000, 8_000_000
DROPPED = {MailProblem.CUT, MailProblem.MANY_PARTS}
BOMBS: dict[str, tuple[Iterator[bytes], int, set[MailProblem]]] = {
    "one photo": (repeated(MIXED + b"--b\nContent-Type: image/jpeg\n\n", LINE, b"--b--\n", HUGE), 1, set()),
    "one line": (
        repeated(MIXED + b"--b\nContent-Type: image/jpeg\n\n", b"QUJD" * 25_000, b"\n--b--\n", HUGE),
        1,
        set(),
    ),
    "a text without end": (repeated(HEAD + b"\n", b"Des bancs. " * 9 + b"\n", b"", LARGE), 0, {MailProblem.CUT}),
    "HTML without end": (
        repeated(HEAD + b"Content-Type: text/html\n\n", b"<b>Des bancs.", b"", LARGE),
        0,
        {MailProblem.CUT},
    ),
    "thousands of attachments": (repeated(MIXED, JPEG[:9000] + b"\n", b"--b--\n", HUGE), 498, DROPPED),
    "headers without end": (repeated(HEAD, b"X-Spam: no\n", b"\nDes bancs.\n", LARGE), 0, {MailProblem.CUT}),
    "one header without end": (
        repeated(HEAD + b"X-Spam: ", b"no" * 50, b"\n\nDes bancs.\n", LARGE),
        0,
        {MailProblem.CUT},
    ),
    "multiparts within multiparts": (
        repeated(HEAD, b'Content-Type: multipart/mixed; boundary="b"\n\n--b\n', b"\n\nDes bancs.\n", LARGE),
        0,
        DROPPED,
    ),
    "forwarded in forwarded": (
        repeated(HEAD, b"Content-Type: message/rfc822\n\n", b"\n\nx", LARGE),
        21,
        {MailProblem.MANY_PARTS},
    ),
}
MOST_GROWTH = 60_000_000
"""Bytes that reading a mail may take, whatever its size: the parser's copies of what is left of it."""
MEASURE = """
import resource, sys
from pathlib import Path
from channels.email.message_file import open_mail
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
folder = Path(sys.argv[1])
(folder / "small").write_bytes(b"From: a@b.example\\n\\nx")
open_mail(folder / "small", folder)
before = peak()
mail = open_mail(folder / "mail", folder)
print(peak() - before, len(mail.attachments), *(problem.name for problem in mail.problems))
"""


@pytest.mark.parametrize(("pieces", "files", "problems"), BOMBS.values(), ids=BOMBS)
def test_no_mail_takes_much_memory(
    tmp_path: Path, pieces: Iterator[bytes], files: int, problems: set[MailProblem]
) -> None:
    with (tmp_path / "mail").open("wb") as file:
        file.writelines(pieces)
    assert (tmp_path / "mail").stat().st_size > 0.9 * LARGE
    told = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path)], capture_output=True, text=True, check=True, env=dict(os.environ)
    ).stdout.split()
    assert int(told[0]) < MOST_GROWTH
    assert int(told[1]) == files
    assert problems <= {MailProblem[name] for name in told[2:]}


def test_what_is_written_behind_many_forwarded_messages_is_kept_whole(tmp_path: Path) -> None:
    forwarded = b"".join(
        b"--b\nContent-Type: message/rfc822\n\nSubject: %d\n\nAvis.\n" % number for number in range(40)
    )
    said = b"--b\nContent-Type: text/plain\n\nUn banc.\nUn arbre.\nUn tram.\n"
    (tmp_path / "mail").write_bytes(MIXED + forwarded + said + JPEG + b"--b--\n")
    mail = open_mail(tmp_path / "mail", tmp_path)
    assert mail.body == "Des bancs.\n\nUn banc.\nUn arbre.\nUn tram." + "\n\nAvis." * 30
    assert MailProblem.MANY_PARTS in mail.problems
    assert MailProblem.CUT not in mail.problems
