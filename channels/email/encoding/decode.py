"""Bytes and headers of a mail to text, whatever they claim to be. Nothing here raises."""

from __future__ import annotations

import codecs
import re
from datetime import UTC, datetime
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from channels.base.values import Address
from channels.email.encoding.charsets import MEANT
from config.enums import AddressKind

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ADDRESS = re.compile(r"[^\s<>()\[\]\\,;:@\"\x00-\x20]{1,64}@[^\s<>()\[\]\\,;:@\"]{1,253}")
_LONGEST_HEADER = 20_000
_MOST_VALUES = 20


def to_text(raw: bytes, charset: str | None) -> tuple[str, bool]:
    """The text, and whether it had to be guessed: the charset is unknown, or does not fit the bytes."""
    text, guessed = to_raw_text(raw, charset)
    return strip_controls(text), guessed


def to_raw_text(raw: bytes, charset: str | None) -> tuple[str, bool]:
    """As ``to_text``, with the control characters that stand in it."""
    claimed = (charset or "").strip().strip("\"'").lower()
    for name in (MEANT.get(claimed, claimed), "utf-8", "cp1252"):
        if not name or not _is_text_codec(name):
            continue
        try:
            return raw.decode(name), bool(claimed) and name not in (claimed, MEANT.get(claimed))
        except (UnicodeError, LookupError, ValueError):
            continue
    return raw.decode("latin-1"), True


def strip_controls(text: str) -> str:
    """Without control characters, lines ended by ``\\n`` alone."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def join_flowed_lines(text: str, *, delete_space: bool) -> str:
    """Lines that a program broke, joined again (RFC 3676)."""
    lines: list[str] = []
    open_line = False
    for line in text.split("\n"):
        if line.startswith(" "):  # space-stuffed
            line = line[1:]
        quoted = line.startswith(">")
        if open_line and lines and not quoted and not lines[-1].startswith(">"):
            lines[-1] = (lines[-1][:-1] if delete_space else lines[-1]) + line
        else:
            lines.append(line)
        open_line = line.endswith(" ") and line != "-- "
    return "\n".join(lines)


def header_text(message: Message, name: str) -> str:
    """A header as text on one line, decoded as far as possible; "" when there is none."""
    return decode_encoded_words(next(iter(raw_header_values(message, name)), ""))


def raw_header_values(message: Message, name: str) -> list[str]:
    """Every value of a header as it stands there; the package's own access turns bare 8-bit bytes into "?"."""
    values = [str(value)[:_LONGEST_HEADER] for one, value in message.raw_items() if one.lower() == name.lower()]
    return values[:_MOST_VALUES]


def decode_encoded_words(value: str) -> str:
    """Encoded words and bare 8-bit bytes as text, on one line."""
    try:
        # Bytes outside ASCII stand in the header as surrogates.
        pieces = decode_header(value.encode("utf-8", "surrogateescape").decode("latin-1"))
    except Exception:  # noqa: BLE001 (the email package raises at will here: ValueError, HeaderParseError, binascii …)
        pieces = [(value, None)]
    texts = []
    for piece, charset in pieces:
        raw = piece.encode("latin-1", "replace") if isinstance(piece, str) else piece
        texts.append(to_text(raw, charset)[0])
    return " ".join("".join(texts).split())


def addresses(message: Message, name: str) -> list[str]:
    """The well-formed addresses of a header, lower case; at most 100."""
    try:
        # Not decoded: a name written as an encoded word could contain an address of somebody else.
        found = getaddresses([_as_utf8(value) for value in raw_header_values(message, name)])
    except Exception:  # noqa: BLE001 (see above)
        found = []
    return [address.lower() for _, address in found[:100] if _ADDRESS.fullmatch(address)]


def first_address(message: Message, *names: str) -> Address | None:
    """The first well-formed address in the first of these headers that has one."""
    for name in names:
        if found := addresses(message, name):
            return Address(AddressKind.EMAIL, found[0])
    return None


def message_ids(message: Message, name: str) -> tuple[str, ...]:
    """The message identifiers of a header, at most the last 50."""
    return tuple(re.findall(r"<[^<>\s]{1,900}>", header_text(message, name))[-50:])


def date_of(message: Message) -> datetime | None:
    """When the sender's program says it was sent, in UTC; it may lie."""
    try:
        date = parsedate_to_datetime(header_text(message, "Date"))
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _as_utf8(value: str) -> str:
    """A header whose bare 8-bit bytes, surrogates here, are taken for UTF-8."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _is_text_codec(name: str) -> bool:
    """Whether Python has this charset; names of other codecs (zlib, rot13) are none."""
    try:
        return codecs.lookup(name)._is_text_encoding and not name.startswith(("idna", "punycode", "unicode", "raw"))
    except (LookupError, ValueError, TypeError):
        return False
