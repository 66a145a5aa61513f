"""The files that come with a mail: their bytes and their names, as far as they can be made out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message
from pathlib import Path

from channels.email.encoding.decode import decode_encoded_words, raw_header_values, strip_controls, to_text

_UNSAFE = re.compile("[\x00-\x1f\x7f/\\\\\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True)
class Attachment:
    """A file that came with a mail; name and content type are claims. ``inline``: shown within the text."""

    name: str
    content_type: str
    payload: bytes = b""
    inline: bool = False
    path: Path | None = None
    """Where its bytes lie when they are too many to be held; then ``payload`` is empty."""
    is_taken: bool = False
    """Of a message within the message: whether its words stand in the mail's text."""

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.path.stat().st_size if self.path else len(self.payload)

    @property
    def beginning(self) -> bytes:
        """Its first bytes, at most 1024."""
        if self.path is None:
            return self.payload[:1024]
        with self.path.open("rb") as file:
            return file.read(1024)


def child_parts(message: Message) -> list[Message]:
    """The parts within a part; none where its structure is broken."""
    if not message.is_multipart():  # asking for the payload decodes it, and may raise
        return []
    return [child for child in message.get_payload() if isinstance(child, Message)]


def decoded_payload(message: Message) -> bytes:
    """The decoded bytes of a part, or what stands there when its encoding is broken."""
    for decode in (True, False):
        try:
            payload = message.get_payload(decode=decode)
        except Exception:  # noqa: BLE001, S112 (decoders of the email package raise what they like on damaged input)
            continue
        if isinstance(payload, bytes):
            return payload
        if isinstance(payload, str):
            return payload.encode("utf-8", "surrogateescape")
    return b""


def message_bytes(message: Message) -> bytes:
    """An attached message's own bytes, as far as they can be put together again."""
    children = child_parts(message)
    try:
        return children[0].as_bytes() if children else decoded_payload(message)
    except Exception:  # noqa: BLE001 (see above)
        return b""


def attachment_name(message: Message) -> str:
    """The file's name without folders, control and direction characters; "" when it has none."""
    decent = Message()  # bare 8-bit names, which copiers write, are lost when the package itself reads them
    for header in ("Content-Disposition", "Content-Type"):
        if found := raw_header_values(message, header):
            decent[header] = to_text(found[0].encode("utf-8", "surrogateescape"), None)[0].replace("\n", " ")
    try:
        name = decent.get_filename() or ""
    except Exception:  # noqa: BLE001 (RFC 2231 values raise on unknown charsets)
        name = ""
    return _safe(decode_encoded_words(name))


def clean_name(raw: bytes) -> str:
    """A name as it stands in a text, as ``attachment_name`` gives it."""
    return _safe(to_text(raw, None)[0])


def _safe(name: str) -> str:
    return _UNSAFE.sub("_", strip_controls(name)).strip()[-200:]


def parameter_of(message: Message, name: str) -> str | None:
    """A parameter of the content type, as text."""
    value = message.get_param(name)
    if isinstance(value, tuple):  # RFC 2231: (charset, language, value)
        value = value[2]
    return None if value is None else str(value)
