"""Twilio's lists of an account, behind the interface every provider of calls has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import requests

from channels.base.provider_lists import ListEntry, ListName, ListPage
from channels.base.values import Fields, RemoteMedium
from channels.providers.twilio import entries
from channels.providers.twilio.account import Account


@dataclass(frozen=True)
class TwilioLists:
    """Messages, calls and recordings of an account."""

    account: Account

    def first_page(self, name: ListName, day: date, *, alone: bool) -> str:
        """The address of the first page of a day, or of that day and all that follow."""
        return entries.first_page(self.account, name, day, alone=alone)

    def read_page(self, http: requests.Session, name: ListName, address: str) -> ListPage:
        """One page of a list."""
        return entries.read_page(http, self.account, name, address)

    def as_text_posted(self, entry: ListEntry, pictures: list[RemoteMedium]) -> Fields:
        """A listed text as its webhook."""
        return entries.as_text_posted(self.account, entry, pictures)

    def as_status_posted(self, entry: ListEntry) -> Fields:
        """A listed text of ours as its status callback."""
        return entries.as_status_posted(self.account, entry)

    def as_call_posted(self, entry: ListEntry) -> Fields:
        """A listed call as its webhook."""
        return entries.as_call_posted(self.account, entry)

    def as_recording_posted(self, entry: ListEntry) -> Fields:
        """A listed recording as its callback."""
        return entries.as_recording_posted(self.account, entry)
