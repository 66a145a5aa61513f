"""An ordinary telephone as provider: the app "SMS Gateway for Android" (github.com/capcom6/android-sms-gateway).

Webhooks and their proof after its documentation, features/webhooks; sending after features/sending-messages.
It keeps no list of what came in: a lost webhook is tried again by the app itself, for two days.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Sequence

import requests

from channels.base.errors import NotReady, ProviderError, RefusalReason, RequestRefused
from channels.base.provider_fields import TextProvider
from channels.base.values import DeliveryStatus, Fields, Outgoing

SIGNATURE_HEADER, TIMESTAMP_HEADER = "X-Signature", "X-Timestamp"
_PICTURES = "mms:received"
TEXT_EVENTS = ("sms:received", _PICTURES)
_STATES = {"sms:sent": "sent", "sms:delivered": "delivered", "sms:failed": "failed"}
_OURS = re.compile(r"portevoix-[a-z0-9-]+-([0-9]{1,9})")  # what any row's number fits in
_SAID = ("messageId", "transactionId", "sender", "message", "subject", "receivedAt")


def _identity(posted: Fields) -> tuple[str, str]:
    """Device and digest: ``messageId`` is made from the content and not unique, the event's ``id`` not repeated."""
    if not (device := posted.get("deviceId", "")) or not posted.get("payload.messageId"):
        raise RequestRefused(RefusalReason.MALFORMED)
    said = json.dumps([posted.get(f"payload.{name}") for name in _SAID])
    return device[:255], hashlib.sha256(said.encode()).hexdigest()


def _has_pictures(posted: Fields) -> bool:
    """A picture message is only announced (``MmsReceivedPayload``): newer apps do not even count its pictures."""
    announced = "1" if posted.get("event") == _PICTURES else "0"
    return posted.get("payload.attachmentCount", announced) not in ("", "0")


TEXTS = TextProvider(
    identity=_identity,
    sender="payload.sender",
    receiver="payload.recipient",  # null without a permission: then the settings say which number it is
    body="payload.message",
    needed=("payload.sender", "payload.receivedAt"),
    sent_at="payload.receivedAt",
    kept_back=_has_pictures,
    subject="payload.subject",
)


def check_request(*, keys: Sequence[str], body: bytes, signature: str | None, timestamp: str | None) -> Fields:
    """The posted fields (``payload.message`` …), once a signing key proves body and time; else ``Refused``.

    The time is not held against our clock: replays die on the identity, and a telephone's clock may be wrong.
    """
    if not keys or not signature:
        raise RequestRefused(RefusalReason.MISSING_SIGNATURE if keys else RefusalReason.NO_TOKEN)
    signed, claimed = body + (timestamp or "").encode("utf-8", "replace"), signature.lower().encode("utf-8", "replace")
    computed = [hmac.new(key.encode(), signed, hashlib.sha256).hexdigest().encode() for key in keys]
    if sum(hmac.compare_digest(one, claimed) for one in computed) == 0:
        raise RequestRefused(RefusalReason.WRONG_SIGNATURE)
    try:
        found = dict(_flat("", json.loads(body)))
    except (ValueError, RecursionError) as error:
        raise RequestRefused(RefusalReason.MALFORMED) from error
    # Before February 2026 the app called the sender of what came in only phoneNumber.
    return Fields({"payload.sender": found.get("payload.phoneNumber", ""), **found})


def _flat(name: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for inner, of in value.items():
            yield from _flat(f"{name}.{inner}".lstrip("."), of)
    elif isinstance(value, str | int):  # null is nothing, and nothing of ours is a list
        yield name, str(value).encode("utf-8", "replace").decode()


def parse_status(posted: Fields) -> DeliveryStatus | None:
    """What became of a text of ours; None for other events, and for texts that others sent with this telephone."""
    state, name = _STATES.get(posted.get("event", "")), posted.get("payload.messageId", "")
    own = _OURS.fullmatch(name)
    return DeliveryStatus(name, state, message_id=int(own[1])) if state and own else None


def send_message(session: requests.Session, api_base: str, outgoing: Outgoing, *, name: str) -> str:
    """Hand a text over; ``name``, ours, makes twice once. Raises ``NotReady`` or ``ProviderError``."""
    form = {"id": name, "textMessage": {"text": outgoing.body}, "phoneNumbers": [outgoing.to.value]}
    try:
        if session.get(f"{api_base}/messages/{name}", timeout=20, allow_redirects=False).status_code == 200:
            return name
        answer = session.post(f"{api_base}/messages", json=form, timeout=20, allow_redirects=False)
    except requests.RequestException as error:  # whether it took the text is asked the next time
        raise NotReady("the telephone cannot be reached") from error
    if answer.status_code == 429 or answer.status_code >= 500:
        raise NotReady(f"the telephone asks to wait ({answer.status_code})")
    if answer.status_code not in (200, 201, 202):
        retryable = answer.status_code in (401, 403, 404)
        raise ProviderError(answer.status_code, "Check phone.api_base, its user and password.", retryable=retryable)
    return name
