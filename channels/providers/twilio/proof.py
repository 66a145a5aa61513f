"""A webhook of the provider: the proof that it sent it, and the forms of its identifiers."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Sequence
from hashlib import sha256
from urllib.parse import parse_qs, parse_qsl, urlsplit

from channels.base.errors import RefusalReason, RequestRefused
from channels.base.values import DeliveryStatus, Fields

SIGNATURE_HEADER = "X-Twilio-Signature"
_SID = {kind: re.compile(rf"(?:{kind})[0-9a-fA-F]{{32}}") for kind in ("SM|MM", "CA", "RE", "AC")}
_MOST_FIELDS = 500  # a message has about 25, one with ten pictures about 45
_DEFAULT_PORT = {"https": 443, "http": 80}
# Opted out, at the provider or at the carrier (its error reference, 21610).
_OPTED_OUT = "21610"
_STATES = {"sent": "sent", "delivered": "delivered", "read": "delivered", "undelivered": "failed", "failed": "failed"}


def check_request(
    *,
    tokens: Sequence[str],
    public_url: str,
    raw_path: str,
    body: bytes,
    signature: str | None,
    content_type: str = "application/x-www-form-urlencoded",
    seen_url: str = "",
    account: str = "",
) -> Fields:
    """The posted fields, once one of ``tokens`` proves that the provider posted them; else ``Refused``.

    ``raw_path`` is path and query exactly as requested. ``public_url`` is configured, because Host
    and X-Forwarded-* are the client's to choose; ``seen_url``, scheme and host as the request names
    them, only tells a wrong public URL from a wrong token. A given ``account`` must be the fields'.
    """
    if not tokens:
        raise RequestRefused(RefusalReason.NO_TOKEN)
    if not signature:
        raise RequestRefused(RefusalReason.MISSING_SIGNATURE)
    is_form = content_type.split(";")[0].strip().lower() in ("application/x-www-form-urlencoded", "")
    fields = parse_form(body) if is_form else Fields([])
    if not is_form and not _body_hash_fits(raw_path, body):
        raise RequestRefused(RefusalReason.WRONG_SIGNATURE)
    if not _fits(tokens, public_url.rstrip("/") + raw_path, fields, signature):
        wrong_url = seen_url and _fits(tokens, seen_url.rstrip("/") + raw_path, fields, signature)
        raise RequestRefused(RefusalReason.WRONG_URL if wrong_url else RefusalReason.WRONG_SIGNATURE)
    if account and is_form and fields.get("AccountSid", account) != account:
        raise RequestRefused(RefusalReason.WRONG_ACCOUNT)
    return fields


def parse_form(body: bytes) -> Fields:
    """A form body's fields, blanks and repeats kept; bytes that are no UTF-8 become U+FFFD, as the provider's do."""
    try:
        text = body.decode("utf-8", "replace")
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="replace")
    except ValueError as error:
        raise RequestRefused(RefusalReason.MALFORMED) from error
    return Fields(pairs)


def provider_identifier(fields: Fields, name: str, kind: str) -> str:
    """The identifier ``name`` of form ``kind`` ("SM|MM", "CA", "RE", "AC"); ``Refused`` unless exactly one fits.

    ``A=1B2`` signs like ``A=1`` with ``B=2``, so a captured request could be cut up anew; but what
    was signed is one string, and however it is cut, the genuine identifier still stands in it.
    """
    values = set(fields.getall(name)) if name in fields else set()
    if len(values) != 1 or not _SID[kind].fullmatch(value := values.pop()):
        raise RequestRefused(RefusalReason.MALFORMED)
    # Other fields of that ending (SmsMessageSid, OriginalRepliedMessageSid, ParentCallSid) are the provider's.
    others = re.compile(rf"[A-Z][A-Za-z]{{0,40}}{name}")
    signed = "".join(n + v for n, v in sorted(set(fields.pairs)) if not others.fullmatch(n))
    if set(re.findall(rf"{name}({_SID[kind].pattern})", signed)) != {value}:
        raise RequestRefused(RefusalReason.MALFORMED)
    return value


def recording_url(api_base: str, account: str, recording: str) -> str:
    """Where the provider keeps a recording, as a WAV file."""
    return f"{api_base}/2010-04-01/Accounts/{account}/Recordings/{recording}.wav"


def parse_status(fields: Fields, message_id: str = "") -> DeliveryStatus | None:
    """A message status callback; None for the steps on the way (queued, sending) that change nothing.

    ``message_id`` is our own number for the message, from the signed address of the callback.
    """
    state = _STATES.get(fields.get("MessageStatus", ""))
    if state is None:
        return None
    error = re.sub(r"\D", "", fields.get("ErrorCode", ""))[:10]
    own = int(message_id) if re.fullmatch(r"[0-9]{1,9}", message_id) else None
    sid = provider_identifier(fields, "MessageSid", "SM|MM")
    return DeliveryStatus(sid, state, error, opted_out=error == _OPTED_OUT, message_id=own)


def _fits(tokens: Sequence[str], url: str, fields: Fields, signature: str) -> bool:
    """Whether any token signs this request, with or without the port: the provider's back ends differ there."""
    fitting, given, posted = False, signature.encode("utf-8", "replace"), _signed_fields(fields)
    for token in tokens:
        for candidate in _with_and_without_port(url):
            fitting |= hmac.compare_digest(_signature(token, candidate, posted), given)
    return fitting


def _signed_fields(fields: Fields) -> bytes:
    """Each name with its values sorted and once (twilio.com/docs/usage/security), as it is signed after the address."""
    signed = "".join(name + value for name in sorted(fields) for value in sorted(set(fields.getall(name))))
    return signed.encode("utf-8", "surrogatepass")


def _signature(token: str, url: str, posted: bytes) -> bytes:
    signed = url.encode("utf-8", "surrogatepass") + posted
    # Not hmac.digest: it lets go of the interpreter, which costs more than the hash where many threads wait for it.
    return base64.b64encode(hmac.new(token.encode(), signed, "sha1").digest())


def _with_and_without_port(url: str) -> tuple[str, ...]:
    """The URL as given, and with its port added or removed, user info and IPv6 addresses kept."""
    parts = urlsplit(url)
    scheme, _, rest = url.partition("://")
    netloc, path = rest[: len(parts.netloc)], rest[len(parts.netloc) :]
    try:
        port = parts.port
    except ValueError:
        return (url,)
    if port is None:
        return url, f"{scheme}://{netloc.rstrip(':')}:{_DEFAULT_PORT.get(parts.scheme, 80)}{path}"
    return url, f"{scheme}://{netloc[: netloc.rindex(':')]}{path}"


def _body_hash_fits(raw_path: str, body: bytes) -> bool:
    """Whether a body that is no form is the one whose hash stands in the signed query."""
    claimed = parse_qs(urlsplit(raw_path).query).get("bodySHA256", [""])[0]
    return hmac.compare_digest(sha256(body).hexdigest(), claimed.lower().encode("ascii", "replace").decode())
