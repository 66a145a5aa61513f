"""Webhooks of ours: signed so that an independent verifier takes them, tried again, and never to a private address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from config.enums import Role
from config.settings.loader import Settings
from config.settings.sections.upkeep_sections import Webhooks
from inbox.accounts import passwords, staff
from inbox.administration import webhooks
from inbox.models import WebhookCall
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.fixtures_store import StoreFolders
from tests.inbox.pages.seed import PASSWORD
from tests.standins.web import Answer, Asked, LoopbackServer
from workers.caretaking import webhook_calls
from workers.runtime.watcher_context import WatcherContext


class Receiver:
    """Keeps what it is told; answers what it is to."""

    def __init__(self) -> None:
        self.told: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        self.base = ""

    def answer(self, asked: Asked) -> Answer:
        """The status that it is to, leading elsewhere."""
        self.told.append((asked.headers, asked.body))
        return Answer(self.status, headers={"Location": "http://127.0.0.1:1/"})


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    with LoopbackServer(found.answer) as server:
        found.base = server.base
        yield found


@pytest.fixture
def here(sqlite_store: Store, sqlite_settings: StoreFolders) -> WatcherContext:
    own = Webhooks(private_hosts=("127.0.0.1",))
    return WatcherContext(
        Settings(data_dir=sqlite_settings.data_dir, keys_dir=sqlite_settings.keys_dir, webhooks=own), sqlite_store
    )


def told_at(store: Store, url: str) -> tuple[int, str]:
    """An address that is told something; its number and secret."""
    with store.write() as session:
        person = staff.create_person(session, "ada", "Ada", passwords.hash_password(PASSWORD), [Role.ADMINISTRATOR]).id
        number, secret = webhooks.add_webhook(session, url, person)
        webhooks.queue_event(session, "contribution.published", {"contribution": 7})
    return number, secret


def calls(store: Store) -> list[WebhookCall]:
    with store.read() as session:
        found = list(session.query(WebhookCall))
        session.expunge_all()
        return found


def test_an_independent_verifier_takes_it(here: WatcherContext, receiver: Receiver) -> None:
    number, secret = told_at(here.store, f"{receiver.base}/hook")
    webhook_calls.send_due_webhooks(here)
    webhook_calls.send_due_webhooks(here)  # once only
    ((headers, body),) = receiver.told
    assert Verifier(secret).verify(body, headers)["data"] == {"contribution": 7}
    with pytest.raises(WebhookVerificationError):
        Verifier(secret).verify(body.replace(b"7", b"8"), headers)
    with here.store.write() as session:
        new = webhooks.rotate_secret(session, number, by=1)
        webhooks.queue_event(session, "votes.counted", {"voters": 3})
    assert new is not None
    webhook_calls.send_due_webhooks(here)
    headers, body = receiver.told[-1]
    for one in (secret, new):  # both hold for a day
        assert Verifier(one).verify(body, headers)["type"] == "votes.counted"


@pytest.mark.parametrize("status", [302, 410, 500])
def test_what_is_not_taken_is_tried_again_and_given_up(here: WatcherContext, receiver: Receiver, status: int) -> None:
    number, _secret = told_at(here.store, f"{receiver.base}/hook")
    receiver.status = status
    webhook_calls.send_due_webhooks(here)
    (call,) = calls(here.store)
    assert (call.attempts, call.ended_at, call.said) == (1, None, f"answered {status}")
    assert call.not_before > utc_now() + timedelta(seconds=1)
    waits = []
    with here.store.write() as session:
        for _ in webhooks.RETRIES:
            before = utc_now()
            webhooks.record_attempt(session, call.id, "answered 500", before, delivered=False)
            waits.append((session.get_one(WebhookCall, call.id).not_before - before).total_seconds())
        assert session.get_one(WebhookCall, call.id).ended_at is not None
        assert webhooks.list_webhooks(session)[0].given_up == 1
        assert webhooks.retry_failed_calls(session, number) == 1
    assert waits[:-1] == sorted(waits[:-1])
    receiver.status = 200
    webhook_calls.send_due_webhooks(here)
    assert calls(here.store)[0].delivered


# Where nothing is sent, whoever typed the address.
REFUSED = (
    "https://127.0.0.1/",
    "https://10.0.0.8/hook",
    "https://169.254.169.254/latest/meta-data/",
    "https://[::1]/",
    "https://[::ffff:192.168.1.1]/",
    "http://93.184.216.34/",
    "https://user:secret@93.184.216.34/",
    "ftp://93.184.216.34/",
)


@pytest.mark.parametrize("url", REFUSED)
def test_private_addresses_are_refused(url: str) -> None:
    with pytest.raises(webhook_calls.AddressForbidden):
        webhook_calls.resolve_allowed_address(Settings(), url)


def test_public_ones_are_called() -> None:
    assert webhook_calls.resolve_allowed_address(Settings(), "https://93.184.216.34/hook") == "93.184.216.34"
