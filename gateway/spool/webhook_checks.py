"""What the gateway's own doors and the fallback door must do alike with a webhook of the telephone provider."""

from __future__ import annotations

from requests.structures import CaseInsensitiveDict
from werkzeug.wrappers import Request

from channels.base.provider import PushedTexts
from channels.base.provider_requests import HookRequest

LARGEST = 256 * 1024
"""No webhook of the provider is anywhere near this size in bytes."""


def raw_path(request: Request) -> str:
    """Path and query exactly as requested: what is decoded, the provider did not sign."""
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI")
    if raw:
        return str(raw)
    query = request.query_string.decode("latin-1")
    return request.path + (f"?{query}" if query else "")


def as_hook_request(request: Request, public_url: str, body: bytes) -> HookRequest:
    """A request as the value that a provider verifies; ``public_url`` is the address it is to be signed for."""
    return HookRequest(
        raw_path=raw_path(request),
        body=body,
        headers=CaseInsensitiveDict(request.headers.items()),
        public_url=public_url,
        seen_url=f"{request.scheme}://{request.host}",
        content_type=request.content_type or "",
    )


def kept_headers(request: Request, provider: PushedTexts) -> dict[str, str]:
    """The headers that the provider wants kept beside the body."""
    return {name: value for name, value in request.headers.items() if name.startswith(provider.kept_headers)}
