"""What every way in hands over, and what it takes to answer; values only, so that gateway maps them to rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from channels.base.tapback import Reaction
from config.enums import AddressKind, Channel


class Fields(Mapping[str, str]):
    """A form as posted: the first value by name, all values by ``getall``, order and repeats kept in ``pairs``."""

    def __init__(self, pairs: Mapping[str, str] | list[tuple[str, str]]) -> None:
        self.pairs = tuple(pairs.items() if isinstance(pairs, Mapping) else pairs)
        self._all: dict[str, list[str]] = {}
        for name, value in self.pairs:
            self._all.setdefault(name, []).append(value)

    def __getitem__(self, name: str) -> str:
        """The first value."""
        return self._all[name][0]

    def __iter__(self) -> Iterator[str]:
        """The names, each once."""
        return iter(self._all)

    def __len__(self) -> int:
        """How many different names there are."""
        return len(self._all)

    def getall(self, name: str) -> list[str]:
        """Every value posted under this name, in order."""
        return self._all[name]


@dataclass(frozen=True)
class Address:
    """Where a person can be answered."""

    kind: AddressKind
    value: str


class CommandKind(StrEnum):
    """What a message that is only a keyword asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"
    STATE = "state"
    ERASE = "erase"
    ERASE_WISH = "erase_wish"  # said in other words than the keyword
    KEEP = "keep"  # what was to be erased
    UNDERSTOOD = "understood"  # what we understood of a message
    CONTEST = "contest"  # that this is not it
    YES = "yes"  # only while we have asked
    NO = "no"
    THANKS = "thanks"


@dataclass(frozen=True)
class Command:
    """A keyword; ``reference`` is the digits that came with it, unchecked; ``language`` the keyword's own, if clear."""

    kind: CommandKind
    reference: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class RemoteMedium:
    """A file that is still at the provider; its content type is a claim."""

    url: str
    content_type: str


@dataclass(frozen=True)
class IncomingText:
    """A text message. ``sender`` is None where nobody can be answered: withheld, a name, a short code."""

    account: str
    external_id: str
    sender: Address | None
    addressed_to: str
    body: str
    media: tuple[RemoteMedium, ...] = ()
    command: Command | None = None
    messaging_service: str = ""
    answered: bool = False
    """The provider has answered this keyword itself: we must not answer again."""
    sent_at: datetime | None = None  # when it came in at a provider whose webhooks can be hours late
    reaction: Reaction | None = None
    """A telephone's reaction to something, if it is or may be one."""
    besides: Command | None = None
    """A wish to be erased in a text that says other things too."""
    kept_back: bool = False  # its pictures stay where they came in, and cannot be fetched


@dataclass(frozen=True)
class Recording:
    """A recording at the provider; ``seconds`` is 0 where it does not say, ``absent`` where there is no file."""

    external_id: str
    url: str
    seconds: int = 0
    absent: bool = False


@dataclass(frozen=True)
class IncomingCall:
    """One request during or after a call; ``caller`` is None when the number is withheld or not on this request."""

    account: str
    external_id: str
    caller: Address | None
    addressed_to: str
    digits: str = ""
    recording: Recording | None = None
    ended: bool = False
    failed_at: str = ""  # the address of ours that did not answer, where the provider calls the fallback


@dataclass(frozen=True)
class DeliveryStatus:
    """What became of a message of ours; ``state`` is sent, delivered or failed, and may come in any order."""

    provider_id: str
    state: str
    error: str = ""
    opted_out: bool = False
    message_id: int | None = None  # our own number, where it comes back: perhaps before we know ``provider_id``


@dataclass(frozen=True)
class Outgoing:
    """An answer as it goes out; ``segments`` is what a text message costs."""

    channel: Channel
    to: Address
    body: str
    subject: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=())
    segments: int = 0
    in_languages: tuple[tuple[str, str], ...] = field(default=())
    """The same in each language, (ISO 639-1, body), where it is not known yet in which one it was written to us."""
