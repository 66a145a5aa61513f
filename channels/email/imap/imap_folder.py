"""Reading a mailbox folder through a given ``IMAPClient``: by UID, and without a trace that a person would see.

No message is ever held whole: the server is asked for its beginning, and piece by piece for what follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from channels.email.imap.uids import UidSet

PIECE_BYTES = 256 * 1024
_OVERLAP = 512
UIDS_AT_ONCE = 80_000


class MailboxClient(Protocol):
    """What is used of ``imapclient.IMAPClient``."""

    def search(self, criteria: Sequence[str]) -> Sequence[int]:
        """The UIDs that fit."""

    def fetch(self, messages: Sequence[int], data: Sequence[str]) -> dict[int, dict[bytes, Any]]:
        """Data of messages, by UID."""

    def noop(self) -> object:
        """Lets the server say what has become of the folder."""


@dataclass(frozen=True, slots=True)
class MessageBeginning:
    """The first bytes of a message, how large the server says that it is, and when it came in there."""

    raw: bytes
    size: int
    came_at: datetime | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing can follow; false also where a server says more than there is."""
        return len(self.raw) >= self.size


def uids_not_among(
    client: MailboxClient, taken: UidSet, uid_next: int = 0, answered: Callable[[], object] = lambda: None
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


def fetch_beginnings(client: MailboxClient, uids: Sequence[int], length: int) -> dict[int, MessageBeginning]:
    """At most ``length`` bytes of each message with one request; those that were expunged meanwhile are left out."""
    # Asked for a part, a server sends no more than that part, and some send less: its length alone proves nothing.
    answer = client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE", _part(0, length)])
    found = {}
    for uid in uids:
        said = answer.get(uid, {})
        raw, size, when = _piece(answer, uid), said.get(b"RFC822.SIZE"), said.get(b"INTERNALDATE")
        if raw is not None and size is not None:
            # IMAPClient gives local time, and does not say so.
            found[uid] = MessageBeginning(raw, size, when.astimezone() if isinstance(when, datetime) else None)
    return found


def fetch_rest(client: MailboxClient, uid: int, beginning: bytes, size: int) -> Iterator[bytes]:
    """What follows in a message of about ``size`` bytes after its beginning.

    Each piece is asked for from a little before, to see that it fits. Raises ``Expunged``, and ``Misplaced`` when it
    does not: of a message kept with CRLF, Dovecot 2.4 hands over what stands a byte or more before the place asked for.
    """
    start, before = len(beginning), beginning[-_OVERLAP:]
    while True:
        piece = _piece(client.fetch([uid], [_part(start - len(before), PIECE_BYTES + len(before))]), uid)
        if not piece:
            # Some servers say so at the end; before it, too, where they say more than there is or it is gone.
            if start < size and (piece is None or not _is_there(client, uid)):
                raise Expunged(uid)
            return
        if not piece.startswith(before):
            raise Misplaced(uid)
        # Some servers send less than was asked for, so only nothing new is the end.
        if not (follows := piece[len(before) :]):
            if start < size and _piece(client.fetch([uid], [_part(start, PIECE_BYTES)]), uid):
                raise Misplaced(uid)
            return
        yield follows
        start, before = start + len(follows), piece[-_OVERLAP:]


def fetch_whole(client: MailboxClient, uid: int) -> bytes:
    """A message in one piece, however large; raises ``Expunged``."""
    if (whole := _piece(client.fetch([uid], ["BODY.PEEK[]"]), uid)) is None:
        raise Expunged(uid)
    return whole


class Expunged(Exception):
    """A message was expunged while it was fetched."""


class Misplaced(Exception):
    """A piece of a message is not what stands at the place it was asked for."""


def _part(start: int, length: int) -> str:
    return f"BODY.PEEK[]<{start}.{length}>"


def _piece(answer: dict[int, dict[bytes, Any]], uid: int) -> bytes | None:
    # Dovecot answers NIL for a message that somebody else has just expunged.
    said = (value for name, value in answer.get(uid, {}).items() if name.startswith(b"BODY[]"))
    return next((value for value in said if isinstance(value, bytes)), None)


def _is_there(client: MailboxClient, uid: int) -> bool:
    # Until it is told of, an expunged message still has its place in this connection's view of the folder.
    client.noop()
    return uid in client.search(["UID", str(uid)])
