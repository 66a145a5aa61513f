"""The watch and the errands of a town's pages: what is wrong is raised once, told once, and ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from inbox.administration import alerts, errands, stored_settings
from inbox.administration.alerts import AlertKind
from inbox.administration.errands import ErrandKind
from inbox.models import Alert, Contribution, Heartbeat
from inbox.models.column_types import utc_now
from tests.gateway.town_fixture import Town
from tests.inbox.pages.conftest import post
from workers.caretaking import alert_watch, errand_runners
from workers.runtime.watcher_context import WatcherContext


def _silent(town: Town) -> None:
    with town.store.write() as session:
        session.add(Heartbeat(process="web"))
        session.add(Heartbeat(process="sweeper", seen_at=utc_now() - timedelta(minutes=30)))
        session.add(Heartbeat(process="mailbox-1", seen_at=utc_now() - timedelta(minutes=50)))
        session.add(Heartbeat(process="long-gone", seen_at=utc_now() - timedelta(days=30)))


def _disk(town: Town) -> None:
    with town.store.write() as session:
        stored_settings.save_stored_settings(session, {"alerts": {"free_mb": 1_000_000}}, None)


def _all_off(town: Town) -> None:
    with town.store.write() as session:
        for process in ("web", "sweeper"):
            session.add(Heartbeat(process=process, seen_at=utc_now() - timedelta(hours=9)))


WATCHED: dict[str, tuple[Callable[[Town], None], set[tuple[str, str]]]] = {
    "nothing": (lambda _town: None, set()),
    "a silent part, and a mailbox that was taken out": (_silent, {("silent", "sweeper")}),
    "a full disk": (_disk, {("disk", "")}),
    "a machine that was off": (_all_off, set()),
}


@pytest.mark.parametrize("case", WATCHED)
def test_the_watch_raises_what_is_wrong_once_and_ends_it(town: Town, case: str) -> None:
    make, expected = WATCHED[case]
    make(town)
    town.clerk.get("/settings")
    here = WatcherContext(town.outside.usable(_stored(town))[0], town.store)
    for _ in range(2):
        alert_watch.forget_stopped_processes(here)
        alert_watch.detect_problems(here)
    with town.store.read() as session:
        assert {(one.kind.value, one.about) for one in alerts.current_alerts(session)} == expected
    with town.store.write() as session:
        session.execute(update(Heartbeat).values(seen_at=utc_now()))
    alert_watch.detect_problems(
        town.context if case != "a full disk" else WatcherContext(town.outside.settings(), town.store)
    )
    with town.store.read() as session:
        assert alerts.current_alerts(session) == []


def _stored(town: Town) -> dict[str, object]:
    with town.store.read() as session:
        return stored_settings.read_stored_settings(session)


def test_those_named_are_told_once_even_when_one_cannot_be(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, str]] = []

    def mail(_settings: object, address: str, _subject: str, words: str) -> None:
        if address.startswith("unreachable"):
            raise ConnectionError
        sent.append((address, words))

    monkeypatch.setattr(alert_watch, "send_mail", mail)
    with town.store.write() as session:
        told = ["unreachable@ville.example", "maire@ville.example"]
        stored_settings.save_stored_settings(session, {"alerts": {"mails": told}}, None)
        assert alerts.raise_alert(session, AlertKind.DANGER, "contribution:7")
        assert not alerts.raise_alert(session, AlertKind.DANGER, "contribution:7")
        assert alerts.raise_alert(session, AlertKind.BACKUP, details={"days": 12})
    here = WatcherContext(town.outside.usable(_stored(town))[0], town.store)
    alert_watch.send_alerts(here)
    alert_watch.send_alerts(here)
    assert [address for address, _words in sent] == ["maire@ville.example"]
    assert "a 12 jours" in sent[0][1]
    assert "danger" in sent[0][1]
    assert "http://127.0.0.1:8080/settings/status" in sent[0][1]
    with town.store.read() as session:
        assert session.scalar(select(Alert.id).where(Alert.told_at.is_(None))) is None


SAID = {
    "J’ai senti une odeur de gaz dans la cage d’escalier": True,
    "Mon mari me frappe, il me bat devant les enfants": True,
    "I want to die, nobody listens": True,
    "Plus de bancs et des arbres, s’il vous plaît": False,
    "Le carrefour est dangereux pour les vélos": False,
}


def test_words_of_danger_are_told_until_somebody_has_decided(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = {words: town.receive_text(words, "en" if words.startswith("I ") else "fr") for words in SAID}
    alert_watch.detect_problems(town.context)
    with town.store.read() as session:
        standing = {one.about for one in alerts.current_alerts(session)}
    assert standing == {f"contribution:{ids[words]}" for words, danger in SAID.items() if danger}
    sent: list[str] = []
    monkeypatch.setattr(alert_watch, "send_mail", lambda _settings, _to, _subject, words: sent.append(words))
    told = town.outside.usable({"alerts": {"mails": ["maire@ville.example"]}})[0]
    alert_watch.send_alerts(WatcherContext(told, town.store))
    assert sent[0].count("http://127.0.0.1:8080/contributions/") == 3
    assert not any(words in sent[0] for words in SAID), "what a resident said leaves by no alert"
    with town.store.write() as session:
        session.execute(update(Contribution).values(moderation="published"))
    alert_watch.detect_problems(town.context)
    with town.store.read() as session:
        assert alerts.current_alerts(session) == []


def test_an_errand_says_what_went_wrong_and_forgets_the_address(town: Town) -> None:
    post(town.clerk, "/settings/tests/text", {"number": "06 39 98 00 07"})
    post(town.clerk, "/settings/tests/text", {"number": "le standard"})
    post(town.clerk, "/settings/tests/call", {"number": "06 39 98 00 07"})
    post(town.clerk, "/settings/tests/mail", {"address": "maire@ville.example"})
    town.do_errands()
    with town.store.read() as session:
        for kind in (ErrandKind.TEST_TEXT, ErrandKind.TEST_CALL, ErrandKind.TEST_MAIL):
            (told,) = errands.newest_errands(session, kind)
            assert (told.succeeded, told.result["said"]) == (False, "not_set_up"), kind
            shown = town.clerk.get(f"/settings/errands/{told.id}").json
            assert shown is not None
            assert shown["open"] is False
    assert "Something is not set yet" in town.clerk.get("/settings/telephone").text


def test_an_errand_whose_doer_was_killed_is_done_by_the_next_and_by_nobody_else(town: Town) -> None:
    with town.store.write() as session:
        errands.request_errand(session, ErrandKind.LOOK)
        first = errands.claim_errand(session)
        assert first is not None
        assert errands.claim_errand(session) is None
        second = errands.claim_errand(session, utc_now() + errands.LEASE * 2)
        assert second is not None
        assert not errands.note_progress(session, first, "looking", 1, 2)
        errands.end_errand(session, first, succeeded=True, result={"said": "all_looked_at"})
        (told,) = errands.newest_errands(session, ErrandKind.LOOK)
        assert told.is_open


def test_everything_is_looked_at_and_told_in_words(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    post(town.clerk, "/settings/status", {})
    town.do_errands()
    page = town.clerk.get("/settings/status").text
    assert "The disk" in page
    assert "It is started again by itself" in page, "no Redis runs here"
    assert errand_runners.RUNNERS.keys() == set(ErrandKind)
    assert town.clerk.get("/settings/engines").status_code == 200
