"""What the gateway's own doors and the fallback door must do alike with a webhook of the telephone provider."""

from __future__ import annotations

from werkzeug.wrappers import Request

from channels.base.values import Fields
from channels.providers import twilio
from config.settings.sections import Twilio

EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
LARGEST = 256 * 1024
"""No webhook of the provider is anywhere near this size in bytes."""

KEPT_HEADERS = ("X-Twilio", "I-Twilio")
"""How the names of the headers begin that are kept beside the body."""


def raw_path(request: Request) -> str:
    """Path and query exactly as requested: what is decoded, the provider did not sign."""
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI")
    if raw:
        return str(raw)
    query = request.query_string.decode("latin-1")
    return request.path + (f"?{query}" if query else "")


def verified_fields(request: Request, provider: Twilio, public_url: str, body: bytes) -> Fields:
    """The fields of a request that the provider signed for ``public_url``; raises ``Refused`` for any other."""
    return twilio.check_request(
        tokens=[token.get_secret_value() for token in provider.auth_tokens],
        public_url=public_url,
        raw_path=raw_path(request),
        body=body,
        signature=request.headers.get(twilio.SIGNATURE_HEADER),
        content_type=request.content_type or "",
        seen_url=request.host_url,
        account=provider.account_sid,
    )


def kept_headers(request: Request, *more: str) -> dict[str, str]:
    """The headers that are kept, ``more`` being further beginnings of names."""
    return {name: value for name, value in request.headers.items() if name.startswith((*KEPT_HEADERS, *more))}
