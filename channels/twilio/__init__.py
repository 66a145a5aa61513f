"""All that is Twilio's: the proof that it sent a webhook, sending texts, fetching files."""

from channels.twilio.fetch import fetch
from channels.twilio.proof import SIGNATURE_HEADER, check_request, identity, parse_form, parse_status, recording_url
from channels.twilio.send import Account, NotFetched, NotReady, OptedOut, ProviderError, send_message

__all__ = [
    "SIGNATURE_HEADER",
    "Account",
    "NotFetched",
    "NotReady",
    "OptedOut",
    "ProviderError",
    "check_request",
    "fetch",
    "identity",
    "parse_form",
    "parse_status",
    "recording_url",
    "send_message",
]
