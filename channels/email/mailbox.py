"""Reading a mailbox folder through a given ``IMAPClient``: by UID, and without a trace that a person would see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol


class Client(Protocol):
    """What is used of ``imapclient.IMAPClient``."""

    def search(self, criteria: Sequence[str | int]) -> Sequence[int]:
        """The UIDs that fit."""

    def fetch(self, messages: Sequence[int], data: Sequence[str]) -> dict[int, dict[bytes, object]]:
        """Data of messages, by UID."""


def new_uids(client: Client, last_uid: int) -> list[int]:
    """The UIDs after ``last_uid``, oldest first."""
    # "n:*" always names the newest message, even when its UID is smaller than n.
    found = client.search(["UID", f"{last_uid + 1}:*"])
    return sorted(uid for uid in found if uid > last_uid)


def fetch_raw(client: Client, uid: int) -> bytes | None:
    """The raw message of this UID; None when it was expunged meanwhile."""
    return next((raw for _, raw in fetch_several(client, [uid])), None)


def fetch_several(client: Client, uids: Sequence[int], at_once: int = 50) -> Iterator[tuple[int, bytes]]:
    """The raw messages of these UIDs, in their order; those that were expunged meanwhile are left out."""
    for start in range(0, len(uids), at_once):
        some = uids[start : start + at_once]
        answer = client.fetch(some, ["BODY.PEEK[]"])
        for uid in some:
            raw = answer.get(uid, {}).get(b"BODY[]")
            if isinstance(raw, bytes):
                yield uid, raw
