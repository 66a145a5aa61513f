"""A light step made ready outside of any transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from inbox.storage.unit_of_work import Session
from inbox.text_rows.plain_text import PlainText

Save = Callable[[Session], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """How to save a step, or to raise why it cannot be done."""

    save: Save
    plain: PlainText | None = None
    """Where it is a plain text: its rows can be written together with those of others, to the same effect."""
