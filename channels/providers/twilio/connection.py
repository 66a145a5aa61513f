"""How the provider is asked for anything, in sending, fetching, listing and removing: the account and the timeouts."""

from __future__ import annotations

from dataclasses import dataclass

NETWORK_TIMEOUT = (5.0, 20.0)
"""Seconds to connect, and between two pieces of an answer. ``limits.fetch_seconds`` bounds a whole file."""


@dataclass(frozen=True)
class Account:
    """The town's account; ``token`` is the first of the configured ones, ``media_hosts`` the provider's own hosts."""

    sid: str
    token: str
    api_base: str = "https://api.twilio.com"
    media_hosts: tuple[str, ...] = ("api.twilio.com", "media.twiliocdn.com", "mcs.us1.twilio.com")
