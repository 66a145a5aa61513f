"""What is past its last day goes, and nothing else."""

import os
from datetime import date

import pytest
from sqlalchemy import select

from inbox.contributions import text_versions
from inbox.erasure.erase import erase_contribution
from inbox.erasure.retention import erase_expired, list_expired, remove_orphans
from inbox.models import Arrival, Contribution, Intake, Medium, Part
from inbox.models.sealed_places import Place
from inbox.records.history import history_of
from inbox.storage.database import Store
from inbox.storage.envelope_encryption import vault_of
from tests.inbox.arriving import Came, arrive
from tests.inbox.looking import OTHER, SECRET, assert_nowhere, living_keys, sealed_columns

LAST_DAY = date(2027, 3, 1)
DAY_AFTER = date(2027, 3, 2)


def put(store: Store, *said: str) -> Came:
    with store.write() as session:
        return arrive(session, *said)


def keep_until(store: Store, model: type, row_id: int, day: date = LAST_DAY) -> None:
    with store.write() as session:
        session.get_one(model, row_id).keep_until = day


def test_last_day_is_still_kept(store: Store):
    came = put(store, OTHER)
    for model, row_id in ((Intake, came.intake), (Part, came.parts[0]), (Medium, came.media[0])):
        keep_until(store, model, row_id)
    before = sealed_columns(store)
    assert erase_expired(store, LAST_DAY) == 0
    assert sealed_columns(store) == before


def test_without_a_day_it_is_kept(store: Store):
    put(store, OTHER)
    assert erase_expired(store, date(2999, 1, 1)) == 0


def test_file_goes_and_what_was_read_in_it_stays(store: Store):
    came = put(store, OTHER)
    keep_until(store, Medium, came.media[0])
    with store.read() as session:
        locator = session.get_one(Medium, came.media[0]).locator
        assert list_expired(session, DAY_AFTER).media == (came.media[0],)
    assert erase_expired(store, DAY_AFTER) == 1
    assert erase_expired(store, DAY_AFTER) == 0
    assert locator not in set(store.media.locators())
    with store.read() as session:
        medium = session.get_one(Medium, came.media[0])
        assert (medium.locator, medium.sealed_source) == (None, None), "nor is it fetched again"
        assert medium.sealed_name is not None
        contribution = session.get_one(Contribution, came.contributions[0])
        assert text_versions.current_text(session, contribution).body.lower() == OTHER
        assert [e.action for e in history_of(session, f"part:{came.parts[0]}")] == ["forget_file"]


def test_raw_original_goes_and_its_parts_stay(store: Store):
    came = put(store, OTHER, "autre formulaire")
    keep_until(store, Intake, came.intake)
    assert erase_expired(store, DAY_AFTER) == 1
    with store.write() as session:
        for arrival in session.scalars(select(Arrival)):
            assert (arrival.sealed_raw, arrival.locator, arrival.sealed_headers) == (None, None, None)
        intake = session.get_one(Intake, came.intake)
        assert intake.erased_at is None
        assert vault_of(session).seal(session, intake.key_id, b"a late status", Place(b"here"))
        assert session.get_one(Medium, came.media[0]).locator is not None


def test_contribution_goes_for_good(store: Store, store_settings):
    came, stays = put(store, SECRET), put(store, OTHER)
    keep_until(store, Part, came.parts[0])
    keep_until(store, Intake, came.intake)
    assert erase_expired(store, DAY_AFTER) == 2
    assert_nowhere(SECRET, store_settings.data_dir)
    with store.read() as session:
        assert session.get_one(Contribution, came.contributions[0]).erased_at is not None
        assert session.get_one(Intake, came.intake).erased_at is not None
        assert session.get_one(Contribution, stays.contributions[0]).erased_at is None


def test_intake_of_which_nothing_was_made_goes_whole(store: Store):
    with store.write() as session:
        vault = vault_of(session)
        key = vault.new_key(session).id
        intake = Intake(channel="email", account="a@b.example", external_id="x", key_id=key, keep_until=LAST_DAY)
        session.add(intake)
        session.flush()
        session.add(
            Arrival(
                intake_id=intake.id, kind="mail", digest="d" * 64, size=1, locator=vault.put_file(session, key, b"x")
            )
        )
    assert erase_expired(store, DAY_AFTER) == 1
    assert list(store.media.locators()) == []
    assert living_keys(store) == 0
    with store.read() as session:
        assert session.get_one(Intake, intake.id).erased_at is not None


@pytest.mark.parametrize("count", [0, 1, 3])
def test_in_several_transactions(sqlite_store: Store, monkeypatch: pytest.MonkeyPatch, count: int):
    monkeypatch.setattr("inbox.erasure.retention.list_expired.__defaults__", (1,))
    for _ in range(count):
        keep_until(sqlite_store, Part, put(sqlite_store, OTHER).parts[0])
    assert erase_expired(sqlite_store, DAY_AFTER) == count
    assert sealed_columns(sqlite_store) == 0


def test_files_of_transactions_that_never_ended(sqlite_store: Store):
    came = put(sqlite_store, OTHER)
    named = set(sqlite_store.media.locators())
    left = {sqlite_store.media.put([b"sealed, but its process was killed"]) for _ in range(2)}
    assert remove_orphans(sqlite_store) == 0, "a new file's row may be about to be committed"
    for path in sqlite_store.media.folder.rglob("*"):
        os.utime(path, (0, 0))
    assert remove_orphans(sqlite_store) == len(left)
    assert set(sqlite_store.media.locators()) == named
    assert came.media


def test_scrubbing_that_was_cut_off_is_done_again(sqlite_store: Store, sqlite_settings):
    came = put(sqlite_store, SECRET)
    with sqlite_store.write() as session:
        erase_contribution(session, came.contributions[0], None, "request")
    assert erase_expired(sqlite_store, DAY_AFTER) == 0
    assert_nowhere(SECRET, sqlite_settings.data_dir)
