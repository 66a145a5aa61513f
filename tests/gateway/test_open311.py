"""Open311 GeoReport v2: services, faults handed in and fetched, what became of them, in JSON and XML."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import fromstring

import pytest
from flask import Flask
from openapi_spec_validator import validate
from werkzeug.test import TestResponse

from config.enums import Role
from config.settings.loader import Settings
from config.settings.sections.open311_section import Open311
from gateway.web.api.open311_document import open311_openapi
from gateway.web.app import create_app
from inbox.accounts import api_tokens, passwords, staff
from inbox.accounts.api_tokens import ApiRight
from inbox.answers import service_requests
from inbox.contributions import moderation
from inbox.erasure.erase import erase_contribution
from inbox.export import open311
from inbox.models import Contribution, ReportedFault
from inbox.records import references
from inbox.storage.database import Store
from tests.gateway.conftest import Provider
from tests.inbox.pages.seed import PASSWORD

SERVICES = ("Éclairage public", "Voirie", "Propreté, déchets")


@pytest.fixture
def app(gateway_settings: Settings, gateway_store: Store) -> Flask:
    return create_app(gateway_settings.model_copy(update={"open311": Open311(services=SERVICES)}), gateway_store)


@pytest.fixture
def keys(gateway_store: Store, provider: Provider) -> dict[str, str]:
    """Tokens; three contributions: one published and passed on, one passed on but unpublished, one neither."""
    for number, words in enumerate(("Le lampadaire est cassé.", "Un trou rue de Siam.", "Plus de bancs."), 1):
        provider.text(words, number, f"+3361234567{number}")
    with gateway_store.write() as session:
        by = staff.create_person(session, "ada", "Ada", passwords.hash_password(PASSWORD), [Role.ADMINISTRATOR]).id
        moderation.decide_contribution(session, 1, "publish", by=by, expect_revision=None)
        service_requests.pass_to_service(session, 1, "Éclairage public", by)
        service_requests.pass_to_service(session, 2, "Voirie", by)
        faults = [ApiRight.FAULTS]
        return {
            "official": api_tokens.create_token(session, "a", Role.OFFICIAL, by, faults),
            "centre": api_tokens.create_token(session, "b", Role.CENTRE, by, faults),
            "reader": api_tokens.create_token(session, "c", Role.MODERATOR, by, [ApiRight.READ]),
        }


def asked(app: Flask, path: str, key: str | None = None, **more: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return app.test_client().open(f"/open311/v2{path}", headers=headers, **more)


def handed_in(app: Flask, key: str, **changed: str) -> TestResponse:
    form = {"service_code": "voirie", "description": "Un trou", "address_string": "rue de Siam", "api_key": key}
    return asked(app, "/requests.json", method="POST", data={**form, **changed})


CODES = {
    "Éclairage public": "eclairage-public",
    "Propreté, déchets": "proprete-dechets",
    "Œuvres d'art": "oeuvres-d-art",
    "公園": "e585ace59c92",
    "": "",
}


@pytest.mark.parametrize(("name", "code"), CODES.items())
def test_codes_of_services(name: str, code: str) -> None:
    assert open311.service_code(name) == code


def test_services_are_told_to_everybody(app: Flask) -> None:
    listed = asked(app, "/services.json").get_json()
    assert [(one["service_code"], one["service_name"], one["metadata"], one["type"]) for one in listed] == [
        ("eclairage-public", "Éclairage public", False, "realtime"),
        ("voirie", "Voirie", False, "realtime"),
        ("proprete-dechets", "Propreté, déchets", False, "realtime"),
    ]
    names = [one.findtext("service_name") for one in fromstring(asked(app, "/services.xml").data)]
    assert names == list(SERVICES)
    told = asked(app, "/services/voirie.xml")
    assert told.content_type == "text/xml; charset=utf-8"
    assert (fromstring(told.data).tag, fromstring(told.data).findtext("service_code")) == (
        "service_definition",
        "voirie",
    )
    assert asked(app, "/discovery.json").get_json()["endpoints"][0]["url"].endswith("/open311/v2")


FOUND = {
    "all that is published": ("", ["1"]),
    "by its number": ("?service_request_id=1", ["1"]),
    "one that is not published": ("?service_request_id=2", []),
    "no number at all": ("?service_request_id=x", []),
    "its service": ("?service_code=eclairage-public,voirie", ["1"]),
    "another service": ("?service_code=voirie", []),
    "its status": ("?status=open", ["1"]),
    "another status": ("?status=closed", []),
    "before it": ("?end_date=2001-01-01T00:00:00Z", []),
    "since then": ("?start_date=2001-01-01T00:00:00Z&status=open,closed", ["1"]),
}


@pytest.mark.parametrize("name", FOUND)
def test_requests_are_found(app: Flask, keys: dict[str, str], name: str) -> None:
    query, expected = FOUND[name]
    found = asked(app, f"/requests.json{query}", keys["official"])
    assert [one["service_request_id"] for one in found.get_json()] == expected
    rows = fromstring(asked(app, f"/requests.xml{query}", keys["official"]).data)
    assert (rows.tag, [one.findtext("service_request_id") for one in rows]) == ("service_requests", expected)


def test_a_request_says_what_everybody_may_read(app: Flask, keys: dict[str, str], gateway_store: Store) -> None:
    (found,) = asked(app, "/requests/1.json", keys["official"]).get_json()
    with gateway_store.read() as session:
        reference = references.reference_of(session, 1)
    assert (found["description"], found["service_code"], found["status"]) == (
        "Le lampadaire est cassé.",
        "eclairage-public",
        "open",
    )
    assert reference not in str(found)
    by_reference = asked(app, f"/tokens/{reference}.json", keys["official"]).get_json()
    assert by_reference == [{"service_request_id": "1", "token": reference}]


WRONG = {
    "no key": ("GET", "/requests.json", None, {}, 403),
    "a key of nobody": ("GET", "/requests.xml", "pvx_guessed", {}, 403),
    "a key without the right": ("GET", "/requests.json", "reader", {}, 403),
    "not there": ("GET", "/requests/99.json", "official", {}, 404),
    "not published": ("GET", "/requests/2.xml", "official", {}, 404),
    "no such service": ("GET", "/services/parcs.json", None, {}, 404),
    "no such town": ("GET", "/services.json?jurisdiction_id=elsewhere", None, {}, 404),
    "no moment": ("GET", "/requests.json?start_date=yesterday", "official", {}, 400),
    "no status": ("GET", "/requests.json?status=maybe", "official", {}, 400),
    "no reference": ("GET", "/tokens/123456789.json", "official", {}, 404),
    "nothing handed in": ("POST", "/requests.json", "official", {}, 400),
    "for no service": ("POST", "/requests.xml", "official", {"service_code": "x", "description": "a"}, 404),
    "no words": ("POST", "/requests.json", "official", {"service_code": "voirie", "address_string": "a"}, 400),
    "no place": ("POST", "/requests.json", "official", {"service_code": "voirie", "description": "a"}, 400),
    "no state": ("POST", "/servicerequestupdates.json", "official", {"service_request_id": "1"}, 400),
    "a state of nothing": (
        "POST",
        "/servicerequestupdates.json",
        "official",
        {"service_request_id": "99", "status": "open"},
        404,
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_as_codes_and_descriptions(app: Flask, keys: dict[str, str], name: str) -> None:
    method, path, key, form, status = WRONG[name]
    answer = asked(app, path, keys.get(key, key) if key else None, method=method, data=form or None)
    assert answer.status_code == status
    if "xml" in path:
        (told,) = fromstring(answer.data)
        assert (told.tag, told.findtext("code")) == ("error", str(status))
    else:
        assert [one["code"] for one in answer.get_json()] == [status]


def test_a_fault_is_handed_in_and_followed(app: Flask, keys: dict[str, str], gateway_store: Store) -> None:
    personal = {"first_name": "Maëlle", "email": "m@example.org", "phone": "0612345678"}
    answer = handed_in(app, keys["centre"], **personal)
    assert answer.status_code == 201
    number = int(answer.get_json()[0]["service_request_id"])
    with gateway_store.write() as session:
        taken = session.get_one(Contribution, number)
        assert (taken.contributor_id, taken.moderation.value) == (None, "in_review")
        reference = references.reference_of(session, number)
    assert answer.get_json()[0]["service_notice"] == f"No {references.format_reference(reference)}"
    (mine,) = asked(app, "/requests.json", keys["centre"]).get_json()[:1]
    # A centre sees no words, of its own faults neither: only how far they are.
    assert (mine["service_request_id"], mine["status"], mine["description"]) == (str(number), "open", "")
    assert asked(app, f"/requests/{number}.json", keys["official"]).status_code == 404
    with gateway_store.write() as session:
        moderation.decide_contribution(session, number, "publish", by=1, expect_revision=None)
        service_requests.pass_to_service(session, number, "Voirie", 1)
    (there,) = asked(app, f"/requests/{number}.json", keys["official"]).get_json()
    assert there["description"] == "Un trou\nrue de Siam"
    said = {"service_request_id": str(number), "status": "closed", "description": "Rebouché le 3 mai."}
    assert asked(app, "/servicerequestupdates.xml", keys["official"], method="POST", data=said).status_code == 201
    (there,) = asked(app, f"/requests/{number}.json", keys["centre"]).get_json()
    assert (there["status"], there["status_notes"]) == ("closed", "Rebouché le 3 mai.")


def test_one_key_of_a_sender_is_one_fault(app: Flask, keys: dict[str, str]) -> None:
    def sent(once: str, words: str) -> str:
        form = {"service_code": "voirie", "description": words, "lat": "48.39", "long": "-4.486"}
        headers = {"Authorization": f"Bearer {keys['centre']}", "Idempotency-Key": once}
        answer = app.test_client().post("/open311/v2/requests.json", data=form, headers=headers)
        return str(answer.get_json()[0]["service_request_id"])

    assert sent("a", "Un trou") == sent("a", "Un trou")
    assert len({sent("a", "Un trou"), sent("b", "Un trou"), sent("a", "Un autre trou")}) == 3


def test_an_erased_fault_is_gone(app: Flask, keys: dict[str, str], gateway_store: Store) -> None:
    number = int(handed_in(app, keys["centre"]).get_json()[0]["service_request_id"])
    with gateway_store.write() as session:
        erase_contribution(session, number, None, "author")
    assert asked(app, f"/requests/{number}.json", keys["centre"]).status_code == 404
    with gateway_store.read() as session:
        assert session.get(ReportedFault, number) is None


def test_the_document_describes_every_route(app: Flask) -> None:
    validate(open311_openapi())
    routes = {
        (
            method.lower(),
            rule.rule.replace("<int:", "{").replace("<", "{").replace(">", "}"),
        )
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/open311/") and not rule.rule.endswith("openapi.json")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == {
        (method, path) for path, operations in open311_openapi()["paths"].items() for method in operations
    }
