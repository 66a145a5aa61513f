"""Calls, and what becomes of our texts, through the provider's webhooks: the tables, and what every door owes."""

from __future__ import annotations

from typing import Any, ClassVar

from flask.testing import FlaskClient
from sqlalchemy import select

from config.enums import MessageState
from inbox.models import Message
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.channels.payloads import fields as payload
from tests.gateway.call_cases import CALLS
from tests.gateway.conftest import ACCOUNT, NUMBER, PUBLIC_URL, RESIDENT, TOKEN
from tests.gateway.door_contract import Case, DoorContract, Post, made
from tests.gateway.status_cases import EARLY, OURS, STATUSES
from tests.gateway.test_webhook_texts import form, parks
from tests.standins.telephone import sign

__all__ = ["parks"]


def posted(path: str, usual: dict[str, Any], changed: dict[str, Any]) -> Post:
    """A form as the provider posts and signs it."""
    fields = {name: value for name, value in {**usual, **changed}.items() if value is not None and name != "PATH"}
    body, pairs = form(fields)
    return Post(path, body, {"X-Twilio-Signature": sign(PUBLIC_URL + path, pairs, TOKEN)})


class TestCalls(DoorContract):
    """``POST /hooks/voice`` and below."""

    cases: ClassVar[dict[str, Case]] = CALLS
    secrets: ClassVar[tuple[str, ...]] = (TOKEN, "639980002", "298445566")

    def post_of(self, case: Case) -> Post:
        return posted(case.path, dict(payload("voice/ringing")), dict(case.fields))


class TestStatuses(DoorContract):
    """``POST /hooks/sms/status``, after one text was sent."""

    cases: ClassVar[dict[str, Case]] = STATUSES
    secrets: ClassVar[tuple[str, ...]] = (TOKEN, RESIDENT, RESIDENT[1:])

    def post_of(self, case: Case) -> Post:
        usual = {
            "SmsSid": OURS,
            "SmsStatus": "sent",
            "MessageStatus": "sent",
            "To": RESIDENT,
            "MessageSid": OURS,
            "AccountSid": ACCOUNT,
            "From": NUMBER,
            "ApiVersion": "2010-04-01",
        }
        return posted(case.path, usual, dict(case.fields))

    def come_before(self, case: Case, client: FlaskClient, store: Store) -> None:
        texted = posted("/hooks/sms", dict(payload("sms/plain")), {"From": RESIDENT})
        assert self.send(client, texted).status_code == 200
        with store.write() as session:
            message = session.scalars(select(Message)).one()
            message.sent_at = utc_now()
            if case.path != EARLY:
                message.provider_id, message.state = OURS, MessageState.SENT
        super().come_before(case, client, store)

    def found(self, store: Store) -> dict[str, Any]:
        with store.read() as session:
            message = session.scalars(select(Message)).one()
            found: dict[str, Any] = {"state": message.state.value}
        known = made(store)
        return found | {name: known[name] for name in ("opted_out", "refused") if name in known}
