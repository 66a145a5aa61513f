"""What a mail server says a message is made of, as lines that a person can read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from channels.email.encoding.decode import decode_encoded_words, strip_controls
from channels.email.imap.imap_folder import MailboxClient

_MOST_PARTS = 200


def structure_outline(client: MailboxClient, uid: int) -> tuple[str, ...]:
    """One line per part of a message: content type, file name and size as ``outline`` writes them; at most 200."""
    structure = client.fetch([uid], ["BODYSTRUCTURE"]).get(uid, {}).get(b"BODYSTRUCTURE")
    return tuple(_lines(structure))[:_MOST_PARTS] if isinstance(structure, tuple) else ()


def _lines(part: tuple[Any, ...], depth: int = 0) -> Iterator[str]:
    # RFC 9051, 7.5.2: a multipart is a list of parts, another part begins with type, subtype, parameters.
    if depth > _MOST_PARTS or not part:
        return
    if isinstance(part[0], list | tuple):
        for inner in part[0] if isinstance(part[0], list) else part:
            if isinstance(inner, tuple):
                yield from _lines(inner, depth + 1)
        return
    names = [
        *_pairs(part[2] if len(part) > 2 else None),
        *(pair for value in part[8:] if isinstance(value, tuple) for pair in _disposition(value)),
    ]
    name = next((value for key, value in names if key in (b"name", b"filename")), b"")
    size = part[6] if len(part) > 6 and isinstance(part[6], int) else 0
    kind = b"/".join(one for one in part[:2] if isinstance(one, bytes)).decode("ascii", "replace").lower()
    yield f"{kind} {strip_controls(decode_encoded_words(name.decode('utf-8', 'replace')))[:200]} ({size} B)".replace(
        "  ", " "
    )


def _pairs(value: object) -> Iterator[tuple[bytes, bytes]]:
    if isinstance(value, tuple):
        for key, said in zip(value[::2], value[1::2], strict=False):
            if isinstance(key, bytes) and isinstance(said, bytes):
                yield key.lower(), said


def _disposition(value: tuple[Any, ...]) -> Iterator[tuple[bytes, bytes]]:
    if len(value) > 1:
        yield from _pairs(value[1])
