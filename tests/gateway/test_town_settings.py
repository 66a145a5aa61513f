"""A town's settings on its pages: kept, sealed, locked, refused; mailboxes, logo, themes tried, backups, the watch."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from io import BytesIO

import pytest
from sqlalchemy import select

from config.enums import ArrivalKind, Channel, Role
from gateway.base import settings_in_force, settings_snapshot
from gateway.intake.intake_store import IncomingMessage, store_message
from inbox.accounts.passwords import hash_password
from inbox.accounts.staff import create_person
from inbox.administration import errands, stored_settings
from inbox.administration.errands import ErrandKind
from inbox.models import StoredSetting
from inbox.models.column_types import utc_now
from inbox.web.administration.settings_home import PLACES
from tests.gateway.town_fixture import ACCOUNT, SECRET, Town
from tests.inbox.pages.conftest import post, token_of
from tests.signed_in import sign_in_as


def test_what_is_set_holds_at_once_and_for_every_process(town: Town) -> None:
    typed = {"twilio.receives": "02 98 44 55 66", "twilio.account_sid": ACCOUNT, "twilio.auth_tokens": SECRET}
    typed |= {"twilio.erases": "yes", "texting.not_before": "09:30", "texting.not_after": "19:00"}
    typed |= {"texting.segment_price": "0,075"}
    assert post(town.clerk, "/settings/telephone", typed).status_code == 302
    assert town.settings.twilio.receives == "+33298445566"
    assert town.settings.twilio.auth_tokens[0].get_secret_value() == SECRET
    assert (town.settings.texting.not_before.hour, town.settings.texting.segment_price) == (9, 0.075)
    file = town.outside.folder / "portevoix.toml"
    file.write_text('town = "essai"\ntown_name = "Kerouzel"\n')
    assert settings_in_force.load_settings_in_force(file, env={}).twilio.receives == "+33298445566"
    # The environment comes first, and a secret left alone stays.
    assert settings_in_force.load_settings_in_force(
        file, env={"PORTEVOIX_TWILIO__RECEIVES": "+33298000001"}
    ).twilio.receives.endswith("01")
    post(town.clerk, "/settings/telephone", {**typed, "twilio.auth_tokens": "", "twilio.receives": "02 98 44 55 67"})
    assert town.settings.twilio.auth_tokens[0].get_secret_value() == SECRET


def test_who_follows_them_reads_them_again_only_when_they_change(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    file, reads = town.outside.folder / "portevoix.toml", []
    monkeypatch.setenv("PORTEVOIX_SETTINGS_FILE", str(file))
    load = settings_in_force.load_settings_in_force
    monkeypatch.setattr(settings_in_force, "load_settings_in_force", lambda: reads.append(1) or load())
    following = settings_in_force.Following()
    for change, town_name, receives in (
        (lambda: file.write_text('town_name = "Kerouzel"\n'), "Kerouzel", ""),
        (lambda: None, "Kerouzel", ""),
        (
            lambda: post(town.clerk, "/settings/telephone", {"twilio.receives": "02 98 44 55 66"}),
            "Kerouzel",
            "+33298445566",
        ),
        (lambda: file.write_text('town_name = "Kerouzel-Plage"\n'), "Kerouzel-Plage", "+33298445566"),
        (lambda: None, "Kerouzel-Plage", "+33298445566"),
    ):
        change()
        now = following.now(town.store)
        assert (now.town_name, now.twilio.receives) == (town_name, receives)
    assert len(reads) == 3


def test_a_secret_is_never_read_back(town: Town) -> None:
    typed = {"smtp.host": "smtp.ville.example", "smtp.sender": "avis@ville.example", "smtp.password": SECRET}
    assert post(town.clerk, "/settings/mailboxes", {**typed, "smtp.tls": "starttls"}).status_code == 302
    box = {"name": "avis@ville.example", "host": "imap.ville.example", "port": "993", "tls": "ssl", "user": "avis"}
    assert (
        post(town.clerk, "/settings/mailboxes/new", {**box, "password": SECRET, "folders": "INBOX"}).status_code == 302
    )
    for rule in town.app.url_map.iter_rules():
        if rule.rule.startswith("/settings") and "GET" in (rule.methods or ()) and "<" not in rule.rule:
            assert SECRET not in town.clerk.get(rule.rule).text, rule.rule
    assert SECRET not in town.clerk.get("/settings/mailboxes/avis@ville.example").text
    with town.store.read() as session:
        assert all(SECRET.encode() not in row.sealed for row in session.scalars(select(StoredSetting)))
        assert stored_settings.settings_revision(session) == 2
    given = town.clerk.get("/settings/portevoix.toml")
    assert SECRET not in given.text
    assert tomllib.loads(given.text)["mailboxes"][0]["user"] == "avis"
    raw = (town.outside.folder / "data" / "portevoix.sqlite").read_bytes()
    assert SECRET.encode() not in raw


def test_what_the_file_says_is_locked_and_goes_on_to_hold(town: Town) -> None:
    page = town.clerk.get("/settings/town").text
    assert 'name="town_name"' not in page
    assert "Kerouzel" in page
    post(town.clerk, "/settings/town", {"town_name": "Autre", "language": "en", "public_url": ""})
    assert (town.settings.town_name, town.settings.language) == ("Kerouzel", "en")
    assert town.settings.public_url == "http://127.0.0.1:8080"
    post(town.clerk, "/settings/mailboxes", {"smtp.port": "25", "smtp.tls": "ssl"})
    assert town.settings.smtp.port == 2525


REFUSED = {
    "/settings/telephone": {
        "no token": ({"twilio.account_sid": ACCOUNT}, "twilio-auth_tokens"),
        "an odd account": ({"twilio.account_sid": "AC12"}, "twilio-account_sid"),
        "no number": ({"twilio.receives": "le standard"}, "twilio-receives"),
        "nobody could write back": ({"twilio.sender": "Kerouzel"}, "twilio-named_in_texts"),
        "never": ({"texting.not_before": "20:00", "texting.not_after": "08:00"}, "texting-not_after"),
        "no price": ({"texting.segment_price": "sept centimes"}, "texting-segment_price"),
    },
    "/settings/alerts": {
        "no address": ({"alerts.mails": "maire@ville.example\npersonne"}, "alerts-mails"),
        "no number": ({"alerts.phones": "06 39 98 00 07, abc"}, "alerts-phones"),
        "too often": ({"alerts.silent_minutes": "1"}, "alerts-silent_minutes"),
    },
    "/settings/mailboxes": {
        "a password in the clear": ({"smtp.host": "smtp.ville.example", "smtp.tls": "none"}, "smtp-tls"),
        "nobody sends": ({"smtp.host": "smtp.ville.example", "smtp.tls": "ssl"}, "smtp-sender"),
    },
    "/settings/mailboxes/new": {
        "nothing": ({}, "name"),
        "no password": ({"name": "a@b.example", "host": "h", "user": "u", "port": "993", "tls": "ssl"}, "password"),
        "an odd port": ({"name": "a@b.example", "host": "h", "user": "u", "port": "99999", "tls": "ssl"}, "port"),
    },
    "/settings/town": {"no address": ({"public_url": "avis.ville.example"}, "public_url")},
}


@pytest.mark.parametrize(("page", "mistake"), [(page, name) for page, some in REFUSED.items() for name in some])
def test_what_cannot_be_is_told_beside_its_box_and_nothing_is_kept(town: Town, page: str, mistake: str) -> None:
    typed, box = REFUSED[page][mistake]
    usual = {"texting.not_before": "08:00", "texting.not_after": "20:00", "smtp.tls": "starttls", "language": "fr"}
    answer = post(town.clerk, page, {**usual, **typed})
    assert answer.status_code == 422
    assert re.search(rf'id="{box}"[^>]*aria-invalid="true"', answer.text), re.findall(r'href="#([\w-]+)"', answer.text)
    with town.store.read() as session:
        assert stored_settings.read_stored_settings(session) == {}


def test_what_can_no_longer_be_used_is_left_out_and_the_rest_goes_on(town: Town) -> None:
    with town.store.write() as session:
        odd = {"alerts": {"mails": ["nobody"]}, "language": "en", "no_such_setting": 1}
        stored_settings.save_stored_settings(session, odd, None)
        settings, dropped = town.outside.usable(stored_settings.read_stored_settings(session))
    assert (settings.language, dropped) == ("en", ("alerts", "no_such_setting"))


def test_the_fallback_door_knows_them_without_a_database(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, stored = town.settings, {"twilio": {"account_sid": ACCOUNT, "auth_tokens": [SECRET]}}
    settings_snapshot.write_snapshot(settings, stored)
    assert SECRET.encode() not in settings_snapshot.snapshot_path(settings).read_bytes()
    monkeypatch.setattr(settings_snapshot, "read_external_settings", lambda: town.outside)
    assert settings_snapshot.load_from_snapshot().twilio.auth_tokens[0].get_secret_value() == SECRET
    for broken in (b"", b"PORTEVOIX-SETTINGS-1 x y\nz", settings_snapshot.snapshot_path(settings).read_bytes()[:-3]):
        settings_snapshot.snapshot_path(settings).write_bytes(broken)
        assert settings_snapshot.load_from_snapshot().twilio.account_sid == ""


def test_a_mailbox_is_added_changed_and_taken_out(town: Town) -> None:
    box: dict[str, object] = {"name": "avis@ville.example", "host": "127.0.0.1", "port": "1143", "tls": "none"}
    box |= {"user": "avis", "password": SECRET, "folders": "INBOX\nParc"}
    assert post(town.clerk, "/settings/mailboxes/new", box).status_code == 302
    assert post(town.clerk, "/settings/mailboxes/new", {**box, "name": "AVIS@ville.example"}).status_code == 422
    post(town.clerk, "/settings/mailboxes/avis@ville.example", {**box, "password": "", "user": "boite"})
    (mailbox,) = town.settings.mailboxes
    assert (mailbox.user, mailbox.password.get_secret_value(), mailbox.folders) == ("boite", SECRET, ("INBOX", "Parc"))
    town.do_errands()
    assert (
        "cannot be reached" in town.clerk.get("/settings/mailboxes").text
        or "refuses" in town.clerk.get("/settings/mailboxes").text
    )
    assert town.clerk.get("/settings/mailboxes/other@ville.example").status_code == 404
    post(town.clerk, "/settings/mailboxes/avis@ville.example/remove", {})
    assert town.settings.mailboxes == ()


LOGOS = {
    "png": (b"\x89PNG\r\n\x1a\n" + b"x" * 50, True),
    "jpeg": (b"\xff\xd8\xff\xe0" + b"x" * 50, True),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", False),
    "html": (b"<!doctype html>", False),
    "too large": (b"\x89PNG\r\n\x1a\n" + b"x" * 300_001, False),
}


@pytest.mark.parametrize("name", LOGOS)
def test_a_logo_is_a_picture_or_none(town: Town, name: str) -> None:
    content, kept = LOGOS[name]
    post(town.clerk, "/settings/town/logo", {"logo": (BytesIO(content), "logo.png")})
    shown = town.app.test_client().get("/town-logo")
    assert (shown.status_code == 200) == kept
    if kept:
        assert shown.data == content
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        post(town.clerk, "/settings/town/logo", {"remove": "1"})
        assert town.app.test_client().get("/town-logo").status_code == 404


def test_a_test_call_is_seen_on_the_page_of_the_telephone(town: Town) -> None:
    page = town.clerk.get("/settings/telephone").text
    assert page.count("none yet") == 2
    with town.store.write() as session:
        arrived = IncomingMessage(
            channel=Channel.VOICEMAIL, account="seed", external_id="call", kind=ArrivalKind.WEBHOOK, raw=b"call"
        )
        store_message(session, arrived)
    page = town.clerk.get("/settings/telephone").text
    assert page.count("none yet") == 1
    assert re.search(rf"<dt>The last call</dt><dd>[^<]*{utc_now().year}", page)


def test_every_place_of_the_settings_leads_somewhere(town: Town) -> None:
    page = town.clerk.get("/settings").text
    for endpoint, label, _hint in (entry for _heading, entries in PLACES for entry in entries):
        assert endpoint in town.app.view_functions, endpoint
        assert f">{label}</a>" in page


def test_a_provider_that_is_not_set_stands_folded(town: Town) -> None:
    assert town.clerk.get("/settings/telephone").text.count('<details class="group-fold">') == 3
    post(town.clerk, "/settings/telephone", {"phone.number": "06 39 98 00 01", "texting.not_before": "09:00"})
    page = town.clerk.get("/settings/telephone").text
    assert page.count('<details class="group-fold">') == 2
    assert page.count('<details class="group-fold" open>') == 1


def _rules(town: Town) -> Iterator[tuple[str, str]]:
    for rule in town.app.url_map.iter_rules():
        if rule.rule.startswith("/settings"):
            path = re.sub(r"<(?:int:)?\w+>", "1", rule.rule)
            yield from ((method, path) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_a_towns_own_pages_are_for_administrators_alone(town: Town, role: Role) -> None:
    with town.store.write() as session:
        other = create_person(session, "other", "Other", hash_password("une-phrase-de-passe-longue"), [role]).id
    client = town.app.test_client()
    sign_in_as(client, other)
    token = token_of(client)
    for method, path in _rules(town):
        answer = client.open(path, method=method, data={"csrf_token": token})
        assert answer.status_code == 403, (method, path)
        stranger = town.app.test_client().open(path, method=method)
        assert (stranger.status_code, stranger.location.partition("?")[0]) == (302, "/sign-in"), (method, path)
    with town.store.read() as session:
        assert stored_settings.read_stored_settings(session) == {}
        assert errands.newest_errands(session, ErrandKind.BACKUP) == []


def test_a_form_of_another_site_changes_nothing(town: Town) -> None:
    for method, path in _rules(town):
        if method == "POST":
            assert town.clerk.post(path, data={"town_name": "x", "csrf_token": "forged"}).status_code == 400, path
    with town.store.read() as session:
        assert stored_settings.read_stored_settings(session) == {}


ODD_WORDS = {
    "markup": "<script>alert(1)</script>",
    "a quote": '"\' onfocus=alert(1) x="',
    "a template": "{{ 7 * 7 }}{% raw %}",
    "a format": "%(name)s %s",
    "another script": "سؤال 🌳 問",
    "very long": "é" * 5000,
}


@pytest.mark.parametrize("name", ODD_WORDS)
def test_odd_words_are_shown_as_they_are_or_refused_and_break_no_page(town: Town, name: str) -> None:
    words = ODD_WORDS[name]
    written = {
        "title.fr": words,
        "question.fr": words,
        "can_change.fr": words,
        "cannot_change.fr": words,
        "decides.fr": words,
        "opens": "2026-01-01",
        "closes": "2029-01-01",
        "contact_phone": words[:60],
        "controller": words,
        "dpo": words,
    }
    made = post(town.clerk, "/settings/consultations/new", written)
    assert made.status_code == 302, re.findall(r'class="error"[^<]*<span[^<]*</span>([^<]*)', made.text)
    post(town.clerk, "/settings/centres", {"name": words})
    post(town.clerk, "/settings/alerts", {"alerts.mails": words, "alerts.phones": words})
    post(town.clerk, "/settings/tests/mail", {"address": words})
    slug = (made.location or "").rpartition("/")[2]
    post(town.clerk, f"/settings/consultations/{slug}/themes/try", {"words.fr": words})
    for page in ("", "/edit", "/themes", "/versions", "/texts", "/consultation.toml"):
        shown = town.clerk.get(f"/settings/consultations/{slug}{page}")
        assert shown.status_code == 200, page
        if shown.mimetype == "text/html":
            assert "<script>alert" not in shown.text
            assert "' onfocus=alert(1)" not in shown.text
    for page in ("", "/centres", "/consultations", "/alerts", "/mailboxes"):
        assert town.clerk.get(f"/settings{page}").status_code == 200, page
