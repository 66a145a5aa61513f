"""What a provider of calls must be able to do besides carrying texts, which a provider of calls does as well."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import BinaryIO, Protocol

import requests

from channels.base.call_steps import CallEnd, CallStep
from channels.base.provider import PushedTexts
from channels.base.provider_lists import ListEntry, ListName, ListPage
from channels.base.provider_requests import CallToPlace, Reply
from channels.base.values import Fields, IncomingCall, Recording, RemoteMedium


class ProviderFiles(Protocol):
    """What a provider keeps of what came in: asked for, fetched, deleted."""

    def recordings_of(self, http: requests.Session, call: str) -> list[Recording]:
        """Every recording of a call, oldest first; raises ``NotReady`` or ``ProviderError``."""

    def pictures_of(self, http: requests.Session, text: str) -> list[RemoteMedium]:
        """The pictures of a text; raises ``NotReady`` or ``ProviderError``."""

    def fetch(self, http: requests.Session, url: str, sink: BinaryIO, *, most_bytes: int, seconds: float) -> str:
        """Write a recording or picture to ``sink``; the content type claimed for it.

        Raises:
            NotReady: the file is not there yet, or its host cannot be reached.
            NotFetched: it is at a foreign host, or too large.
            ProviderError: the provider refuses.
        """

    def delete_text(self, http: requests.Session, text: str, *, files_only: bool = False) -> None:
        """Delete a text and its pictures, or these alone; raises ``NotReady`` or ``ProviderError``."""

    def delete_call(self, http: requests.Session, call: str, *, files_only: bool = False) -> None:
        """Delete a call and its recordings, or these alone; raises ``NotReady`` or ``ProviderError``."""


class ProviderLists(Protocol):
    """The lists in which a provider says what came in, and each entry as its webhook would have been."""

    def first_page(self, name: ListName, day: date, *, alone: bool) -> str:
        """The address of the first page of what is dated ``day`` (UTC), or of that day and all that follow."""

    def read_page(self, http: requests.Session, name: ListName, address: str) -> ListPage:
        """One page of a list; raises ``NotReady`` or ``ProviderError``."""

    def as_text_posted(self, entry: ListEntry, pictures: list[RemoteMedium]) -> Fields:
        """The fields that the webhook of a listed text carries."""

    def as_status_posted(self, entry: ListEntry) -> Fields:
        """The fields that the status callback of a listed text of ours carries."""

    def as_call_posted(self, entry: ListEntry) -> Fields:
        """The fields that the webhook of a listed call carries."""

    def as_recording_posted(self, entry: ListEntry) -> Fields:
        """The fields that the callback of a listed recording carries."""


class VoiceProvider(PushedTexts, Protocol):
    """A provider of calls and texts, which keeps files and lists of both."""

    @property
    def account_id(self) -> str:
        """The account's identifier, which stands on everything that comes in by it."""

    @property
    def reconcile_seconds(self) -> float:
        """How often its lists are read; 0 is never."""

    @property
    def erases(self) -> bool:
        """Whether what is erased here is deleted there too."""

    @property
    def files(self) -> ProviderFiles:
        """What it keeps of the account; raises ``ProviderNotSetUp``."""

    @property
    def lists(self) -> ProviderLists:
        """Its lists of the account; raises ``ProviderNotSetUp``."""

    def parse_form(self, body: bytes) -> Fields:
        """A kept request's fields, its proof checked when it came; raises ``Refused``."""

    def parse_call(self, posted: Fields, *, region: str) -> IncomingCall:
        """The call a verified request is about; ``region`` says whose national numbers are meant."""

    @property
    def places_calls(self) -> bool:
        """Whether calls of ours can go out by it."""

    def place_call(self, http: requests.Session, call: CallToPlace) -> str:
        """Have somebody's telephone ring; the provider's identifier for it.

        Raises:
            NotReady: it cannot be reached or asks to wait; trying again rings once.
            ProviderNotSetUp: the settings lack something.
            ProviderError: anything else, ``retryable`` or not.
        """

    def parse_call_end(self, posted: Fields) -> CallEnd | None:
        """How a call of ours ended; None when a verified request says nothing of an end."""

    def render(self, steps: Iterable[CallStep]) -> Reply:
        """The answer to a call's request, in the provider's markup; the same steps are the same to the byte."""

    def is_text_id(self, identifier: str) -> bool:
        """Whether this is the provider's identifier of a text."""
