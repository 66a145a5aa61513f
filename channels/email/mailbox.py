"""Reading a mailbox folder through a given ``IMAPClient``: by UID, and without a trace that a person would see.

No message is ever held whole: the server is asked for its beginning, and piece by piece for what follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from channels.email.decode import clean, decoded
from channels.email.uids import UidSet

PIECE_BYTES = 256 * 1024
UIDS_AT_ONCE = 80_000
_MOST_PARTS = 200
_CAME = b"INTERNALDATE"


class Client(Protocol):
    """What is used of ``imapclient.IMAPClient``."""

    def search(self, criteria: Sequence[str]) -> Sequence[int]:
        """The UIDs that fit."""

    def fetch(self, messages: Sequence[int], data: Sequence[str]) -> dict[int, dict[bytes, Any]]:
        """Data of messages, by UID."""

    def noop(self) -> object:
        """Lets the server say what has become of the folder."""


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first bytes of a message, how large the server says that it is, and when it came in there."""

    raw: bytes
    size: int
    came_at: datetime | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing can follow; false also where a server says more than there is."""
        return len(self.raw) >= self.size


def not_among(
    client: Client, taken: UidSet, uid_next: int = 0, answered: Callable[[], object] = lambda: None
) -> list[int]:
    """The UIDs in the folder that are not in the set, oldest first; ``uid_next`` is what the server said it will give.

    The server works it out, and answers for so many UIDs at a time that no line is longer than imaplib reads;
    ``answered`` is called after each answer.
    """
    known = ["NOT", "UID", str(taken)] if taken.ranges else []
    found: set[int] = set()
    for start in range(taken.first_missing, max(uid_next, taken.first_missing + 1), UIDS_AT_ONCE):
        # The last one is open: what a server says of its next UID is not always so.
        last = str(start + UIDS_AT_ONCE - 1) if start + UIDS_AT_ONCE < uid_next else "*"
        found.update(client.search([*known, "UID", f"{start}:{last}"]))
        answered()
    return sorted(found)


def beginnings(client: Client, uids: Sequence[int], length: int) -> dict[int, Beginning]:
    """At most ``length`` bytes of each message with one request; those that were expunged meanwhile are left out."""
    # Asked for a part, a server sends no more than that part, and some send less: its length alone proves nothing.
    answer = client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE", f"BODY.PEEK[]<0.{length}>"])
    found = {}
    for uid in uids:
        raw, size, when = _piece(answer, uid), *(answer.get(uid, {}).get(one) for one in (b"RFC822.SIZE", _CAME))
        if raw is not None and size is not None:
            # IMAPClient gives local time, and does not say so.
            found[uid] = Beginning(raw, size, when.astimezone() if isinstance(when, datetime) else None)
    return found


def pieces_after(client: Client, uid: int, start: int, size: int) -> Iterator[bytes]:
    """What follows in a message of about ``size`` bytes after its first ``start``; raises ``Expunged``."""
    while True:
        piece = _piece(client.fetch([uid], [f"BODY.PEEK[]<{start}.{PIECE_BYTES}>"]), uid)
        # Some servers send less than was asked for, so only an empty piece is the end; some say NIL for it.
        if not piece:
            # Before the end it is one too where a server says more than there is, but not where the message is gone.
            if start < size and (piece is None or not _is_there(client, uid)):
                raise Expunged(uid)
            return
        yield piece
        start += len(piece)


class Expunged(Exception):
    """A message was expunged while it was fetched."""


def _piece(answer: dict[int, dict[bytes, Any]], uid: int) -> bytes | None:
    # Dovecot answers NIL for a message that somebody else has just expunged.
    said = (value for name, value in answer.get(uid, {}).items() if name.startswith(b"BODY[]"))
    return next((value for value in said if isinstance(value, bytes)), None)


def _is_there(client: Client, uid: int) -> bool:
    # Until it is told of, an expunged message still has its place in this connection's view of the folder.
    client.noop()
    return uid in client.search(["UID", str(uid)])


def outline_of(client: Client, uid: int) -> tuple[str, ...]:
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
    yield f"{kind} {clean(decoded(name.decode('utf-8', 'replace')))[:200]} ({size} B)".replace("  ", " ")


def _pairs(value: object) -> Iterator[tuple[bytes, bytes]]:
    if isinstance(value, tuple):
        for key, said in zip(value[::2], value[1::2], strict=False):
            if isinstance(key, bytes) and isinstance(said, bytes):
                yield key.lower(), said


def _disposition(value: tuple[Any, ...]) -> Iterator[tuple[bytes, bytes]]:
    if len(value) > 1:
        yield from _pairs(value[1])
