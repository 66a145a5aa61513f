"""A step whose result is compared with what is stored already, in a read of its own right before the write."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inbox.jobs.steps import Ending
from inbox.storage.unit_of_work import Session
from inbox.text_rows.plain_text import PlainText

Save = Callable[[Session], Ending]
"""Writes what a runner found out and says how the step ends, inside the transaction that ends it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a runner found out, to be compared when its turn to be saved has come."""

    judge: Callable[[Session], Save]
    senders: frozenset[str] = frozenset()
    """Whose it is, as keyed hashes: what they wrote before it is to be saved first."""
    plain: PlainText | None = None
    """Where its rows can be written together with those of others, to the same effect."""
