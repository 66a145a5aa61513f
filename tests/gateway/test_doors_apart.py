"""The doors as a process of their own: they seal what comes and open nothing but what a call needs while it goes on."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings.loader import Settings
from gateway.web.doors_app import create_doors_app
from inbox.keys.key_service import OPENED_FOR, KeyService, open_key_socket
from inbox.keys.service_keyring import KeyClient, ServiceKeyring
from inbox.models import Arrival, Intake, Person
from inbox.models.sealed_places import place_of
from inbox.storage.database import Store
from inbox.storage.opening_log import OpeningQuery
from inbox.web.base import guard
from tests.gateway.conftest import ACCOUNT, Provider, call_fields

RECORDING = {
    "RecordingSid": "RE" + "7" * 32,
    "RecordingUrl": f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/RE{'7' * 32}",
    "RecordingDuration": "12",
}


def door(settings: Settings, store: Store, address: Path) -> Provider:
    """A provider that posts to the doors' application, whose key service answers at an address, or nowhere."""
    keyring = ServiceKeyring.load(store.keyring.folder, KeyClient(address, patience=0.0))
    app = create_doors_app(settings, Store(store.engine.url, keyring, store.media, region=store.region))
    app.testing = True
    return Provider(app.test_client())


@pytest.fixture
def served(gateway_settings: Settings, gateway_store: Store, tmp_path: Path) -> Iterator[Provider]:
    address = tmp_path / "door.sock"
    listening = open_key_socket(address)
    service = KeyService(gateway_store, listening, frozenset({os.getuid()}), is_for_doors=True)
    threading.Thread(target=service.serve, daemon=True).start()
    yield door(gateway_settings, gateway_store, address)
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()


def arrivals(store: Store) -> list[bytes]:
    """What came, opened by who has the master keys."""
    with store.read() as session:
        rows = session.query(Arrival).order_by(Arrival.id).all()
        keys = {row.id: session.get_one(Intake, row.intake_id).key_id for row in rows}
        places = {row.id: place_of(Arrival.sealed_raw, row) for row in rows}
        return [store.vault.open(session, keys[row.id], row.sealed_raw or b"", places[row.id]) for row in rows]


def test_a_text_is_taken_in_while_nobody_can_open_anything(
    gateway_settings: Settings, gateway_store: Store, tmp_path: Path
) -> None:
    alone = door(gateway_settings, gateway_store, tmp_path / "nobody.sock")
    assert alone.text("Un banc de plus").status_code == 200
    assert alone.text("Un banc de plus").status_code == 200, "once more, in the same bytes"
    assert [b"Un+banc+de+plus" in raw for raw in arrivals(gateway_store)] == [True]


def test_a_text_told_again_in_other_bytes_is_one_text(served: Provider, gateway_store: Store) -> None:
    assert served.text("Un banc").status_code == 200
    assert served.text("Un banc", NumSegments="2").status_code == 200
    assert len(arrivals(gateway_store)) == 1, "the door cannot open what it sealed, and keeps the first"


def test_a_call_goes_on_with_its_own_keys_on_record(served: Provider, gateway_store: Store) -> None:
    assert b"Record" in served.post("/hooks/voice", call_fields()).data
    assert served.post("/hooks/voice/spoken?l=fr", call_fields(**RECORDING)).status_code == 200
    assert served.post("/hooks/voice/recording?l=fr", call_fields(**RECORDING)).status_code == 204
    assert served.post("/hooks/voice/status", call_fields(CallStatus="completed")).status_code == 204
    assert len(arrivals(gateway_store)) == 3, "the recording's callback says what was said already"
    with gateway_store.read() as session:
        (call,) = session.query(Intake.id).all()
    subjects = {one.subject for one in gateway_store.openings.find(OpeningQuery(action=OPENED_FOR))}
    assert subjects == {f"call:{call.id}"}


def test_a_caller_is_heard_while_nobody_can_open_anything(
    gateway_settings: Settings, gateway_store: Store, tmp_path: Path
) -> None:
    alone = door(gateway_settings, gateway_store, tmp_path / "nobody.sock")
    assert b"Record" in alone.post("/hooks/voice", call_fields()).data
    assert alone.post("/hooks/voice/spoken?l=fr", call_fields(**RECORDING)).status_code == 200


def test_there_is_no_page_and_no_cookie(served: Provider) -> None:
    for path in ("/", "/sign-in", "/contributions", "/api/v1/contributions"):
        answer = served.client.get(path)
        assert (answer.status_code, answer.headers.get("Set-Cookie")) == (404, None)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert served.client.application.secret_key is None


def test_a_route_that_asks_for_somebody_keeps_the_doors_from_opening(served: Provider) -> None:
    app = served.client.application
    app._got_first_request = False
    app.add_url_rule("/odd", view_func=guard.allow(*guard.Role)(lambda: str(Person)), endpoint="odd")
    with pytest.raises(guard.RouteUnstated, match="odd"):
        guard.install_without_sessions(app)
