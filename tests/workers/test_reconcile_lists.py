"""The provider's lists are read to their end, resumed where a pass broke off, and asked for sparingly."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sqlalchemy import select

from channels.base.errors import ChannelError, NotReady, ProviderError
from channels.providers.twilio.entries import ListName, first_page, read_page
from channels.providers.twilio.provider import TwilioProvider
from inbox.errors import StoreBusy
from inbox.models import Intake, ListCursor
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.standins.web import Answer, Asked, LoopbackServer
from tests.workers.unheard_town import NUMBER, RESIDENT, WAV, Town, town_of
from workers.runtime.watcher_context import WatcherContext
from workers.watchers import reconciliation_pass
from workers.watchers.reconciler import Reconciler
from workers.watchers.reconciliation_pass import ReconciliationPass, days_to_list


@pytest.fixture
def town(sqlite_store: Store, tmp_path: Path) -> Iterator[Town]:
    with town_of(sqlite_store, tmp_path) as town:
        yield town


# --- how the lists are read


def test_an_idle_pass_asks_three_times(town: Town) -> None:
    for number in range(5):
        town.webhook(town.provider.text(f"+3363998{number:04}", NUMBER, "Bonjour").sid)
    town.reconcile()
    town.provider.api.asked.clear()
    town.reconcile()
    assert sorted(town.provider.api.asked) == ["GET Calls.json", "GET Messages.json", "GET Recordings.json"]


def test_midnight_costs_nothing(town: Town) -> None:
    midnight = datetime.combine(utc_now().date() + timedelta(days=1), datetime.min.time(), UTC)
    town.reconcile(began=midnight - timedelta(minutes=3))
    town.provider.api.asked.clear()
    town.reconcile(began=midnight + timedelta(minutes=2))
    assert len(town.provider.api.asked) == 3


def test_an_outage_of_days_is_read_day_by_day_and_resumed(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    now = utc_now()
    town.reconcile(began=now - timedelta(days=6))
    for hours in range(1, 140, 7):
        town.provider.text(RESIDENT, NUMBER, f"il y a {hours} h", at=now - timedelta(hours=hours))
    with monkeypatch.context() as patch:
        patch.setattr("channels.providers.twilio.entries.read_page", _fails_on_call(7))
        with pytest.raises(NotReady):
            town.reconcile(began=now)
    with town.here.store.read() as session:
        cursor = session.scalars(select(ListCursor).where(ListCursor.name == "messages")).one()
        assert cursor.complete_until.date() == (now - timedelta(days=3)).date()
    some = town.count(Intake)
    assert 0 < some < 20
    assert town.taken_in(began=now) == {"messages": 20 - some}
    bodies = town.bodies()
    assert bodies == [f"il y a {hours} h" for hours in range(134, 0, -7)]
    assert town.taken_in(began=now) == {}


def _fails_on_call(wanted: int) -> Callable[..., object]:
    calls = iter(range(1, 1000))

    def read(*arguments: object) -> object:
        if next(calls) == wanted:
            raise NotReady("the provider asks to wait (503)")
        return read_page(*arguments)  # type: ignore[arg-type]

    return read


def test_pages_are_followed_to_the_end(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels.providers.twilio.entries.PAGE", 4)
    for number in range(10):
        town.provider.text(f"+336399800{number:02}", NUMBER, f"{number}")
    assert town.taken_in() == {"messages": 10}
    assert town.listed("GET Messages.json") == 3
    assert town.taken_in() == {}
    assert town.listed("GET Messages.json") == 1, "what follows the newest page was read before"


def test_what_a_list_showed_late_is_found_within_a_day(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("channels.providers.twilio.entries.PAGE", 2)
    now = utc_now()
    for minutes in range(8):
        town.provider.text(RESIDENT, NUMBER, f"{minutes}", at=now - timedelta(minutes=10 * minutes))
    hidden = town.provider.api.received.pop()
    assert town.taken_in(began=now) == {"messages": 7}
    town.provider.api.received.append(hidden)
    assert town.taken_in(began=now + timedelta(minutes=5)) == {}
    assert town.taken_in(began=now + timedelta(hours=25)) == {"messages": 1}


def test_since_reads_what_was_before_the_first_pass(town: Town) -> None:
    town.provider.text(RESIDENT, NUMBER, "Bonjour", at=utc_now() - timedelta(days=9))
    assert town.taken_in() == {}
    assert town.taken_in(since=utc_now() - timedelta(days=10)) == {"messages": 1}


def test_since_a_day_after_an_outage_began_leaves_the_days_before_to_the_next_pass(town: Town) -> None:
    now = utc_now()
    town.reconcile(began=now - timedelta(days=10))
    for days_ago in (6, 0):
        town.provider.text(RESIDENT, NUMBER, "Bonjour", at=now - timedelta(days=days_ago, minutes=1))
    assert town.taken_in(since=now - timedelta(days=1), began=now) == {"messages": 1}
    assert town.taken_in(began=now) == {"messages": 1}


DAYS = {
    "the same day": ("2027-03-01", "2027-03-01", [("2027-03-01", False)]),
    "over midnight": ("2027-02-28", "2027-03-01", [("2027-02-28", False)]),
    "three days": ("2027-02-27", "2027-03-01", [("2027-02-27", True), ("2027-02-28", False)]),
    "a clock that went back": ("2027-03-02", "2027-03-01", [("2027-03-02", False)]),
}


@pytest.mark.parametrize(("first", "today", "asked"), DAYS.values(), ids=DAYS.keys())
def test_days(first: str, today: str, asked: list[tuple[str, bool]]) -> None:
    found = [
        (day.isoformat(), alone) for day, alone in days_to_list(date.fromisoformat(first), date.fromisoformat(today))
    ]
    assert found == asked


# --- a provider that does not answer well


def _page_answer(following: object) -> Answer:
    return Answer.of_json({"messages": [], "next_page_uri": following})


ANSWERS: dict[str, tuple[Answer, type[ChannelError]]] = {
    "too many requests": (Answer(429), NotReady),
    "broken": (Answer(503), NotReady),
    "no JSON": (Answer(200, b"<html>"), NotReady),
    "wrong token": (Answer(401), ProviderError),
    "goes on at a foreign host": (_page_answer("https://evil.example/x"), ProviderError),
    "goes on at a host that looks alike": (_page_answer("//127.0.0.1:1@evil.example/x"), ProviderError),
}


@pytest.mark.parametrize(("answer", "error"), ANSWERS.values(), ids=ANSWERS.keys())
def test_not_read(town: Town, answer: Answer, error: type[ChannelError]) -> None:
    with LoopbackServer(lambda _asked: answer) as server, requests.Session() as http:
        account = replace(TwilioProvider(town.here.settings).account, api_base=server.base)
        with pytest.raises(error):
            read_page(
                http, account, ListName.MESSAGES, first_page(account, ListName.MESSAGES, utc_now().date(), alone=True)
            )


@pytest.mark.parametrize("following", [None, "", "/2010-04-01/x?Page=1"])
def test_where_a_list_goes_on(town: Town, following: str | None) -> None:
    with LoopbackServer(lambda _asked: _page_answer(following)) as server, requests.Session() as http:
        account = replace(TwilioProvider(town.here.settings).account, api_base=server.base)
        page = read_page(http, account, ListName.MESSAGES, f"{server.base}/first")
        assert page.following == (server.base + following if following else "")


def test_a_list_that_leads_round_in_a_circle_ends(town: Town) -> None:
    asked: list[Asked] = []

    def answer(one: Asked) -> Answer:
        asked.append(one)
        return _page_answer("/2010-04-01/round")

    with LoopbackServer(answer) as server:
        twilio = town.here.settings.twilio.model_copy(update={"api_base": server.base})
        settings = town.here.settings.model_copy(update={"twilio": twilio})
        with requests.Session() as http:
            ReconciliationPass(
                WatcherContext(settings, town.here.store), http, TwilioProvider(settings), timedelta(0)
            ).run()
    assert len(asked) == 6


def test_asked_half_as_often_while_it_asks_to_wait(town: Town) -> None:
    clock = [0.0]
    reconciler = Reconciler(town.here.settings, clock=lambda: clock[0])
    town.provider.api.list_refusals += [429] * 4
    asked_at = []
    while clock[0] < 3 * 3600:
        before = len(town.provider.api.asked)
        reconciler.reconcile(town.here)
        if len(town.provider.api.asked) > before:
            asked_at.append(clock[0])
        clock[0] += 60
    assert asked_at[:7] == [0, 600, 1800, 4200, 7800, 8100, 8400]


def test_asked_no_more_often_while_the_database_is_busy(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> bool:
        raise StoreBusy("waited 30 s for the database")

    clock = [0.0]
    reconciler = Reconciler(town.here.settings, clock=lambda: clock[0])
    town.provider.text(RESIDENT, NUMBER, "Bonjour", at=utc_now() - timedelta(minutes=10))
    monkeypatch.setattr(reconciliation_pass, "ingest_texts", busy)
    with pytest.raises(StoreBusy):
        reconciler.reconcile(town.here)
    town.provider.api.asked.clear()
    clock[0] += 60
    reconciler.reconcile(town.here)
    assert town.provider.api.asked == []


def test_never_asked_where_the_town_wants_it_so(town: Town) -> None:
    twilio = town.here.settings.twilio.model_copy(update={"reconcile_seconds": 0})
    reconciler = Reconciler(town.here.settings.model_copy(update={"twilio": twilio}))
    reconciler.reconcile(town.here)
    assert town.provider.api.asked == []


# --- the stand-in's lists are the provider's


def test_lists_fit_the_providers_own_description(town: Town) -> None:
    corpus = os.environ.get("PORTEVOIX_CORPUS")
    if not corpus:
        pytest.skip("PORTEVOIX_CORPUS is not set: the provider's description is not at hand")
    described = json.loads((Path(corpus) / "twilio/openapi/twilio_api_v2010.json").read_text(encoding="utf-8"))
    town.provider.text(RESIDENT, NUMBER, "Bonjour")
    town.provider._keep_recording(town.provider.call(RESIDENT, NUMBER, None), WAV)
    account = TwilioProvider(town.here.settings).account
    for name in ListName:
        path = f"/2010-04-01/Accounts/{{AccountSid}}/{name.value.capitalize()}.json"
        operation = described["paths"][path]["get"]
        known = {one["name"] for one in operation["parameters"]}
        for alone in (True, False):
            asked = requests.Request("GET", first_page(account, name, utc_now().date(), alone=alone)).prepare()
            assert set(parse_qs(urlsplit(asked.url or "").query)) <= known
        schema = operation["responses"]["200"]["content"]["application/json"]["schema"]["properties"]
        (entry,) = _entries(town, name)
        item = described["components"]["schemas"][schema[name.value]["items"]["$ref"].split("/")[-1]]["properties"]
        assert set(entry) <= set(item)


def _entries(town: Town, name: ListName) -> list[dict[str, object]]:
    account = TwilioProvider(town.here.settings).account
    url = f"{account.api_base}/2010-04-01/Accounts/{account.sid}/{name.value.capitalize()}.json"
    found: list[dict[str, object]] = requests.get(url, auth=(account.sid, account.token), timeout=5).json()[name.value]
    return found
