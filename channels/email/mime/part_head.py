"""What the head of a part says of its body; and a mail whose long bodies lie in files, as their heads say."""

from __future__ import annotations

import email
import re
from dataclasses import dataclass, field
from email.message import Message
from email.policy import Compat32
from pathlib import Path

KEPT_AS = "X-Kept-As"
"""The header of a part whose body is a file; its value is random, so no sender can write it."""

_LONGEST_FIELD = 32_768
_LONGEST_ABOUT_CONTENT = 2_048
"""Of fields with parameters, which the package takes apart at each look, in time that grows with the square."""
_LINE_END = re.compile(r"\r\n?|\n")


class _AsSent(Compat32):
    """Header fields as they were sent; of very long ones less.

    Folding each field anew takes longer than all the rest of writing an attached message, and is not what its sender
    wrote.
    """

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """Name and value of a field, as its parent reads them."""
        name, value = super().header_source_parse(sourcelines)
        if name.lower().startswith("content-") and len(value) > _LONGEST_ABOUT_CONTENT:
            # With its end, in which a file's name says what kind of file it is.
            value = value[: _LONGEST_ABOUT_CONTENT // 2] + value[-_LONGEST_ABOUT_CONTENT // 2 :]
        return name, value[:_LONGEST_FIELD]

    def fold_binary(self, name: str, value: str) -> bytes:
        """A field with its line ends, folded as its sender folded it."""
        return (_LINE_END.sub(self.linesep, f"{name}: {value}") + self.linesep).encode("utf-8", "surrogateescape")


_AS_SENT = _AsSent()


def parse_message_bytes(raw: bytes) -> Message:
    """Bytes as the ``email`` package understands them."""
    return email.message_from_bytes(raw, policy=_AS_SENT)


@dataclass
class LeanMail:
    """A mail without its long files: ``kept`` says where they are, ``cut`` whether anything else is missing."""

    raw: bytes
    kept: dict[str, Path] = field(default_factory=dict)
    cut: bool = False


@dataclass
class NestedMessage:
    """A message within the message: behind how many boundaries, and where it stands."""

    mark: str
    depth: int
    start: int
    end: int = 0


@dataclass(frozen=True)
class PartHead:
    """What the head of a part says of its body."""

    kind: str = "text/plain"
    encoding: str = ""
    boundary: bytes = b""
    is_file: bool = False

    @classmethod
    def read(cls, head: bytes) -> PartHead:
        """As the ``email`` package understands it; of a head it cannot understand, a text."""
        try:
            message = parse_message_bytes(head)
            kind = message.get_content_type()
            boundary = message.get_boundary() if kind.startswith("multipart/") else None
            encoding = str(message.get("Content-Transfer-Encoding", "")).strip().lower()
            is_text = (
                kind in ("text/plain", "text/html", "text/x-amp-html")
                and message.get_content_disposition() != "attachment"
            )
            is_file = not is_text and (kind == "message/rfc822" or not kind.startswith(("multipart/", "message/")))
            return cls(kind, encoding, (boundary or "").encode("utf-8", "surrogateescape"), is_file)
        except Exception:  # noqa: BLE001 (the email package raises what it likes over damaged heads)
            return cls()

    @property
    def is_encoded(self) -> bool:
        """Whether lines of the body are no lines of its content."""
        return self.encoding in ("base64", "quoted-printable")


def mark_detached_body(head: bytes, mark: str) -> bytes:
    """A head that says where its body is."""
    lines = head.rstrip(b"\r\n")
    return lines + (b"\n" if lines else b"") + f"{KEPT_AS}: {mark}\n\n".encode()
