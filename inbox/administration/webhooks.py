"""Webhooks of ours: which addresses are told what happens, what each is still to be told, and how a call is signed.

Signed by Standard Webhooks 1.0 (``webhook-id``, ``webhook-timestamp``, ``webhook-signature: v1,…``). What is told holds
numbers and short names, never what a resident said: whoever may read that asks the API.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from inbox.models import Webhook, WebhookCall
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.records import history
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.upsert import insert_rows

EVENTS = (
    "contribution.published",
    "contribution.set_aside",
    "contribution.in_review",
    "answer.released",
    "votes.counted",
)
BOTH_HOLD = timedelta(hours=24)
"""How long the secret before signs besides the new one."""
RETRIES = tuple(timedelta(seconds=one) for one in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400))
"""After each attempt that failed; then it is given up, and shown."""
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class DueCall:
    """One call to be made."""

    id: int
    url: str
    secrets: tuple[bytes, ...]
    body: bytes
    name: str
    """As ``webhook-id``: the same at each attempt."""


def queue_event(session: Session, event: str, data: dict[str, Any]) -> None:
    """Have every address told, in the transaction in which it happens."""
    assert event in EVENTS
    to = session.scalars(select(Webhook.id).where(Webhook.ended_at.is_(None))).all()
    now = utc_now()
    common = {"event": event, "data": data, "happened_at": now, "not_before": now}
    insert_rows(
        session,
        WebhookCall,
        [{"webhook_id": one, "attempts": 0, "said": "", "delivered": False, **common} for one in to],
    )


def add_webhook(session: Session, url: str, by: int) -> tuple[int, str]:
    """A further address; its number, and the secret, which is shown this once."""
    key_id = vault_of(session).new_key(session).id
    secret = secrets.token_bytes(_SECRET_BYTES)
    row = Webhook(url=url, key_id=key_id, sealed_secret=b"", made_by_id=by)
    session.add(row)
    session.flush()
    row.sealed_secret = vault_of(session).seal(session, key_id, secret, place_of(Webhook.sealed_secret, row))
    history.record_event(session, f"webhook:{row.id}", "webhook_added", by)
    return row.id, secret_as_shown(secret)


def rotate_secret(session: Session, webhook_id: int, by: int) -> str | None:
    """A new secret; the one before signs besides for a day. None where there is no such address."""
    row = session.get(Webhook, webhook_id, with_for_update=True)
    if row is None or row.ended_at is not None:
        return None
    vault, secret = vault_of(session), secrets.token_bytes(_SECRET_BYTES)
    new_place, old_place = place_of(Webhook.sealed_secret, row), place_of(Webhook.sealed_old_secret, row)
    before = vault.open(session, row.key_id, row.sealed_secret, new_place)
    row.sealed_old_secret = vault.seal(session, row.key_id, before, old_place)
    row.sealed_secret = vault.seal(session, row.key_id, secret, new_place)
    row.old_until = utc_now() + BOTH_HOLD
    history.record_event(session, f"webhook:{webhook_id}", "webhook_secret_changed", by)
    return secret_as_shown(secret)


def end_webhook(session: Session, webhook_id: int, by: int) -> bool:
    """Tell an address nothing any more; whether it was told until now."""
    row = session.get(Webhook, webhook_id, with_for_update=True)
    if row is None or row.ended_at is not None:
        return False
    row.ended_at = utc_now()
    open_calls = update(WebhookCall).where(WebhookCall.webhook_id == webhook_id, WebhookCall.ended_at.is_(None))
    session.execute(open_calls.values(ended_at=utc_now(), said="the address was removed"))
    vault_of(session).destroy_key(session, row.key_id)
    history.record_event(session, f"webhook:{webhook_id}", "webhook_removed", by)
    return True


def retry_failed_calls(session: Session, webhook_id: int) -> int:
    """Make every call of an address that was given up once more; how many."""
    given_up = update(WebhookCall).where(
        WebhookCall.webhook_id == webhook_id, WebhookCall.ended_at.is_not(None), WebhookCall.delivered.is_(False)
    )
    again = given_up.values(ended_at=None, attempts=0, not_before=utc_now()).returning(WebhookCall.id)
    return len(session.scalars(again).all())


def secret_as_shown(secret: bytes) -> str:
    """A secret as receivers write it down."""
    return "whsec_" + base64.b64encode(secret).decode()


# --- calling --------------------------------------------------------------------------------------


def due_calls(session: Session, now: datetime, most: int = 50) -> list[DueCall]:
    """The next calls to be made, oldest first."""
    wanted = (
        select(WebhookCall, Webhook)
        .join(Webhook, Webhook.id == WebhookCall.webhook_id)
        .where(WebhookCall.ended_at.is_(None), WebhookCall.not_before <= now, Webhook.ended_at.is_(None))
        .order_by(WebhookCall.not_before, WebhookCall.id)
        .limit(most)
    )
    return [_due(session, call, hook, now) for call, hook in session.execute(wanted)]


def _due(session: Session, call: WebhookCall, hook: Webhook, now: datetime) -> DueCall:
    sealed = [(hook.sealed_secret, place_of(Webhook.sealed_secret, hook))]
    if hook.sealed_old_secret is not None and hook.old_until is not None and now < hook.old_until:
        sealed.append((hook.sealed_old_secret, place_of(Webhook.sealed_old_secret, hook)))
    opened = tuple(vault_of(session).open(session, hook.key_id, one, place) for one, place in sealed)
    body = json.dumps({"type": call.event, "timestamp": call.happened_at.isoformat(), "data": call.data})
    return DueCall(call.id, hook.url, opened, body.encode(), f"msg_{call.id}")


def signature_headers(call: DueCall, at: datetime) -> dict[str, str]:
    """The headers by which a receiver knows that we sent it, and when."""
    moment = str(int(at.timestamp()))
    content = f"{call.name}.{moment}.".encode() + call.body
    signatures = (base64.b64encode(hmac.digest(one, content, "sha256")).decode() for one in call.secrets)
    return {
        "webhook-id": call.name,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
    }


def record_attempt(session: Session, call_id: int, said: str, now: datetime, *, delivered: bool) -> None:
    """Note what an attempt met; the next one is made later, until there are no more."""
    call = session.get(WebhookCall, call_id, with_for_update=True)
    if call is None or call.ended_at is not None:
        return
    call.attempts += 1
    call.said, call.delivered = said[:120], delivered
    if delivered or call.attempts > len(RETRIES):
        call.ended_at = now
    else:
        call.not_before = now + RETRIES[call.attempts - 1]


# --- what a page shows ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WebhookStatus:
    """An address, and how its calls stand."""

    id: int
    url: str
    waiting: int
    delivered: int
    given_up: int
    last_said: str


def list_webhooks(session: Session) -> Sequence[WebhookStatus]:
    """Every address that is told what happens."""
    hooks = session.scalars(select(Webhook).where(Webhook.ended_at.is_(None)).order_by(Webhook.id)).all()
    return [_shown(session, hook) for hook in hooks]


def _shown(session: Session, hook: Webhook) -> WebhookStatus:
    mine = WebhookCall.webhook_id == hook.id
    rows = session.execute(
        select(WebhookCall.ended_at.is_(None), WebhookCall.delivered, func.count())
        .where(mine)
        .group_by(WebhookCall.ended_at.is_(None), WebhookCall.delivered)
    )
    counts = {(bool(is_open), bool(done)): count for is_open, done, count in rows}
    said = session.scalar(
        select(WebhookCall.said).where(mine, WebhookCall.said != "").order_by(WebhookCall.id.desc()).limit(1)
    )
    delivered = sum(count for (_open, done), count in counts.items() if done)
    return WebhookStatus(
        hook.id, hook.url, counts.get((True, False), 0), delivered, counts.get((False, False), 0), said or ""
    )
