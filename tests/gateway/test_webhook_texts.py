"""Text messages and pictures through the provider's webhook: the table, and what every door owes."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import quote_plus

import pytest

from config.settings.loader import Settings
from config.wording.consultation import Addresses, read_consultation
from inbox.consultations import consultation_versions
from inbox.storage.database import Store
from tests.channels.payloads import fields as payload
from tests.gateway.conftest import PUBLIC_URL, TOKEN
from tests.gateway.door_contract import Case, DoorContract, Post
from tests.gateway.text_cases import PARKS_NUMBER, PARKS_SERVICE, TEXTS
from tests.standins.telephone import sign


@pytest.fixture(autouse=True)
def parks(gateway_settings: Settings, gateway_store: Store) -> None:
    """A second consultation, with a number and a messaging service of its own."""
    first = read_consultation(gateway_settings.consultation_files[0])
    addresses = Addresses(phones=(PARKS_NUMBER,), services=(PARKS_SERVICE,))
    with gateway_store.write() as session:
        consultation_versions.import_consultation(
            session, first.model_copy(update={"slug": "parcs", "addresses": addresses})
        )


def form(fields: dict[str, Any]) -> tuple[bytes, list[tuple[str, str]]]:
    """A form's bytes, and its fields as the provider signs them; bytes in a value stand as they are."""
    pairs = [(name, one) for name, value in fields.items() for one in (value if isinstance(value, list) else [value])]
    body = "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs).encode()
    return body, [(n, v.decode("utf-8", "replace") if isinstance(v, bytes) else v) for n, v in pairs]


class TestTexts(DoorContract):
    """``POST /hooks/sms``."""

    cases: ClassVar[dict[str, Case]] = TEXTS
    secrets: ClassVar[tuple[str, ...]] = (TOKEN, "+33639980001", "639980001", "Liberté", "bancs")

    def post_of(self, case: Case) -> Post:
        changed = {**payload("sms/plain"), **case.fields}
        body, pairs = form({name: value for name, value in changed.items() if value is not None})
        return Post("/hooks/sms", body, {"X-Twilio-Signature": sign(f"{PUBLIC_URL}/hooks/sms", pairs, TOKEN)})
