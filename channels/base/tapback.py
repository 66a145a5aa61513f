"""A telephone's reaction to a text, as a value; ``channels.intent.reactions`` recognises it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reaction:
    """A telephone's reaction; ``quoted`` is what it repeats, perhaps cut short, empty for a picture."""

    quoted: str = ""
    is_plain: bool = True
    """Whether its form alone says so; else only that it repeats something of ours does."""
