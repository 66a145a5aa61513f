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
    RefusalReason.WRONG_SIGNATURE: "Compare the token or signing key with the provider's; list both while rotating.",
    RefusalReason.WRONG_URL: "Set public_url to the address the provider calls: scheme, host, port.",
    RefusalReason.WRONG_ACCOUNT: "Set the provider's account in the settings to the one that owns the number.",
    RefusalReason.NO_TOKEN: "Set the provider's token or signing keys: without one nobody can prove who posts.",
    RefusalReason.MALFORMED: "The request lacks what every message of the provider has; nothing was stored.",
}


class ProviderError(ChannelError):
    """The provider did not do what was asked; ``code`` is its own error number, or the HTTP status."""

    def __init__(self, code: int, remedy: str, *, retryable: bool) -> None:
        super().__init__(f"provider error {code}")
        self.code = code
        self.remedy = remedy
        self.retryable = retryable


class ProviderNotSetUp(ChannelError):
    """The settings lack what a provider needs: tried again, once somebody has set it."""

    retryable = True

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.remedy = remedy


class NotReady(ChannelError):
    """The file or the provider is not there yet: to be tried again, and no failure."""

    retryable = True
    remedy = "It is fetched again by itself."


class OptedOut(ChannelError):
    """The person has told the provider to stop: remember it, and send nothing more."""

    remedy = "Nothing to do: the person is not sent any more texts."


class NotFetched(ChannelError):
    """The file cannot be fetched: from a foreign host, too large, too slow."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.remedy = remedy


class RequestRefused(ChannelError):
    """A request that does not prove to be the provider's, or is none of its forms."""

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.remedy = _REMEDIES[reason]
