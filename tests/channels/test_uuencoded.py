"""Files that stand in the text of a mail itself."""

import binascii

import pytest

from channels.email.encoding.uuencoded import extract_uuencoded_files
from channels.email.parse import parse_mail


def uu(name: str, content: bytes, end: str = "`\nend\n") -> bytes:
    lines = [binascii.b2a_uu(content[start : start + 45]) for start in range(0, len(content), 45)]
    return f"begin 644 {name}\n".encode() + b"".join(lines) + end.encode()


PICTURE = bytes(range(256)) * 3
TEXTS = {
    "one file": (
        b"Bonjour,\n\n" + uu("photo.jpg", PICTURE) + b"Merci\n",
        b"Bonjour,\n\nMerci\n",
        [(b"photo.jpg", PICTURE)],
    ),
    "two files": (
        uu("a b.txt", b"un") + b"et\n" + uu("c.txt", b"deux"),
        b"et\n",
        [(b"a b.txt", b"un"), (b"c.txt", b"deux")],
    ),
    "lines ended by CR LF": (
        uu("p.jpg", PICTURE).replace(b"\n", b"\r\n") + b"Merci\r\n",
        b"Merci\r\n",
        [(b"p.jpg", PICTURE)],
    ),
    "blanks instead of accents grave": (uu("p", b"\0\0\0ab").replace(b"`", b" "), b"", [(b"p", b"\0\0\0ab")]),
    "its end is missing": (uu("p.jpg", PICTURE, end=""), b"", [(b"p.jpg", PICTURE)]),
    "in base64": (
        b"begin-base64 644 p.bin\nAAEC\nAwQ=\n====\nMerci\n",
        b"Merci\n",
        [(b"p.bin", b"\x00\x01\x02\x03\x04")],
    ),
    "somebody writes about it": (
        b"I typed\nbegin 644 photo.jpg\nand nothing came of it.\n",
        b"I typed\nbegin 644 photo.jpg\nand nothing came of it.\n",
        [],
    ),
    "no number": (b"begin with the benches\nplease\n", b"begin with the benches\nplease\n", []),
}


@pytest.mark.parametrize(("raw", "rest", "files"), TEXTS.values(), ids=TEXTS)
def test_files_in_a_text(raw: bytes, rest: bytes, files: list[tuple[bytes, bytes]]) -> None:
    assert extract_uuencoded_files(raw) == (rest, files)


def test_they_are_attachments_of_the_mail() -> None:
    mail = parse_mail(b"From: anne@poste.example\n\nVoir la photo.\n\n" + uu("photo.jpg", PICTURE))
    assert mail.body == "Voir la photo."
    assert [(one.name, one.payload) for one in mail.attachments] == [("photo.jpg", PICTURE)]
