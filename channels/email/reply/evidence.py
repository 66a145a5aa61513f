"""What a passage of a mail is, and what proves it: words alone prove nothing, for residents use the same words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class AsideKind(StrEnum):
    """Why a passage was set apart."""

    QUOTE = "quote"
    FORWARD = "forward"
    SIGNATURE = "signature"
    FOOTER = "footer"


class Evidence(StrEnum):
    """What proves that a passage is none of the resident's new words."""

    CONTAINER = "container"
    ATTRIBUTION = "attribution"
    HEAD = "head"
    OURS = "ours"
    FORWARD_HEAD = "forward_head"
    DEVICE = "device"
    BOILERPLATE = "boilerplate"
    CLOSING = "closing"
    DELIMITER = "delimiter"


class PassageKind(StrEnum):
    """What a reader should know of a passage that stays in the text."""

    FORWARDED = "forwarded"
    STANDS_OUT = "stands_out"
    PERHAPS_QUOTE = "perhaps_quote"
    PERHAPS_SIGNATURE = "perhaps_signature"
    PERHAPS_FOOTER = "perhaps_footer"


@dataclass(frozen=True)
class Relation:
    """What a mail's headers say it has to do with another."""

    answers: bool = False
    forwards: bool = False


ANSWER = Relation(answers=True)
"""A text without any header counts as an answer: nothing says that it is none."""


@dataclass(frozen=True)
class Aside:
    """A passage that is kept and shown, but is not what the person newly wrote, and what proves it."""

    kind: AsideKind
    text: str
    evidence: Evidence


@dataclass(frozen=True)
class Passage:
    """A passage of the text, from character ``start`` to before ``end``."""

    kind: PassageKind
    start: int
    end: int


@dataclass(frozen=True)
class SplitReply:
    """The text, what of it is forwarded or perhaps not meant, and what was set apart, in the order of the message."""

    body: str
    aside: tuple[Aside, ...] = ()
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, eq=False)
class RunTag:
    """What the lines of one run are; without ``evidence`` they stay in the text, marked as perhaps that."""

    kind: AsideKind
    evidence: Evidence | None = None
    head: int = 0
    """How many of its lines head what follows."""
    stands_out: bool = False
    """Words within a quotation that only their colour or style tells apart from it."""

    @property
    def passage(self) -> PassageKind:
        """What is said of its lines where they stay in the text."""
        if self.kind is AsideKind.FORWARD:
            return PassageKind.FORWARDED
        return PassageKind.STANDS_OUT if self.stands_out else PassageKind(f"perhaps_{self.kind.value}")
