"""Reading leaves a trace: who saw, heard, searched or exported what, added only, and without holding anybody up."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from inbox.contributions.text_versions import current_text
from inbox.erasure.erase import erase_contribution
from inbox.erasure.searched_words import ErasedWords
from inbox.models import Arrival, Contribution
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


# --- the chain -------------------------------------------------------------------------------------------


NOTED = ("seen", "heard", "searched", "exported", "listed")


@pytest.fixture
def chained(store: Store) -> Store:
    for number, action in enumerate(NOTED, 1):
        words = "Kermarec" if action == "searched" else ""
        store.openings.note(Opening(number, action, f"contribution:{number}", None, words), utc_now())
    store.openings.thin(utc_now())  # which keeps the head, as every hour
    return store


def attack(store: Store, *statements: str) -> None:
    """What somebody does who owns the file and knows SQL, but has no keys."""
    on_server = store.engine.dialect.name == "postgresql"
    with store.openings.engine.begin() as connection:
        tables = ("opening", "opening_words")
        if on_server:
            connection.execute(text("SET search_path TO openings"))
            for one in tables:
                connection.execute(text(f"ALTER TABLE {one} DISABLE TRIGGER USER"))
            connection.execute(text("ALTER TABLE opening_words DROP CONSTRAINT opening_words_opening_id_fkey"))
        else:
            for trigger in ("opening_not_changed", "opening_not_removed", "opening_words_not_changed"):
                connection.execute(text(f"DROP TRIGGER {trigger}"))
        for statement in statements:
            connection.execute(text(statement))


COPIED = "SELECT id + 1, at, person_id, action, subject, count, words_digest, digest FROM opening WHERE id = 5"
SWAPPED = (
    "UPDATE opening SET id = 99 WHERE id = 2",
    "UPDATE opening SET id = 2 WHERE id = 4",
    "UPDATE opening SET id = 4 WHERE id = 99",
)


@pytest.mark.parametrize(
    ("statements", "broken_at"),
    [
        (["UPDATE opening SET person_id = 9 WHERE id = 2"], 2),
        (["UPDATE opening SET action = 'seen' WHERE id = 4"], 4),
        (["UPDATE opening SET subject = 'contribution:7' WHERE id = 1"], 1),
        (["UPDATE opening SET count = 0 WHERE id = 5"], 5),
        (["UPDATE opening SET at = '2020-01-01 00:00:00' WHERE id = 3"], 3),
        (["UPDATE opening SET words_digest = '' WHERE id = 3", "DELETE FROM opening_words"], 3),
        (["UPDATE opening_words SET sealed_words = wrapped_key"], 3),
        (["DELETE FROM opening WHERE id = 1"], 1),
        (["DELETE FROM opening WHERE id = 3"], 3),
        (["DELETE FROM opening WHERE id = 2", "UPDATE opening SET id = id - 1 WHERE id > 2 AND id < 4"], 2),
        (["DELETE FROM opening WHERE id = 5"], 5),
        (["DELETE FROM opening WHERE id > 2"], 3),
        (["DELETE FROM opening"], 1),
        (list(SWAPPED), 2),
        ([f"INSERT INTO opening {COPIED}"], 6),
        (["INSERT INTO opening_checkpoint VALUES (3, 'x', '2027-01-01 00:00:00', 0, 'x')"], 3),
    ],
)
def test_the_first_row_that_was_tampered_with_is_told(chained: Store, statements: list[str], broken_at: int) -> None:
    before = chained.openings.verify()
    assert (before.rows, before.broken_at, before.head.id) == (5, None, 5)
    attack(chained, *statements)
    found = chained.openings.verify()
    assert (found.broken_at, found.rows <= broken_at) == (broken_at, True), found.why


def test_words_of_another_row_are_not_shown_as_this_ones(sqlite_store: Store) -> None:
    for words in ("kerbrat", "le goff"):
        sqlite_store.openings.note(Opening(1, "searched", "list", 1, words=words), utc_now())
    columns = ("master_id", "wrapped_key", "sealed_words")
    exchanged = ", ".join(
        f"{one} = (SELECT {one} FROM was WHERE was.opening_id <> opening_words.opening_id)" for one in columns
    )
    update = f"UPDATE opening_words SET {exchanged}"
    attack(sqlite_store, "CREATE TABLE was AS SELECT * FROM opening_words", update)
    assert [one.words for one in sqlite_store.openings.newest()] == ["", ""]
    assert sqlite_store.openings.verify().broken_at == 1


def test_a_log_that_was_taken_away_is_seen_to_have_begun_anew(chained: Store, store_settings) -> None:
    attack(chained, "DELETE FROM opening_words", "DELETE FROM opening", "DELETE FROM opening_checkpoint")
    again = Store.open(store_settings)
    again.openings.note(Opening(1, "seen", "contribution:1"), utc_now())
    found = again.openings.verify()
    assert (found.broken_at, found.rows, found.head.id) == (None, 1, 6)
    assert found.begun_anew is not None
    again.close()


def test_thinning_leaves_a_checkpoint_from_which_the_chain_goes_on(kept: Store) -> None:
    assert kept.openings.thin(utc_now()) == 1
    kept.openings.note(Opening(2, "seen", "contribution:8"), utc_now())
    found = kept.openings.verify()
    assert (found.rows, found.broken_at, found.begun_anew) == (3, None, None)
    attack(kept, "DELETE FROM opening WHERE id = 2")
    assert kept.openings.verify().broken_at == 2
    attack_again = "UPDATE opening_checkpoint SET through_id = 2, digest = (SELECT digest FROM opening WHERE id = 3)"
    with kept.openings.engine.begin() as connection:
        name = "openings.opening" if kept.engine.dialect.name == "postgresql" else "opening"
        connection.execute(text(attack_again.replace("opening_", f"{name}_").replace("FROM opening", f"FROM {name}")))
    assert kept.openings.verify().why == "the checkpoint was not made here"


def test_what_is_over_a_year_old_goes_entirely(store: Store) -> None:
    for days in (400, 390, 380):
        store.openings.note(Opening(1, "searched", "contributions", 3, "Kermarec"), utc_now() - timedelta(days=days))
    assert store.openings.thin(utc_now()) == 3
    store.openings.note(Opening(1, "seen", "contribution:1"), utc_now())
    found = store.openings.verify()
    assert (found.rows, found.broken_at, found.head.id) == (1, None, 4)


SEARCHES = {
    "Kermarec": True,
    "kermarec banc": True,
    "kerm": True,
    "06 39 98 00 17": True,
    "+33639980017": True,
    "Plougastel": False,
    "Kermarec Plougastel": False,
    "06 39 98 00 18": False,
}


def test_what_was_searched_for_is_destroyed_with_what_it_names(inbox: Inbox) -> None:
    log, number = inbox.store.openings, inbox.seeded.contributions["text"]
    with inbox.store.read() as rows:
        said = ErasedWords()
        said.add("Madame KERMAREC voudrait un banc")
        said.add("+33639980017")
    assert {words: said.is_named_by(words) for words in SEARCHES} == SEARCHES
    with inbox.store.read() as rows:
        contribution = rows.get_one(Contribution, number)
        words = current_text(rows, contribution).body  # type: ignore[union-attr]
    for one in (words.split()[0], words, "Plougastel"):
        log.note(Opening(1, "searched", "contributions", 1, one), utc_now())
    with inbox.store.write() as rows:
        erase_contribution(rows, number, None, "test")
    left = [(one.action, one.words, one.words_erased, one.count) for one in log.newest(limit=4)]
    assert left == [
        ("erased", "", False, 2),
        ("searched", "Plougastel", False, 1),
        ("searched", "", True, 1),
        ("searched", "", True, 1),
    ]
    found = log.verify()
    assert (found.broken_at, found.erased_words) == (None, 2)


def test_keys_of_words_are_wrapped_anew(kept: Store) -> None:
    master_id, _count = kept.rotate_keys()
    with kept.openings.engine.connect() as connection:
        assert set(connection.execute(text(f"SELECT master_id FROM {table(kept)}_words")).scalars()) == {master_id}
    assert kept.openings.newest(limit=1)[0].words == "Kermarec"
    assert kept.openings.verify().broken_at is None


def test_rows_of_a_version_without_the_chain_are_taken_over(store: Store) -> None:
    """The table as 0.1.0 made it before, with one row whose words are sealed."""
    log = store.openings
    log.note(Opening(4, "searched", "contributions", 2, "Kermarec"), utc_now())
    was = log.newest()
    prefix = "openings." if store.engine.dialect.name == "postgresql" else ""
    columns = "at, person_id, action, subject, count, master_id, wrapped_key, sealed_words"
    with log.engine.begin() as connection:
        connection.execute(
            text(
                f"CREATE TABLE {prefix}before AS SELECT o.id, {columns} FROM {prefix}opening o "
                f"JOIN {prefix}opening_words w ON w.opening_id = o.id"
            )
        )
        for one in ("opening_words", "opening", "opening_checkpoint"):
            connection.execute(text(f"DROP TABLE {prefix}{one}"))
        connection.execute(text(f"ALTER TABLE {prefix}before RENAME TO opening"))
    log._is_ready = False
    assert log.newest() == was
    assert log.verify().rows == 1
    log.note(Opening(4, "seen", "contribution:1"), utc_now())
    assert (log.verify().rows, log.verify().broken_at) == (2, None)


def test_the_page_filters_and_gives_a_spreadsheet(inbox: Inbox) -> None:
    number, call = inbox.seeded.contributions["call"], inbox.seeded.media["call"]
    mod, admin = inbox.client("mod"), inbox.client("admin")
    mod.get("/contributions?q=Kermarec")
    mod.get(f"/contributions/{number}")
    mod.get(f"/media/{call}")
    of_call = admin.get(f"/openings?contribution={number}").text
    assert "listened to" in of_call, "a contribution's recordings belong to it"
    assert "Kermarec" not in of_call
    heard = admin.get("/openings?action=heard").text.split("<tbody>")[1]
    assert (heard.count("<tr>"), "listened to" in heard) == (1, True)
    today = utc_now().date()
    for asked, found in (
        (f"from={today - timedelta(days=1)}", True),
        (f"from={today + timedelta(days=2)}", False),
        (f"to={today - timedelta(days=2)}", False),
        ("from=nonsense&to=2027-99-99&action=nonsense", True),
    ):
        assert ("<tbody>" in admin.get(f"/openings?{asked}").text) is found, asked
    sheet = admin.get("/openings/export.csv?action=searched").text
    assert [line.replace(chr(34), "").split(",")[2:6] for line in sheet.splitlines()[1:]] == [
        ["Maëlle Le Gall", "searched in", "contributions", "Kermarec"]
    ]
    assert ("admin", "exported", "openings", "") in noted(inbox)
    assert inbox.client("mod").get("/openings/export.csv").status_code == 403
