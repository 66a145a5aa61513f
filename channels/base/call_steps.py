"""What happens in a call, step by step and in no provider's markup: the provider of the call renders it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Say:
    """Words read by a voice; ``language`` is theirs (ISO 639), for which the provider may have no voice."""

    text: str
    language: str


@dataclass(frozen=True)
class Play:
    """A recording at an address."""

    address: str


@dataclass(frozen=True)
class Pause:
    """Silence."""

    seconds: int


@dataclass(frozen=True)
class Gather:
    """Keys are waited for while speaking and some seconds after; without any, the next step follows.

    Several digits may be ended with the pound key, a single one may be any key.
    """

    action: str
    """The address that is asked how to go on, once there are ``digits``."""
    said: tuple[Say | Play, ...]
    seconds: int
    digits: int = 1


@dataclass(frozen=True)
class Record:
    """A tone, and what is said after it, up to the pound key; the next step follows only where nothing was said."""

    action: str
    """The address that is asked how to go on, once something was said."""
    callback: str
    """The address that is told when the recording is there, or is none after all."""
    pause_seconds: int
    """So long a silence ends it."""
    longest_seconds: int


@dataclass(frozen=True)
class GoTo:
    """Another address is asked how to go on."""

    address: str


@dataclass(frozen=True)
class HangUp:
    """The call ends."""


CallStep = Say | Play | Pause | Gather | Record | GoTo | HangUp


class CallEnd(StrEnum):
    """How a call of ours ended."""

    ANSWERED = "answered"
    MISSED = "missed"  # busy, or nobody picked up
    FAILED = "failed"  # there is no such number, or it takes no calls
