"""The account at Twilio as the settings have it, its numbers, and the timeouts of every request to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from channels.base.errors import ProviderNotSetUp
from channels.providers.twilio.section import SECTION_NAME, Twilio

NETWORK_TIMEOUT = (5.0, 20.0)
"""Seconds to connect, and between two pieces of an answer. ``limits.fetch_seconds`` bounds a whole file."""


@dataclass(frozen=True)
class Account:
    """The town's account; ``token`` is the first of the configured ones, ``media_hosts`` the provider's own hosts."""

    sid: str
    token: str
    api_base: str = "https://api.twilio.com"
    media_hosts: tuple[str, ...] = ("api.twilio.com", "media.twiliocdn.com", "mcs.us1.twilio.com")


class AccountSettings:
    """The section of the settings, as the gateway asks for it."""

    def __init__(self, settings: Any) -> None:
        self._section: Twilio = settings.section(SECTION_NAME)

    @property
    def account(self) -> Account:
        """The account, its first token in use; raises ``ProviderNotSetUp``."""
        section = self._section
        if not section.configured:
            raise ProviderNotSetUp("There is no telephone provider.", "Set twilio.account_sid and twilio.auth_tokens.")
        return Account(
            sid=section.account_sid,
            token=section.auth_tokens[0].get_secret_value(),
            api_base=section.api_base,
            media_hosts=section.media_hosts,
        )

    @property
    def configured(self) -> bool:
        """Whether there is an account."""
        return self._section.configured

    @property
    def sends(self) -> bool:
        """Whether there is an account, and a sender or number of its own."""
        return bool(self.configured and (self._section.sender or self._section.receives))

    @property
    def sender(self) -> str:
        """The sender that is set, else the number residents text."""
        return self._section.sender or self._section.receives

    @property
    def receives(self) -> str:
        """The number residents text and phone."""
        return self._section.receives

    @property
    def named_in_texts(self) -> str:
        """The number for writing back where the sender cannot receive."""
        return self._section.named_in_texts

    @property
    def chooses_sender(self) -> bool:
        """A text may come from any sender of the account's."""
        return True

    @property
    def account_id(self) -> str:
        """The account's SID."""
        return self._section.account_sid

    @property
    def reconcile_seconds(self) -> float:
        """How often its lists are read."""
        return float(self._section.reconcile_seconds)

    @property
    def erases(self) -> bool:
        """Whether what is erased here is deleted there too."""
        return self._section.erases
