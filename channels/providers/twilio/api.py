"""Twilio's interface in one place: proof, sending, fetching."""

from channels.base.errors import NotFetched, NotReady, OptedOut, ProviderError
from channels.providers.twilio.account import Account
from channels.providers.twilio.fetch import fetch
from channels.providers.twilio.proof import (
    SIGNATURE_HEADER,
    check_request,
    parse_form,
    parse_status,
    provider_identifier,
    recording_url,
)
from channels.providers.twilio.send import send_message
from channels.providers.twilio.texts import TEXTS

__all__ = [
    "SIGNATURE_HEADER",
    "TEXTS",
    "Account",
    "NotFetched",
    "NotReady",
    "OptedOut",
    "ProviderError",
    "check_request",
    "fetch",
    "parse_form",
    "parse_status",
    "provider_identifier",
    "recording_url",
    "send_message",
]
