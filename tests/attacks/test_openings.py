"""Reading leaves a trace: who saw, heard, searched or exported what, added only, and without holding anybody up."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from inbox.models import Arrival
from inbox.models.column_types import utc_now
from inbox.storage.database import Store
from inbox.storage.opening_log import KEPT, Opening
from inbox.web.base import guard, openings
from tests.attacks.busy_store import writing
from tests.inbox.pages.conftest import Inbox, filled, inbox

__all__ = ["filled", "inbox"]


def noted(inbox: Inbox) -> list[tuple[str, str, str, str]]:
    """Who did what with what, and the words, oldest first."""
    names = {number: login for login, number in inbox.seeded.people.items()}
    found = [(names[one.person_id], one.action, one.subject, one.words) for one in inbox.store.openings.newest()]
    return found[::-1]


def test_each_way_of_reading_is_one_row(inbox: Inbox) -> None:
    mod, elu = inbox.client("mod"), inbox.client("elu")
    text_, call = inbox.seeded.contributions["text"], inbox.seeded.media["call"]
    with inbox.store.read() as rows:
        arrival = next(
            number for number in rows.scalars(select(Arrival.id)) if mod.get(f"/arrivals/{number}").status_code == 200
        )
    before = len(noted(inbox))
    mod.get("/contributions")
    mod.get("/contributions?q=Kermarec&channel=sms")
    mod.get(f"/contributions/{text_}")
    mod.get(f"/media/{call}")
    mod.get(f"/media/{call}", headers={"Range": "bytes=0-99"})
    mod.get(f"/media/{call}", headers={"Range": "bytes=100-199"})  # the player goes on
    mod.get(f"/arrivals/{arrival}")
    elu.get("/contributions/export.csv")
    assert noted(inbox)[before:] == [
        ("mod", "listed", "contributions", ""),
        ("mod", "searched", "contributions", "Kermarec"),
        ("mod", "seen", f"contribution:{text_}", ""),
        ("mod", "heard", f"medium:{call}", ""),
        ("mod", "heard", f"medium:{call}", ""),
        ("mod", "seen", f"original:{arrival}", ""),
        ("elu", "exported", "contributions", ""),
    ]
    assert [one.count for one in inbox.store.openings.newest(limit=7)].count(None) == 5


def test_what_was_not_shown_was_not_opened(inbox: Inbox) -> None:
    inbox.client().get("/contributions")
    inbox.client("centre").get("/contributions")
    inbox.client("elu").get(f"/contributions/{inbox.seeded.contributions['text']}")  # still in review
    inbox.client("mod").get("/contributions/99999")
    assert noted(inbox) == []


def test_no_page_waits_for_what_residents_send(inbox: Inbox) -> None:
    client = inbox.client("mod")
    with writing(inbox.store):
        began = utc_now()
        assert client.get("/contributions").status_code == 200
        assert utc_now() - began < timedelta(seconds=5)
    assert len(noted(inbox)) == 1


def test_every_page_of_the_table_is_there(inbox: Inbox) -> None:
    gateways = ("judged.", "entry.", "answers.", "answer_prints.")
    ours = {name for name in openings.PAGES if not name.startswith(gateways)}
    assert ours - set(inbox.app.view_functions) == set()
    assert [name for name in ours if guard.access_of(inbox.app, name).public] == []  # type: ignore[union-attr]


def test_the_page_shows_them_to_who_answers_for_the_data(inbox: Inbox) -> None:
    number = inbox.seeded.contributions["text"]
    inbox.client("mod").get("/contributions?q=Kermarec")
    inbox.client("mod").get(f"/contributions/{number}")
    admin = inbox.client("admin")
    shown = admin.get("/openings").text
    assert "« Kermarec »" in shown
    assert "Maëlle Le Gall" in shown
    only = admin.get(f"/openings?contribution={number}").text
    assert "saw contribution" in only
    assert "Kermarec" not in only
    assert "Nothing was opened" in admin.get("/openings?contribution=99999").text
    assert ("admin", "listed", "openings", "") in noted(inbox), "who looks at this page is noted too"
    for login in ("mod", "elu", "centre"):
        assert inbox.client(login).get("/openings").status_code == 403


# --- the rows themselves, on both servers --------------------------------------------------------------


@pytest.fixture
def kept(store: Store) -> Store:
    for age in (KEPT + timedelta(days=2), timedelta(days=300), timedelta(0)):
        store.openings.note(Opening(1, "searched", "contributions", 3, "Kermarec"), utc_now() - age)
    return store


def table(store: Store) -> str:
    return "openings.opening" if store.engine.dialect.name == "postgresql" else "opening"


@pytest.mark.parametrize("statement", ["UPDATE {} SET person_id = 2", "DELETE FROM {}", "DELETE FROM {} WHERE id > 1"])
def test_rows_cannot_be_changed_nor_removed(kept: Store, statement: str) -> None:
    with pytest.raises(DBAPIError, match="only ever added"), kept.openings.engine.begin() as connection:
        connection.execute(text(statement.format(table(kept))))
    assert len(kept.openings.newest()) == 3


def test_only_what_is_over_a_year_old_goes(kept: Store) -> None:
    assert kept.openings.thin(utc_now()) == 1
    assert [one.id for one in kept.openings.newest()] == [3, 2]


def test_words_are_sealed(kept: Store) -> None:
    with kept.openings.engine.connect() as connection:
        stored = repr(connection.execute(text(f"SELECT * FROM {table(kept)}")).all())
    assert "Kermarec" not in stored
    assert [one.words for one in kept.openings.newest(person_id=1)] == ["Kermarec"] * 3
    assert kept.openings.newest(person_id=2) == []


def test_several_begin_at_once(store_settings) -> None:
    stores = [Store.open(store_settings) for _ in range(4)]
    threads = [
        threading.Thread(target=one.openings.note, args=(Opening(1, "seen", "contribution:1"), utc_now()))
        for one in stores
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stores[0].openings.newest()) == 4
    for one in stores:
        one.close()
