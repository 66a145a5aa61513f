"""A provider that has to be asked, in memory: what waits there, and what the gateway has let it forget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import requests

from channels.base.errors import NotReady, RefusalReason, RequestRefused
from channels.base.provider import PolledText
from channels.base.provider_fields import TextProvider
from channels.base.provider_requests import TextToSend
from channels.base.values import DeliveryStatus, Fields
from config.probe import Probe


def _identity(posted: Fields) -> tuple[str, str]:
    if not posted["id"]:
        raise RequestRefused(RefusalReason.MALFORMED)
    return "box", posted["id"]


@dataclass
class PolledBox:
    """Texts by the name under which they wait."""

    name: ClassVar[str] = "box"
    texts: ClassVar[TextProvider] = TextProvider(
        identity=_identity, sender="sender", receiver="receiver", body="body", needed=("id", "sender", "body")
    )
    inbox: dict[str, Fields] = field(default_factory=dict)
    aside: list[str] = field(default_factory=list)
    ended: list[DeliveryStatus] = field(default_factory=list)
    away: bool = False
    loses_acknowledgements: int = 0
    """How many acknowledgements never come: the gateway is killed before them."""
    configured: bool = True
    sends: bool = False
    sender: str = ""
    receives: str = ""
    named_in_texts: str = ""
    chooses_sender: bool = False
    poll_seconds: float = 1.0

    def waiting(self) -> Sequence[PolledText]:
        """What is there."""
        if self.away:
            raise NotReady("the box is closed")
        return [PolledText(name, repr(posted.pairs).encode(), posted) for name, posted in self.inbox.items()]

    def acknowledge(self, text: PolledText) -> None:
        """Forget it."""
        if self.loses_acknowledgements:
            self.loses_acknowledgements -= 1
            raise KeyboardInterrupt
        self.inbox.pop(text.name, None)

    def set_aside(self, text: PolledText) -> None:
        """Keep it apart."""
        self.aside.append(text.name)
        del self.inbox[text.name]

    def statuses(self) -> Sequence[DeliveryStatus]:
        """What became of texts."""
        return list(self.ended)

    def acknowledge_status(self, status: DeliveryStatus) -> None:
        """Forget it."""
        self.ended.remove(status)

    def send(self, http: requests.Session, text: TextToSend) -> str:
        """Send nothing."""
        raise NotImplementedError

    def probes(self) -> Sequence[Probe]:
        """Nothing to look at."""
        return []
