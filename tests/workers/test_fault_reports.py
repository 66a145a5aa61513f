"""Faults on their way to the town's fault-report system: sent once, asked after, tried again, never twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from config.enums import Channel
from config.settings.loader import Settings
from config.settings.sections.open311_section import Open311
from inbox.answers import service_requests
from inbox.contributions import moderation
from inbox.models import ServiceRequest
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from tests.standins.web import Answer, Asked, LoopbackServer
from tests.workers.answered_town import Town, mobile
from workers.caretaking import fault_reports
from workers.runtime.watcher_context import WatcherContext

SAID = ("Le lampadaire est cassé rue de Siam.", "Un trou devant l'école.", "Plus de bancs.")


class FaultSystem:
    """Numbers what it is sent, once for each key; says what it is told to."""

    def __init__(self) -> None:
        self.taken: dict[str, dict[str, str]] = {}
        self.status, self.says, self.asked = 201, {"status": "open"}, 0
        self.base = ""

    def answer(self, asked: Asked) -> Answer:
        """To a report, its number; to who asks after one, how it stands."""
        if asked.method == "POST":
            if self.status < 300:
                self.taken[asked.headers["idempotency-key"]] = dict(asked.form())
            return Answer.of_json([{"service_request_id": f"F-{len(self.taken)}"}], self.status)
        self.asked += 1
        return Answer.of_json([{"service_request_id": asked.query["service_request_id"], **self.says}], self.status)


@pytest.fixture
def system() -> Iterator[FaultSystem]:
    found = FaultSystem()
    with LoopbackServer(found.answer) as server:
        found.base = server.base
        yield found


@pytest.fixture
def here(sqlite_store: Store, sqlite_settings: Settings, system: FaultSystem) -> WatcherContext:
    """Three texts: one published and passed on, one passed on and not published, one published only."""
    town = Town(sqlite_store, sqlite_settings)
    town.open()
    for number, said in enumerate(SAID):
        town.comes(Channel.SMS, mobile(number), said)
    with sqlite_store.write() as session:
        service_requests.pass_to_service(session, 1, "Éclairage public", 1)
        service_requests.pass_to_service(session, 2, "Voirie", 1)
        moderation.decide_contribution(session, 2, "reopen", by=1, expect_revision=None)
    outside = Open311(url=f"{system.base}/v2", api_key="k", jurisdiction="ville")
    folders = {"data_dir": sqlite_settings.data_dir, "keys_dir": sqlite_settings.keys_dir}
    return WatcherContext(Settings(**folders, open311=outside), sqlite_store)


def row(store: Store, number: int = 1) -> ServiceRequest:
    with store.read() as session:
        found = session.get_one(ServiceRequest, number)
        session.expunge(found)
        return found


def its_time_comes(store: Store) -> None:
    with store.write() as session:
        session.execute(update(ServiceRequest).values(not_before=utc_now() - timedelta(seconds=1)))


def test_what_is_published_is_sent_once(here: WatcherContext, system: FaultSystem) -> None:
    fault_reports.pass_faults_on(here)
    fault_reports.pass_faults_on(here)
    (sent,) = system.taken.values()
    assert (sent["service_code"], sent["description"]) == ("eclairage-public", SAID[0])
    assert (sent["api_key"], sent["jurisdiction_id"]) == ("k", "ville")
    assert (row(here.store).outside_id, system.asked) == ("F-1", 0)


def test_a_killed_process_sends_it_again_under_the_same_key(here: WatcherContext, system: FaultSystem) -> None:
    fault_reports.pass_faults_on(here)
    with here.store.write() as session:  # as if it had been killed before noting it
        session.execute(update(ServiceRequest).values(outside_id=None, not_before=None))
    fault_reports.pass_faults_on(here)
    assert len(system.taken) == 1


SAYS = {
    "open still": ({"status": "open"}, ("open", "")),
    "closed": ({"status": "CLOSED", "status_notes": "Réparé le 3 mai."}, ("closed", "Réparé le 3 mai.")),
    "closed without words": ({"status": "closed", "status_notes": None}, ("closed", "")),
    "far too many words": ({"status": "closed", "status_notes": "a" * 1000}, ("closed", "a" * 400)),
    "no state we know": ({"status": "maybe"}, ("open", "")),
    "no state": ({"status": None}, ("open", "")),
}


@pytest.mark.parametrize("name", SAYS)
def test_what_became_of_it_is_noted(here: WatcherContext, system: FaultSystem, name: str) -> None:
    says, expected = SAYS[name]
    fault_reports.pass_faults_on(here)
    system.says, system.status = says, 200
    its_time_comes(here.store)
    fault_reports.pass_faults_on(here)
    assert (row(here.store).status, row(here.store).status_notes) == expected


@pytest.mark.parametrize("status", [302, 400, 403, 500])
def test_what_is_not_taken_is_tried_again_later(here: WatcherContext, system: FaultSystem, status: int) -> None:
    system.status = status
    for attempts in (1, 2):
        fault_reports.pass_faults_on(here)
        kept = row(here.store)
        assert (kept.attempts, kept.met, kept.outside_id) == (attempts, f"answered {status}", None)
        assert kept.not_before is not None
        assert kept.not_before > utc_now() + timedelta(seconds=50)
        its_time_comes(here.store)
    system.status = 201
    fault_reports.pass_faults_on(here)
    assert (row(here.store).outside_id, row(here.store).met) == ("F-1", "")
