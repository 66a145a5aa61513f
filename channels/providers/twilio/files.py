"""What Twilio keeps of an account, behind the interface every provider of calls has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

import requests

from channels.base.values import Recording, RemoteMedium
from channels.providers.twilio import entries, fetch, listing, remove
from channels.providers.twilio.account import Account


@dataclass(frozen=True)
class TwilioFiles:
    """Recordings and pictures of an account."""

    account: Account

    def recordings_of(self, http: requests.Session, call: str) -> list[Recording]:
        """Every recording of a call, oldest first."""
        return listing.list_recordings(http, self.account, call)

    def pictures_of(self, http: requests.Session, text: str) -> list[RemoteMedium]:
        """The pictures of a text."""
        return entries.list_pictures(http, self.account, text)

    def fetch(self, http: requests.Session, url: str, sink: BinaryIO, *, most_bytes: int, seconds: float) -> str:
        """Write a recording or picture to ``sink``."""
        return fetch.fetch(http, self.account, url, sink, most_bytes=most_bytes, seconds=seconds)

    def delete_text(self, http: requests.Session, text: str, *, files_only: bool = False) -> None:
        """Delete a text and its pictures, or these alone."""
        remove.delete_text(http, self.account, text, files_only=files_only)

    def delete_call(self, http: requests.Session, call: str, *, files_only: bool = False) -> None:
        """Delete a call and its recordings, or these alone."""
        remove.delete_call(http, self.account, call, files_only=files_only)
