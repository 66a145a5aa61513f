"""Steps made ready outside of any transaction, to be saved in one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inbox.jobs.steps import Ending
from inbox.storage.unit_of_work import Session
from inbox.text_rows.plain_text import PlainText

Save = Callable[[Session], Ending]
"""Writes what a runner found out and says how the step ends, inside the transaction that ends it."""


@dataclass(frozen=True, slots=True)
class PreparedStep:
    """A light step."""

    save: Callable[[Session], None]
    """Saves it, or raises why it cannot be done."""
    plain: PlainText | None = None
    """Where it is a plain text: its rows can be written together with those of others, to the same effect."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a runner found out, to be compared with what is stored when its turn to be saved has come."""

    judge: Callable[[Session], Save]
    """For a read of its own, right before the write."""
    senders: frozenset[str] = frozenset()
    """Whose it is, as keyed hashes: what they wrote before it is to be saved first."""
    plain: PlainText | None = None
    """As of a light step."""
