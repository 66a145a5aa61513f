"""Texts through an Android telephone: the table, what every door owes, and what becomes of our texts."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import select

from channels.providers.android.section import Phone
from config.enums import ErasureState, MessageState
from config.settings.loader import Settings
from gateway.web.app import create_app
from inbox.models import ErasureRequest, Message
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.gateway.conftest import NUMBER
from tests.gateway.door_contract import Case, DoorContract, Post, made
from tests.gateway.phone_cases import BODIES, DROP, EVENT, PHONE
from tests.gateway.test_webhook_texts import parks

__all__ = ["parks"]

KEY, NEW_KEY = "signing-key-of-the-app", "its-successor"
TIMESTAMP = "1795255200"


@pytest.fixture
def client(gateway_settings: Settings, gateway_store: Store) -> FlaskClient:
    phone = Phone(signing_keys=(SecretStr(NEW_KEY), SecretStr(KEY)), number=NUMBER)
    return create_app(gateway_settings.model_copy(update={"phone": phone}), gateway_store).test_client()


def signed(body: bytes, key: str = KEY) -> Post:
    """After the app's documentation: HMAC-SHA256 over the body and the time, in hexadecimal digits."""
    signature = hmac.digest(key.encode(), body + TIMESTAMP.encode(), hashlib.sha256).hex()
    return Post("/hooks/phone", body, {"X-Signature": signature, "X-Timestamp": TIMESTAMP}, "application/json")


class TestPhone(DoorContract):
    """``POST /hooks/phone``."""

    cases: ClassVar[dict[str, Case]] = PHONE
    secrets: ClassVar[tuple[str, ...]] = (KEY, NEW_KEY, "639980001", "bancs")

    def post_of(self, case: Case) -> Post:
        changed = dict(case.fields)
        payload = {**EVENT["payload"], **changed.pop("payload", {})}
        event = {**EVENT, **changed, "payload": {n: v for n, v in payload.items() if v is not DROP}}
        return signed(json.dumps(event).encode())


@pytest.mark.parametrize(("body", "status"), BODIES.values(), ids=BODIES)
def test_a_signed_body_of_any_kind_is_never_an_error(
    client: FlaskClient, gateway_store: Store, body: bytes, status: int
) -> None:
    assert TestPhone().send(client, signed(body)).status_code == status
    assert set(made(gateway_store)) <= {"refused"}


def test_either_key_is_accepted_while_they_are_changed(client: FlaskClient, gateway_store: Store) -> None:
    body = json.dumps(EVENT).encode()
    assert [TestPhone().send(client, signed(body, key)).status_code for key in (KEY, NEW_KEY, "x")] == [204, 204, 403]
    assert made(gateway_store)["intakes"] == 1


def test_without_a_key_nobody_is_the_telephone(provider: Any, gateway_store: Store) -> None:
    assert TestPhone().send(provider.client, signed(json.dumps(EVENT).encode())).status_code == 403
    assert made(gateway_store) == {"refused": ["no_token"]}


@pytest.mark.parametrize(
    ("minutes", "says"),
    [(5, ["receipt", "effacé dans 24 h"]), (-4, ["receipt", "effacé dans 24 h"]), (90, ["receipt", "receipt"])],
    ids=["in time", "by a clock that is slow", "too late"],
)
def test_a_yes_handed_over_hours_later_counts_by_when_it_was_sent(
    client: FlaskClient, gateway_store: Store, minutes: int, says: list[str]
) -> None:
    TestPhone().send(client, signed(json.dumps(EVENT).encode()))
    asked = utc_now() - timedelta(hours=5)
    with gateway_store.write() as session:
        state = ErasureState.ASKED_BACK
        session.add(ErasureRequest(contribution_id=1, asked_in_id=1, state=state, asked_at=asked))
    sent = {**EVENT["payload"], "message": "OUI", "receivedAt": (asked + timedelta(minutes=minutes)).isoformat()}
    TestPhone().send(client, signed(json.dumps({**EVENT, "payload": sent}).encode()))
    answers = made(gateway_store)["answers"]
    assert [said in answer for said, answer in zip(says, answers, strict=True)] == [True, True]


@pytest.mark.parametrize(
    ("events", "state"),
    [
        (["sms:sent"], MessageState.SENT),
        (["sms:delivered"], MessageState.DELIVERED),
        (["sms:failed"], MessageState.FAILED),
        (["sms:delivered", "sms:sent"], MessageState.DELIVERED),
        (["sms:sent", "sms:delivered", "sms:delivered"], MessageState.DELIVERED),
    ],
    ids=str,
)
def test_what_becomes_of_our_text(
    client: FlaskClient, gateway_store: Store, events: list[str], state: MessageState
) -> None:
    TestPhone().send(client, signed(json.dumps(EVENT).encode()))
    with gateway_store.write() as session:
        session.scalars(select(Message)).one().sent_at = utc_now()
    for event in events:
        told = {**EVENT, "event": event, "payload": {"messageId": "portevoix-ville-1", "recipient": "+33639980001"}}
        assert TestPhone().send(client, signed(json.dumps(told).encode())).status_code == 204
    with gateway_store.read() as session:
        message = session.scalars(select(Message)).one()
        assert (message.state, message.provider_id) == (state, "portevoix-ville-1")
