"""What passes between the gateway and a provider: its requests, our replies, our texts."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import datetime

from channels.base.values import Outgoing


@dataclass(frozen=True)
class HookRequest:
    """A webhook's request as it came in; ``raw_path`` is path and query exactly as requested."""

    raw_path: str
    body: bytes
    headers: Mapping[str, str]
    """Looked up in any case."""
    public_url: str = ""
    """Scheme and host under which the provider calls us, from the settings."""
    seen_url: str = ""
    """Scheme and host as the request names them, which a forger may choose."""
    content_type: str = ""


@dataclass(frozen=True)
class Reply:
    """What a webhook is answered."""

    body: str = ""
    media_type: str = "text/plain"
    status: int = 204


@dataclass(frozen=True)
class CallToPlace:
    """A call of ours with all that any provider may need to place it."""

    to: str
    """A telephone number in E.164."""
    answer_url: str
    """The address that is asked what to say once somebody has picked up."""
    status_callback: str
    """The address that is told how the call ended."""
    ring_seconds: int = 30
    attempted_at: datetime | None = None
    """When an earlier attempt began whose outcome is not known."""
    others: Container[str] = ()
    """The provider's identifiers of what else went to the same person."""


@dataclass(frozen=True)
class TextToSend:
    """A text message with all that any provider may need to send it."""

    outgoing: Outgoing
    name: str
    """Our own name for it, the same at every attempt, unique at the provider: it makes twice once."""
    sender: str = ""
    """The number, name or service it comes from, where the provider lets us choose."""
    status_callback: str = ""
    """The address that is told what becomes of it; empty when nobody is to be told."""
    attempted_at: datetime | None = None
    """When an earlier attempt began whose outcome is not known."""
    others: Container[str] = ()
    """The provider's identifiers of other messages to the same person."""
