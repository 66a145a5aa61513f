"""How a provider calls, on the pages, what can be set for it and what is looked at: declared beside its section.

The words are English and translated where the page is made; ``translatable`` is what their programs look for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class FieldKind(Enum):
    """How a setting is typed."""

    TEXT = "text"
    NUMBER = "number"
    TICK = "tick"
    CHOICE = "choice"
    LINES = "lines"
    PHONE = "phone"
    PHONES = "phones"
    TIME = "time"
    SECRET = "one secret"  # noqa: S105 — the name of a kind
    SECRETS = "several secrets"

    @property
    def is_secret(self) -> bool:
        """Whether it can be written and never read."""
        return self in (FieldKind.SECRET, FieldKind.SECRETS)


@dataclass(frozen=True)
class PageField:
    """One setting of a section."""

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    hint: str = ""


@dataclass(frozen=True)
class ProbeWords:
    """What a probe of the provider is called on the page of states, and what to do when it fails."""

    name: str
    """The probe's own, by which ``portevoix doctor`` calls it."""
    label: str
    remedy: str


@dataclass(frozen=True)
class PageGroup:
    """A section's settings that can be set on a page; the others only in the file."""

    heading: str
    fields: tuple[PageField, ...]
    lead: str = ""
    probes: tuple[ProbeWords, ...] = ()
    """Words for each of the provider's probes."""


def translatable(text: str) -> str:
    """A text that is translated on its page."""
    return text
