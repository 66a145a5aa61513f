"""The page where centres get forms to print."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from config.enums import Role
from config.settings.loader import Settings
from gateway.web.app import create_app
from inbox.accounts import staff
from inbox.consultations import consultation_versions
from inbox.models import FormCopy
from inbox.storage.database import Store
from tests.channels.paper.forms import PACKAGED
from tests.inbox.pages.seed import PASSWORD
from tests.signed_in import sign_in_as


@pytest.fixture
def centre(gateway_settings: Settings, gateway_store: Store) -> FlaskClient:
    with gateway_store.write() as session:
        consultation_versions.import_consultation(session, PACKAGED)
        person = staff.create_person(session, "centre", "Yann", PASSWORD, [Role.CENTRE]).id
    client = create_app(gateway_settings, gateway_store).test_client()
    sign_in_as(client, person)
    return client


@pytest.mark.parametrize(
    ("kind", "copies", "status"), [("standard-a5", 4, 200), ("reply-a4", 2, 422), ("standard-a4", -1, 422)]
)
def test_a_form_is_made(centre: FlaskClient, gateway_store: Store, kind: str, copies: int, status: int) -> None:
    token = centre.get("/forms").text.split('name="csrf_token" value="')[1].split('"')[0]
    wanted = {"csrf_token": token, "consultation": PACKAGED.slug, "language": "fr", "kind": kind, "copies": copies}
    answer = centre.post("/forms", data=wanted)
    assert answer.status_code == status
    assert answer.data.startswith(b"%PDF") == (status == 200)
    with gateway_store.read() as session:
        assert session.scalar(select(func.count()).select_from(FormCopy)) == (copies if status == 200 else 0)


def test_a_poster_is_made(centre: FlaskClient) -> None:
    token = centre.get("/forms").text.split('name="csrf_token" value="')[1].split('"')[0]
    wanted = {"csrf_token": token, "consultation": PACKAGED.slug, "language": "fr", "kind": "poster-a4", "copies": 1}
    answer = centre.post("/forms", data=wanted)
    assert (answer.status_code, answer.data[:4]) == (200, b"%PDF")
    assert answer.headers["Content-Disposition"].endswith("-poster-fr.pdf")
