"""What happens to mails on their way and by malice: one function per kind of damage, each by chance but repeatable."""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Callable, Sequence

_HEADER = re.compile(rb"^[!-9;-~]+:.*(?:\r?\n[ \t].*)*", re.MULTILINE)
_CHARSETS = (
    b"utf-7",
    b"utf-16",
    b"x-unknown",
    b"cp65001",
    b"iso-2022-jp",
    b"rot13",
    b"idna",
    b"",
    b'"',
    b"\xff",
    b"hz",
)
_ENCODINGS = (b"base64", b"quoted-printable", b"x-uuencode", b"binary", b"gzip", b"7bit;", b"base64 (comment)", b"\x00")
_WORDS = (
    b"=?utf-8?b?w6k?=",
    b"=?utf-8?q?=C3?=",
    b"=?utf-16?b?//4?=",
    b"=?unknown-8bit?q?=ff?=",
    b"=?idna?q?x--?=",
    b"=?utf-8?b?" + b"A" * 5000,
    b"=??q??=",
    b"=?utf-8?x?a?=" * 300,
)
_PARAMETERS = (
    b"filename*=utf-8''%ff%fe",
    b"filename*0*=utf-8''a; filename*1=b; filename*9=c",
    b"filename*=nocharset'x",
    b"name*0*=''; name*1*=%",
    b"charset*=iso-8859-1'fr'%e9; name=\"a\\\"b",
    b"boundary*0=a; boundary*1=b",
    b"charset*99999999999=x",
)
_DATES = (
    b"Thu, 99 Foo 99999 99:99:99 +9999",
    b"0",
    b"-1 Jan 0000",
    b"Mon, 1 Jan 2026 00:00:00 -99999999",
    b"\xff",
    b"",
)
_HEADS = (
    b"From", b"To", b"Subject", b"Date", b"Message-ID", b"References", b"In-Reply-To", b"Content-Type", b"Return-Path",
    b"Content-Transfer-Encoding", b"Content-Disposition", b"Auto-Submitted", b"List-Id", b"Received", b"X-Kept-As",
)  # fmt: skip


def _place(raw: bytes, chance: random.Random) -> int:
    return chance.randrange(len(raw) + 1)


