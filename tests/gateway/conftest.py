"""A gateway on SQLite with its example consultation, a provider's token, and a client that signs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr
from werkzeug.test import TestResponse

from channels.providers.twilio.section import Twilio
from config.settings.loader import Settings
from config.wording.consultation import read_consultation
from gateway.web.app import create_app
from inbox.consultations import consultation_versions
from inbox.storage.database import Store
from tests.at_once import understand_at_once
from tests.gateway.town_fixture import Town
from tests.standins.telephone import Fields, sign

pytest.register_assert_rewrite("tests.gateway.door_contract")

TOKEN = "token-of-the-tests"
ACCOUNT = "AC" + "0123456789abcdef" * 2
PUBLIC_URL = "https://avis.ville-exemple.example"
NUMBER = "+33298000000"
RESIDENT = "+33612345678"


@dataclass
class Provider:
    """Posts webhooks to the application, signed as the provider does."""

    client: FlaskClient
    token: str = TOKEN

    def post(self, path: str, fields: Fields, *, signature: str | None = None) -> TestResponse:
        url = PUBLIC_URL + path
        headers = {"X-Twilio-Signature": sign(url, fields, self.token) if signature is None else signature}
        return self.client.post(
            path,
            data=urlencode(fields),
            content_type="application/x-www-form-urlencoded",
            headers=headers,
            environ_overrides={"RAW_URI": path},
        )

    def text(self, body: str, number: int = 1, sender: str = RESIDENT, **more: str) -> TestResponse:
        return self.post("/hooks/sms", text_fields(body, number, sender, **more))


def text_fields(body: str, number: int = 1, sender: str = RESIDENT, **more: str) -> Fields:
    fields = {
        "MessageSid": f"SM{number:032x}",
        "AccountSid": ACCOUNT,
        "From": sender,
        "To": NUMBER,
        "Body": body,
        "NumMedia": "0",
        "NumSegments": "1",
        "ApiVersion": "2010-04-01",
    }
    return list((fields | more).items())


def call_fields(number: int = 1, caller: str = RESIDENT, **more: str) -> Fields:
    fields = {
        "CallSid": f"CA{number:032x}",
        "AccountSid": ACCOUNT,
        "From": caller,
        "To": NUMBER,
        "CallStatus": "in-progress",
        "Direction": "inbound",
        "ApiVersion": "2010-04-01",
    }
    return list((fields | more).items())


@pytest.fixture
def gateway_settings(sqlite_settings) -> Settings:
    return Settings(
        public_url=PUBLIC_URL,
        data_dir=sqlite_settings.data_dir,
        keys_dir=sqlite_settings.keys_dir,
        twilio=Twilio(account_sid=ACCOUNT, auth_tokens=(SecretStr(TOKEN),), sender=NUMBER, receives=NUMBER),
    )


@pytest.fixture
def gateway_store(gateway_settings: Settings, sqlite_store: Store) -> Store:
    with sqlite_store.write() as session:
        consultation_versions.import_consultation(session, read_consultation(gateway_settings.consultation_files[0]))
    understand_at_once(sqlite_store, gateway_settings)
    return sqlite_store


@pytest.fixture
def provider(gateway_settings: Settings, gateway_store: Store) -> Provider:
    app = create_app(gateway_settings, gateway_store)
    app.testing = True
    return Provider(app.test_client())


@pytest.fixture
def client(provider: Provider) -> FlaskClient:
    return provider.client


@pytest.fixture
def town(tmp_path: Path, sqlite_template: Path) -> Iterator[Town]:
    """A fresh installation, its own administrator signed in."""
    made = Town(tmp_path, sqlite_template)
    yield made
    made.store.close()
