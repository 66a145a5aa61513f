"""What every provider of text messages must be able to do; ``channels.providers`` holds one folder for each.

A provider is made from the settings, cheaply: it connects to nothing until it is asked to. What else a provider
of calls must be able to do stands in ``channels.base.voice_provider``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import requests

from channels.base.provider_fields import TextProvider
from channels.base.provider_requests import HookRequest, Reply, TextToSend
from channels.base.values import DeliveryStatus, Fields
from config.probe import Probe


class Provider(Protocol):
    """What the gateway asks of every provider."""

    name: ClassVar[str]
    """Its name in the registry, which is its folder's."""

    @property
    def configured(self) -> bool:
        """Whether the settings name an account, a telephone or a modem of this provider."""

    def probes(self) -> Sequence[Probe]:
        """What ``portevoix doctor`` asks about it; none where nothing is set."""


class SmsProvider(Provider, Protocol):
    """A provider of text messages."""

    texts: ClassVar[TextProvider]
    """What it calls the fields of a text message."""

    @property
    def sends(self) -> bool:
        """Whether texts can go out by it."""

    @property
    def sender(self) -> str:
        """Who texts come from where the consultation does not say; empty where nobody may choose."""

    @property
    def receives(self) -> str:
        """The number residents text, empty when unknown."""

    @property
    def named_in_texts(self) -> str:
        """The number our texts name for writing back when the sender cannot receive."""

    @property
    def chooses_sender(self) -> bool:
        """Whether a text may come from another sender than the provider's own number."""

    def send(self, http: requests.Session, text: TextToSend) -> str:
        """Hand a text over; the provider's identifier for it.

        Raises:
            NotReady: it cannot be reached or asks to wait; trying again sends the text once.
            OptedOut: the person has told the provider to stop.
            ProviderNotSetUp: the settings lack something.
            ProviderError: anything else, ``retryable`` or not.
        """


class PushedTexts(SmsProvider, Protocol):
    """A provider that brings texts by a signed request."""

    hook: ClassVar[str]
    """Where its requests come in, below ``/hooks/``."""
    kept_headers: ClassVar[tuple[str, ...]]
    """How the names of the headers begin that are kept beside the body."""

    def verify(self, request: HookRequest) -> Fields:
        """The posted fields, once they are proven to be the provider's; raises ``Refused``."""

    def is_text(self, posted: Fields) -> bool:
        """Whether a verified request brings a text message."""

    def parse_status(self, posted: Fields, message_id: str = "") -> DeliveryStatus | None:
        """What became of a text of ours; None when the request says nothing of one.

        ``message_id`` is our own number for the text where the callback's address carries it.
        """

    def reply(self) -> Reply:
        """The answer to a webhook to which nothing is to be said."""


class PolledTexts(SmsProvider, Protocol):
    """A provider that has to be asked what came in."""

    @property
    def poll_seconds(self) -> float:
        """How often to ask, in seconds."""

    def waiting(self) -> Sequence[PolledText]:
        """What has come in and is not acknowledged, oldest first; raises ``NotReady``."""

    def acknowledge(self, text: PolledText) -> None:
        """Forget a text: called after it is stored, perhaps again for one that is gone already."""

    def set_aside(self, text: PolledText) -> None:
        """Keep a text that cannot be taken in where a person finds it, and offer it no more."""

    def statuses(self) -> Sequence[DeliveryStatus]:
        """What became of texts of ours; the same is told again until it is acknowledged."""

    def acknowledge_status(self, status: DeliveryStatus) -> None:
        """Forget a status: called after it is stored, perhaps again for one that is gone already."""


@dataclass(frozen=True)
class PolledText:
    """One thing that waits at a polled provider: its name there, the original bytes, and its fields.

    The fields of what is no text are empty: the door refuses it, and it is set aside.
    """

    name: str
    raw: bytes
    posted: Fields
