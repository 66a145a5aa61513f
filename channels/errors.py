"""What can go wrong in this room: data, each with its remedy."""

from __future__ import annotations

from enum import StrEnum


class ChannelError(Exception):
    """The root of what can go wrong in this room; ``remedy`` says what to do about it."""

    retryable = False
    remedy = "Look at the original in the inbox."


class RefusalReason(StrEnum):
    """Why a request was refused: counted and shown, never with its content."""

    MISSING_SIGNATURE = "missing_signature"
    WRONG_SIGNATURE = "wrong_signature"
    WRONG_URL = "wrong_url"  # signed for the address the request saw, not for the configured public one
    WRONG_ACCOUNT = "wrong_account"
    NO_TOKEN = "no_token"  # noqa: S105 (a reason, not a secret)
    MALFORMED = "malformed"


_REMEDIES = {
    RefusalReason.MISSING_SIGNATURE: "If this was the provider, its webhook must be a POST straight to this address.",
    RefusalReason.WRONG_SIGNATURE: "Compare the auth token with the provider's console; list both while rotating.",
    RefusalReason.WRONG_URL: "Set public_url to the address the provider calls: scheme, host, port.",
    RefusalReason.WRONG_ACCOUNT: "Set twilio.account_sid to the account that owns the number.",
    RefusalReason.NO_TOKEN: "Set twilio.auth_tokens: without a token nobody can prove to be the provider.",
    RefusalReason.MALFORMED: "The request lacks what every message of the provider has; nothing was stored.",
}


class Refused(ChannelError):
    """A request that does not prove to be the provider's, or is none of its forms."""

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.remedy = _REMEDIES[reason]