def flip_bytes(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    changed = bytearray(raw)
    for _ in range(min(len(raw), chance.choice((1, 3, 10, 100)))):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def truncate(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    return raw[: _place(raw, chance)]


def lose_some(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    start = _place(raw, chance)
    return raw[:start] + raw[start + chance.choice((1, 2, 40, 1000)) :]


def splice(raw: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    other = chance.choice(others)
    return raw[: _place(raw, chance)] + other[_place(other, chance) :]


def put_inside(raw: bytes, chance: random.Random, others: Sequence[bytes]) -> bytes:
    place = _place(raw, chance)
    return raw[:place] + b"\nContent-Type: message/rfc822\n\n" + chance.choice(others) + raw[place:]


def mangle_boundaries(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    change = chance.choice((b"--", b"-- ", b"--\x00", b"", b"--x", b"--\xe9", b"\n\n--"))
    return re.sub(rb"^--(?=\S)", lambda found: change if chance.random() < 0.3 else found[0], raw, flags=re.MULTILINE)


def change_boundary(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    change = chance.choice((b"boundary=", b'boundary=""', b"boundary=a;boundary=b", b"boundary*=utf-8''%e9", b"b=c"))
    return re.sub(rb"boundary\s*=\s*\"?[^\";\r\n]*\"?", lambda _: change, raw, count=chance.choice((0, 1)))


def change_charset(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    return re.sub(rb"charset\s*=\s*\"?[\w-]*", lambda _: b"charset=" + chance.choice(_CHARSETS), raw)


def change_encoding(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    changed = re.sub(rb"(?i)(transfer-encoding:)[^\r\n]*", lambda m: m[1] + b" " + chance.choice(_ENCODINGS), raw)
    return changed if changed != raw else b"Content-Transfer-Encoding: " + chance.choice(_ENCODINGS) + b"\n" + raw


def break_coding(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    place = _place(raw, chance)
    junk = chance.choice((b"=", b"==", b"=\n", b"=G1", b"=F", b"====\n", b"A" * 77 + b"\n", b"=3D=3", b"begin 644 x\n"))
    return raw[:place] + junk * chance.choice((1, 50)) + raw[place:]


def repeat_header(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    found = _HEADER.search(raw, _place(raw, chance)) or _HEADER.search(raw)
    if found is None:
        return raw
    return raw[: found.start()] + (found[0] + b"\n") * chance.choice((2, 50, 3000)) + raw[found.start() :]


def add_header(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    value = chance.choice(
        (*_WORDS, *_DATES, b"\xe9\xff \x80", b"<>", b"a@b, " * 500, b"(((((", b"\x00", b'"', b"<" * 900)
    )
    return chance.choice(_HEADS) + b": " + value + b"\n" + raw


def add_parameter(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    parameter = chance.choice(_PARAMETERS)
    return re.sub(rb"(?i)(content-(?:type|disposition):[^\r\n;]*)", lambda m: m[1] + b"; " + parameter, raw)


def break_header(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    found = _HEADER.search(raw, _place(raw, chance)) or _HEADER.search(raw)
    if found is None:
        return raw
    place = chance.randint(found.start(), found.end())
    return (
        raw[:place]
        + chance.choice((b"\n", b"\r", b"\r\n\r\n", b"\n \n", b"\x00", b":", b"\xff", b"\n\t" * 200))
        + raw[place:]
    )


def bad_date(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    return re.sub(rb"(?im)^date:[^\r\n]*", lambda _: b"Date: " + chance.choice(_DATES), raw)


def giant_line(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    place = _place(raw, chance)
    piece = chance.choice(
        (b"x", b"> ", b"a ", b"<", b"=?", b'"', b"(", b"\xe9", b"De : ", b"Le 1 mars 2026, ", b"&amp;")
    )
    return raw[:place] + piece * chance.choice((1000, 100_000)) + raw[place:]


def many_lines(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    place = _place(raw, chance)
    line = chance.choice(
        (b"\n", b">\n", b"> > > a\n", b"De : a@b.example\n", b"-- \n", b"___\n", b"Le 1/1/26 10:00, A :\n")
    )
    return raw[:place] + b"\n" + line * chance.choice((100, 10_000)) + raw[place:]


def nest(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    depth = chance.choice((3, 25, 300))
    if chance.random() < 0.5:
        return b"From: a@b.example\n" + b"Content-Type: message/rfc822\n\n" * depth + raw
    heads = (b'Content-Type: multipart/mixed; boundary="n%d"\n\n--n%d\n' % (number, number) for number in range(depth))
    return b"From: a@b.example\n" + b"".join(heads) + raw


def nulls(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    place = _place(raw, chance)
    return raw[:place] + b"\x00" * chance.choice((1, 100)) + raw[place:]


def other_lines(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(b"\n", chance.choice((b"\r\n", b"\r", b"\n\n", b"\r\r\n")))


def as_html(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    tag = chance.choice(
        (b"<div>", b"<blockquote>", b"<table><tr><td>", b"<!--", b"<style>", b"<p", b"&#x110000;", b"<svg>")
    )
    return b"Content-Type: text/html\n\n" + tag * chance.choice((1, 500)) + raw


def encode_whole(raw: bytes, chance: random.Random, _others: Sequence[bytes]) -> bytes:
    kind = chance.choice((b"message/rfc822", b"application/octet-stream", b"text/plain", b"multipart/mixed"))
    head = b"From: a@b.example\nContent-Type: " + kind + b"\nContent-Transfer-Encoding: base64\n\n"
    return head + base64.encodebytes(raw)


Damage = Callable[[bytes, random.Random, Sequence[bytes]], bytes]
DAMAGES: tuple[Damage, ...] = (
    flip_bytes, truncate, lose_some, splice, put_inside, mangle_boundaries, change_boundary, change_charset,
    change_encoding, break_coding, repeat_header, add_header, add_parameter, break_header, bad_date, giant_line,
    many_lines, nest, nulls, other_lines, as_html, encode_whole,
)  # fmt: skip
_LARGEST = 3_000_000


def damaged(mails: Sequence[bytes], seed: str) -> tuple[bytes, tuple[str, ...]]:
    """One of these mails after up to four kinds of damage, and which; the same for the same seed."""
    chance = random.Random(seed)
    raw, done = chance.choice(mails), []
    for damage in chance.sample(DAMAGES, chance.choice((1, 1, 2, 2, 3, 4))):
        raw = damage(raw, chance, mails)[:_LARGEST]
        done.append(damage.__name__)
    return raw, tuple(done)
