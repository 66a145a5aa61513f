"""Who may enter: every route, every role; signing in and out; forms that are not ours."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from config.enums import Role
from inbox.accounts.passwords import hash_password
from inbox.accounts.staff import change_password, deactivate
from inbox.web.base import guard
from inbox.web.base.safe_redirect import safe_target
from tests.inbox.pages.conftest import Inbox, post
from tests.inbox.pages.seed import PASSWORD

MODERATORS = "administrator, moderator"
READERS = "administrator, moderator, official"
EVERYBODY = "administrator, centre, data_protection, moderator, official"
OFFICIALS = "administrator, official"
CENTRES = "administrator, centre, moderator"
ADMINISTRATORS = "administrator"

PROOF = "the token of the page it was typed on"

ROUTES = {
    "GET /": "public",
    "GET /sign-in": "public",
    "POST /sign-in": "public",
    "POST /sign-out": "public",
    "POST /language": "public",
    "GET /account": EVERYBODY,
    "POST /account/digest": READERS,
    "GET /account/second-factor": f"{EVERYBODY}, confirmed",
    "POST /account/second-factor": f"{EVERYBODY}, confirmed",
    "POST /account/second-factor/begin": f"{EVERYBODY}, confirmed",
    "POST /account/second-factor/codes": f"{EVERYBODY}, confirmed",
    "POST /account/second-factor/remove": f"{EVERYBODY}, confirmed",
    "GET /account/security-keys": f"{EVERYBODY}, confirmed",
    "POST /account/security-keys": f"{EVERYBODY}, confirmed",
    "POST /account/security-keys/<int:key_id>/name": f"{EVERYBODY}, confirmed",
    "POST /account/security-keys/<int:key_id>/remove": f"{EVERYBODY}, confirmed",
    "POST /sign-in/key": "public",
    "GET /sign-in/outside": "public",
    "GET /sign-in/outside/return": "public",
    "GET /sign-in/code": "public",
    "POST /sign-in/code": "public",
    "GET /account/password": EVERYBODY,
    "POST /account/password": EVERYBODY,
    "POST /account/sessions/<int:session_id>/end": EVERYBODY,
    "POST /account/sessions/end": EVERYBODY,
    "POST /confirm": EVERYBODY,
    "GET /set-up/<token>": "public",
    "POST /set-up/<token>": "public",
    "GET /static/<digest>/<name>": "public",
    "GET /contributions": READERS,
    "GET /contributions/export.csv": f"{READERS}, confirmed",
    "GET /contributions/<int:contribution_id>": READERS,
    "POST /contributions/<int:contribution_id>": MODERATORS,
    "POST /contributions/<int:contribution_id>/text": MODERATORS,
    "POST /contributions/<int:contribution_id>/publish": MODERATORS,
    "POST /contributions/<int:contribution_id>/set-aside": MODERATORS,
    "POST /contributions/<int:contribution_id>/pass-on": MODERATORS,
    "POST /contributions/<int:contribution_id>/pass-on/undo": MODERATORS,
    "GET /service-requests": MODERATORS,
    "GET /service-requests/requests.json": f"{MODERATORS}, confirmed",
    "GET /triage/second": MODERATORS,
    "POST /triage/second/<int:look_id>": MODERATORS,
    "GET /triage/agreement": MODERATORS,
    "POST /contributions/<int:contribution_id>/erase": f"{MODERATORS}, confirmed",
    "POST /contributions/<int:contribution_id>/keep": MODERATORS,
    "POST /contributions/<int:contribution_id>/reopen": MODERATORS,
    "POST /contributions/<int:contribution_id>/undo/<int:history_id>": MODERATORS,
    "POST /contributions/<int:contribution_id>/themes": MODERATORS,
    "POST /contributions/<int:contribution_id>/themes/keep": MODERATORS,
    "POST /contributions/<int:contribution_id>/themes/remove": MODERATORS,
    "POST /contributions/<int:contribution_id>/leave": MODERATORS,
    "POST /contributions/<int:contribution_id>/drafts/<int:draft_id>/take": MODERATORS,
    "POST /contributions/<int:contribution_id>/drafts/<int:draft_id>/discard": MODERATORS,
    "POST /drafts": PROOF,
    "GET /contributions/<int:contribution_id>/source/<int:arrival_id>": MODERATORS,
    "GET /media/<int:medium_id>": MODERATORS,
    "GET /media/<int:medium_id>/masked": READERS,
    "POST /contributions/<int:contribution_id>/media/<int:medium_id>/copy": MODERATORS,
    "GET /arrivals/<int:arrival_id>": MODERATORS,
    "POST /contributions/<int:contribution_id>/wish": MODERATORS,
    "GET /batches": CENTRES,
    "GET /batches/<int:intake_id>": CENTRES,
    "GET /batches/<int:intake_id>/sheets/<int:medium_id>": CENTRES,
    "GET /batches/<int:intake_id>/pages": CENTRES,
    "POST /batches/<int:intake_id>/withdraw": CENTRES,
    "POST /batches/<int:intake_id>/put-back": CENTRES,
    "POST /batches/<int:intake_id>/pages/<int:page_id>/leave-out": CENTRES,
    "GET /batches/<int:intake_id>/end": CENTRES,
    "POST /batches/<int:intake_id>/end/<what>": CENTRES,
    "POST /batches/<int:intake_id>/end/<what>/undo": CENTRES,
    "POST /batches/<int:intake_id>/pages/<int:page_id>/destroy": CENTRES,
    "GET /keying": CENTRES,
    "GET /keying/work": CENTRES,
    "GET /keying/<int:item_id>/picture": CENTRES,
    "POST /keying/<int:item_id>/draft": CENTRES,
    "POST /keying/<int:item_id>/say": CENTRES,
    "GET /reports": READERS,
    "GET /reports/<slug>": READERS,
    "GET /reports/<slug>/versions/<int:number>": READERS,
    "POST /reports/<slug>/versions": OFFICIALS,
    "POST /reports/<slug>/versions/<int:number>/sign": OFFICIALS,
    "POST /reports/<slug>/versions/<int:number>/publish": OFFICIALS,
    "POST /reports/<slug>/versions/<int:number>/withdraw": OFFICIALS,
    "GET /reports/<slug>/arrange": OFFICIALS,
    "POST /reports/<slug>/arrange": OFFICIALS,
    "GET /reports/<slug>/draft": OFFICIALS,
    "POST /reports/<slug>/draft": OFFICIALS,
    "POST /reports/<slug>/draft/model": OFFICIALS,
    "GET /reports/<slug>/kinds/<name>": MODERATORS,
    "POST /reports/<slug>/kinds/<name>": MODERATORS,
    "GET /reports/<slug>/topics": READERS,
    "GET /reports/<slug>/topics/<int:topic_id>": READERS,
    "POST /reports/<slug>/topics/<int:topic_id>": READERS,
    "POST /reports/<slug>/comments": READERS,
    "POST /reports/<slug>/comments/<int:number>/settle": READERS,
    "GET /reports/<slug>/data": READERS,
    "GET /reports/<slug>/data/progress": READERS,
    "GET /reports/<slug>/data/contributions.<kind>": f"{READERS}, confirmed",
    "GET /reports/<slug>/data/consul.jsonl": READERS,
    "GET /reports/<slug>/data/decidim.csv": READERS,
    "GET /reports/<slug>/data/open-data.<kind>": READERS,
    "GET /reports/<slug>/data/open-data.dcat.json": READERS,
    "POST /reports/<slug>/data/release": OFFICIALS,
    "GET /ledger": READERS,
    "GET /quarantine": MODERATORS,
    "POST /quarantine/replay": MODERATORS,
    "POST /quarantine/<int:step_id>/replay": MODERATORS,
    "POST /quarantine/<int:step_id>/seen": MODERATORS,
    "GET /status": MODERATORS,
    "GET /today": "centre",
    "GET /settings": ADMINISTRATORS,
    "GET /openings": "administrator, data_protection",
    "GET /openings/export.csv": "administrator, data_protection, confirmed",
    "GET /rights": "administrator, data_protection",
    "GET /rights/new": "administrator, data_protection",
    "POST /rights/new": "administrator, data_protection",
    "GET /rights/<int:request_id>": "administrator, data_protection",
    "POST /rights/<int:request_id>/identity": "administrator, data_protection",
    "POST /rights/<int:request_id>/find": "administrator, data_protection",
    "POST /rights/<int:request_id>/leave-out/<int:contribution_id>": "administrator, data_protection",
    "POST /rights/<int:request_id>/extend": "administrator, data_protection",
    "POST /rights/<int:request_id>/refuse": "administrator, data_protection",
    "POST /rights/<int:request_id>/answer": "administrator, data_protection",
    "POST /rights/<int:request_id>/copy": "administrator, data_protection, confirmed",
    "POST /rights/<int:request_id>/rectify/<int:contribution_id>": "administrator, data_protection, confirmed",
    "POST /rights/<int:request_id>/object/<int:contribution_id>": "administrator, data_protection, confirmed",
    "POST /rights/<int:request_id>/erase": "administrator, data_protection, confirmed",
    "GET /settings/people": ADMINISTRATORS,
    "GET /settings/people/new": f"{ADMINISTRATORS}, confirmed",
    "POST /settings/people/new": f"{ADMINISTRATORS}, confirmed",
    "GET /settings/people/<int:person_id>": ADMINISTRATORS,
    "POST /settings/people/<int:person_id>": f"{ADMINISTRATORS}, confirmed",
    "POST /settings/people/<int:person_id>/invite": f"{ADMINISTRATORS}, confirmed",
    "POST /settings/people/<int:person_id>/close": f"{ADMINISTRATORS}, confirmed",
    "POST /settings/people/<int:person_id>/reopen": f"{ADMINISTRATORS}, confirmed",
    "POST /settings/people/<int:person_id>/sign-out": f"{ADMINISTRATORS}, confirmed",
    "POST /settings/people/<int:person_id>/second-factor": f"{ADMINISTRATORS}, confirmed",
    "GET /settings/centres": ADMINISTRATORS,
    "POST /settings/centres": ADMINISTRATORS,
    "POST /settings/centres/<int:centre_id>": ADMINISTRATORS,
    "GET /settings/tools": ADMINISTRATORS,
    "POST /settings/tools/tokens": ADMINISTRATORS,
    "POST /settings/tools/tokens/<int:token_id>/revoke": ADMINISTRATORS,
    "POST /settings/tools/webhooks": ADMINISTRATORS,
    "POST /settings/tools/webhooks/<int:webhook_id>/<step>": ADMINISTRATORS,
    "GET /settings/consultations": ADMINISTRATORS,
    "GET /settings/consultations/new": ADMINISTRATORS,
    "POST /settings/consultations/new": ADMINISTRATORS,
    "GET /settings/consultations/import": ADMINISTRATORS,
    "POST /settings/consultations/import": ADMINISTRATORS,
    "GET /settings/consultations/<slug>": ADMINISTRATORS,
    "POST /settings/consultations/<slug>/open": ADMINISTRATORS,
    "POST /settings/consultations/<slug>/close": ADMINISTRATORS,
    "GET /settings/consultations/<slug>/edit": ADMINISTRATORS,
    "POST /settings/consultations/<slug>/edit": ADMINISTRATORS,
    "GET /settings/consultations/<slug>/versions": ADMINISTRATORS,
    "GET /settings/consultations/<slug>/consultation.toml": ADMINISTRATORS,
    "GET /settings/consultations/<slug>/texts": ADMINISTRATORS,
    "GET /settings/consultations/<slug>/texts/<language>/<key>": ADMINISTRATORS,
    "POST /settings/consultations/<slug>/texts/<language>/<key>": ADMINISTRATORS,
    "GET /consultations": "public",
    "GET /consultations/<slug>": "public",
    "GET /consultations/<slug>/published": "public",
    "GET /consultations/<slug>/published/<int:number>": "public",
    "GET /consultations/<slug>/published/<int:number>/listen": "public",
    "GET /consultations/<slug>/published/<int:number>/own-voice.mp3": "public",
    "GET /consultations/<slug>/published/<int:number>/read.mp3": "public",
    "GET /consultations/<slug>/published/<int:number>/report": "public",
    "POST /consultations/<slug>/published/<int:number>/report": "public",
    "GET /consultations/<slug>/data": "public",
    "GET /consultations/<slug>/data/numbers.json": "public",
    "GET /consultations/<slug>/data/open-data.<kind>": "public",
    "GET /consultations/<slug>/data/open-data.dcat.json": "public",
    "GET /consultations/<slug>/map": "public",
    "GET /consultations/<slug>/report": "public",
    "GET /consultations/<slug>/selection": "public",
    "POST /consultations/<slug>/selection": "public",
    "GET /consultations/<slug>/feed.atom": "public",
    "GET /suivi": "public",
    "POST /suivi": "public",
    "GET /suivi/<number>": "public",
    "GET /mentions-legales": "public",
    "GET /donnees-personnelles": "public",
    "GET /accessibilite": "public",
    "GET /flagged": MODERATORS,
    "POST /flagged/<int:report_id>/settle": MODERATORS,
    "GET /triage": MODERATORS,
    "POST /triage/begin": MODERATORS,
    "POST /triage/looking/<int:contribution_id>": MODERATORS,
    "GET /triage/keys": MODERATORS,
    "POST /triage/keys": MODERATORS,
    "POST /contributions/<int:contribution_id>/notes": MODERATORS,
    "POST /contributions/<int:contribution_id>/leave-published": MODERATORS,
    "POST /contributions/<int:contribution_id>/assign": MODERATORS,
    "POST /contributions/<int:contribution_id>/join": MODERATORS,
    "GET /contributions/<int:contribution_id>/split": MODERATORS,
    "POST /contributions/<int:contribution_id>/split": MODERATORS,
    "POST /contributions/<int:contribution_id>/appeal": MODERATORS,
    "POST /contributions/<int:contribution_id>/appeal/uphold": MODERATORS,
    "POST /contributions/<int:contribution_id>/contest/settle": MODERATORS,
    "POST /contributions/<int:contribution_id>/themes/keep-all": MODERATORS,
    "POST /contributions/bulk": MODERATORS,
    "POST /contributions/bulk/<int:bulk_id>/undo": MODERATORS,
    "POST /contributions/views": MODERATORS,
    "POST /contributions/views/<int:view_id>/remove": MODERATORS,
}
"""What every route says; a new one has to be added here, so that somebody thinks about it."""

OPEN = ("/consultations", "/suivi", "/mentions-legales", "/donnees-personnelles", "/accessibilite")
"""Pages without a session: a browser may keep them for a minute, and they set no cookie."""

LOGINS = {Role.CENTRE: "centre", Role.MODERATOR: "mod", Role.OFFICIAL: "elu", Role.ADMINISTRATOR: "admin"}


def test_every_route_says_who_may_enter(inbox: Inbox) -> None:
    stated = {}
    for rule in inbox.app.url_map.iter_rules():
        (method,) = (rule.methods or set()) - {"HEAD", "OPTIONS"}
        stated[f"{method} {rule.rule}"] = str(guard.access_of(inbox.app, rule.endpoint))
    assert stated == ROUTES


def test_a_route_that_says_nothing_keeps_the_application_from_starting() -> None:
    app = Flask("test", static_folder=None)
    app.add_url_rule("/forgotten", "forgotten", lambda: "hello")
    with pytest.raises(guard.RouteUnstated, match="forgotten"):
        guard.check_routes(app)


def test_a_route_added_later_that_says_nothing_lets_nobody_in(inbox: Inbox) -> None:
    inbox.app.add_url_rule("/forgotten", "forgotten", lambda: "hello")
    answer = inbox.client("admin").get("/forgotten")
    assert (answer.status_code, "hello" in answer.text) == (500, False)


def test_allowing_no_role_at_all_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="needs a role"):
        guard.allow()


@pytest.mark.parametrize("role", LOGINS)
def test_each_role_enters_what_is_open_to_it_and_nothing_else(inbox: Inbox, role: Role) -> None:
    client = inbox.client(LOGINS[role])
    for route, allowed in ROUTES.items():
        method, path = route.split()
        if allowed == "public" or method != "GET":
            continue
        answer = client.get(_filled(path, inbox))
        assert (answer.status_code != 403) == (role.value in allowed), route
        assert answer.status_code in {200, 302, 403, 404}, route


@pytest.mark.parametrize("role", [Role.CENTRE, Role.OFFICIAL])
def test_who_may_not_decide_cannot_by_posting_either(inbox: Inbox, role: Role) -> None:
    client = inbox.client(LOGINS[role])
    for route, allowed in ROUTES.items():
        method, path = route.split()
        if method == "POST" and allowed not in ("public", PROOF) and role.value not in allowed:
            assert post(client, _filled(path, inbox), {"revision": 1}).status_code == 403, route


def test_strangers_are_sent_to_sign_in_and_back(inbox: Inbox) -> None:
    client = inbox.client()
    for route, allowed in ROUTES.items():
        method, path = route.split()
        if allowed in ("public", PROOF):
            continue
        answer = client.open(_filled(path, inbox), method=method)
        assert (answer.status_code, answer.location.split("?")[0]) == (302, "/sign-in"), route
    answer = client.get("/ledger?consultation=rues-et-places")
    values = {"login": "mod", "password": PASSWORD, "next": "/ledger?consultation=rues-et-places"}
    assert answer.location == "/sign-in?next=/ledger?consultation%3Drues-et-places"
    assert post(client, "/sign-in", values).location == "/ledger?consultation=rues-et-places"


@pytest.mark.parametrize(
    "target",
    [
        "https://elsewhere.example/",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "",
        "/a\nb",
        None,
    ],
)
def test_signing_in_leads_to_our_own_pages_only(inbox: Inbox, target: str | None) -> None:
    with inbox.app.test_request_context():
        assert safe_target(target) == "/"


@pytest.mark.parametrize(
    ("login", "password"),
    [("mod", "not the password"), ("nobody", PASSWORD), ("", PASSWORD), ("mod", "")],
    ids=["wrong password", "unknown name", "no name", "no password"],
)
def test_a_refused_sign_in_says_so_beside_the_field(inbox: Inbox, login: str, password: str) -> None:
    client = inbox.client()
    answer = post(client, "/sign-in", {"login": login, "password": password})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert not password or password not in answer.text
    assert client.get("/contributions").status_code == 302


def test_guessing_passwords_has_to_wait(inbox: Inbox) -> None:
    client = inbox.client()
    for _ in range(10):
        post(client, "/sign-in", {"login": "mod", "password": "wrong"})
    answer = post(client, "/sign-in", {"login": "mod", "password": PASSWORD})
    assert (answer.status_code, "Too many wrong passwords" in answer.text) == (422, True)


def test_signing_out_ends_the_session(inbox: Inbox) -> None:
    client = inbox.client("mod")
    assert client.get("/contributions").status_code == 200
    post(client, "/sign-out", {}, page="/contributions")
    assert client.get("/contributions").status_code == 302


@pytest.mark.parametrize("change", ["new password", "deactivated"])
def test_open_sessions_end_when_the_account_changes(inbox: Inbox, change: str) -> None:
    client = inbox.client("mod")
    with inbox.store.write() as session:
        if change == "deactivated":
            deactivate(session, "mod")
        else:
            change_password(session, "mod", hash_password("another long password"))
    assert client.get("/contributions").status_code == 302
    assert "Your session has ended" in client.get("/sign-in").text


def test_a_session_cookie_cannot_be_read_by_scripts_or_sent_from_elsewhere(inbox: Inbox) -> None:
    answer = post(inbox.client(), "/sign-in", {"login": "mod", "password": PASSWORD})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_a_form_without_our_token_changes_nothing(inbox: Inbox) -> None:
    client = inbox.client("mod")
    path = f"/contributions/{inbox.seeded.contributions['text']}"
    for token in ({}, {"csrf_token": "made up"}):
        answer = client.post(f"{path}/publish", data={"revision": 2, **token})
        assert (answer.status_code, "This form has expired" in answer.text) == (400, True)
    assert "moderation-in_review" in client.get(path).text


def test_every_page_forbids_what_it_does_not_need(inbox: Inbox) -> None:
    client = inbox.client("admin")
    for route in ROUTES:
        method, path = route.split()
        if method != "GET" or "/static/" in path:
            continue
        answer = client.get(_filled(path, inbox))
        headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff", route
        known_to_nobody = path.startswith(OPEN)
        kept = ("no-store", "public, max-age=60") if known_to_nobody else ("no-store",)
        assert headers["Cache-Control"] in kept, route
        assert headers["Referrer-Policy"] in ("same-origin", *(["no-referrer"] if known_to_nobody else [])), route
        assert not known_to_nobody or "Set-Cookie" not in headers, route
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy, route
        assert "unsafe" not in policy, route
        if answer.mimetype == "text/html":
            assert "form-action 'self'; frame-ancestors 'none'; base-uri 'none'" in policy, route


def test_no_page_needs_code_or_style_of_its_own(inbox: Inbox) -> None:
    client = inbox.client("admin")
    for route in ROUTES:
        method, path = route.split()
        if method == "GET" and "media" not in path and "arrivals" not in path and "<name>" not in path:
            text = client.get(_filled(path, inbox), follow_redirects=True).text
            assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|<script(?![^>]* src=)", text), route


def test_a_static_file_is_kept_for_ever_only_under_its_present_address(inbox: Inbox) -> None:
    client = inbox.client()
    address = re.search(r'href="(/static/[0-9a-f]+/inbox.css)"', client.get("/sign-in").text)
    assert address is not None
    assert "immutable" in client.get(address[1]).headers["Cache-Control"]
    # What everybody may keep must not hold somebody's session.
    for login in ("mod", "elu"):
        answer = inbox.client(login).get(address[1])
        assert "Set-Cookie" not in answer.headers
    assert client.get("/static/000000000000/inbox.css").headers["Cache-Control"] == "no-cache"
    assert client.get("/static/000000000000/none.css").status_code == 404
    assert client.get("/static/000000000000/..%2fpages%2fguard.py").status_code == 404


def _filled(path: str, inbox: Inbox) -> str:
    """A route's path with ids that exist."""
    ids = {
        "contribution_id": inbox.seeded.contributions["mail"],
        "medium_id": inbox.seeded.media["call"],
        "intake_id": inbox.seeded.intakes["scan"],
        "arrival_id": 1,
        "history_id": 1,
        "draft_id": 1,
        "bulk_id": 1,
        "look_id": 1,
        "view_id": 1,
        "step_id": 1,
        "report_id": 1,
        "topic_id": 1,
        "session_id": 1,
        "key_id": 1,
        "person_id": 1,
        "token_id": 1,
        "webhook_id": 1,
        "request_id": 1,
        "centre_id": 1,
        "slug": "rues-et-places",
        "language": "fr",
        "key": "sms_stop",
        "page_id": 1,
        "item_id": 1,
        "number": 1,
        "what": "backup",
    }
    return re.sub(r"<(?:int:)?(\w+)>", lambda found: str(ids.get(found[1], found[1])), path)
