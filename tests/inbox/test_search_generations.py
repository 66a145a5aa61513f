"""A new key of the search index: everything is found all the while, and nothing under the old key in the end."""

from __future__ import annotations

import os
import time

import pytest
from sqlalchemy import select

from inbox.contributions import reindexing, search_index
from inbox.models import SearchTokens
from inbox.storage.crypto import Keyring
from inbox.storage.database import Store
from tests.inbox import makers

SAID = {"banc": "Un banc devant l'école", "stationnement": "Le stationnement gêne", "中文": "请修中文路"}


def found(store: Store, word: str) -> int:
    with store.read() as session:
        return len(session.scalars(search_index.matching_contributions(session, word)).all())


def tokens(store: Store) -> set[str]:
    with store.read() as session:
        return {token for row in session.scalars(select(SearchTokens.tokens)) for token in row.split()}


def age(store: Store, seconds: float) -> None:
    for file in store.keyring.folder.glob("search-*.key"):
        os.utime(file, (time.time() - seconds,) * 2)


def test_all_is_found_before_between_and_after(store: Store) -> None:
    for body in SAID.values():
        makers.text_message(store, body)
    before = tokens(store)
    assert store.keyring.search_generation == 0
    store.keyring.rotate_search()
    assert {word: found(store, word) for word in (*SAID, "stationn*", "absent")} == {
        **dict.fromkeys(SAID, 1),
        "stationn*": 1,
        "absent": 0,
    }
    makers.text_message(store, "Encore un banc")
    assert found(store, "banc") == 2, "one under either key"
    assert reindexing.count_outdated(store) == len(SAID)
    assert reindexing.reindex_outdated(store) == len(SAID)
    assert store.keyring.forget_older_searches(rested=3600) == 0, "others may be at it"
    age(store, 7200)
    assert store.keyring.forget_older_searches(rested=3600) == 1
    assert {word: found(store, word) for word in SAID} == {**dict.fromkeys(SAID, 1), "banc": 2}
    assert not tokens(store) & before
    assert len(store.keyring.search_keys) == 1


def test_twice_before_anything_was_made_anew(store: Store) -> None:
    makers.text_message(store, SAID["banc"])
    assert [store.keyring.rotate_search() for _ in range(2)] == [1, 2]
    assert found(store, "banc") == 1
    reindexing.reindex_outdated(store)
    age(store, 7200)
    assert store.keyring.forget_older_searches(rested=0) == 2
    assert found(store, "banc") == 1
    assert Keyring.load_or_create(store.keyring.folder).search_key == store.keyring.search_key


def test_another_process_finds_and_indexes_by_the_new_one(store: Store) -> None:
    other = Store(store.engine.url, Keyring.load_or_create(store.keyring.folder), store.media)
    makers.text_message(store, SAID["banc"])
    other.keyring.rotate_search()
    reindexing.reindex_outdated(other)
    assert found(store, "banc") == 1, "whoever only reads looks for keys as well"
    makers.text_message(store, "Un autre banc")
    with store.read() as session:
        assert set(session.scalars(select(SearchTokens.rules))) == {search_index.RULES + 1000}
    other.close()


def test_it_says_nothing_of_the_one_before(store: Store) -> None:
    keys = [store.keyring.search_key]
    for _ in range(2):
        store.keyring.rotate_search()
        keys.append(store.keyring.search_key)
    assert len({search_index.hash_tokens(key, ["banc"])[0] for key in keys}) == 3


@pytest.mark.parametrize("name", ["search-1.key", "search-0001.key.bak", "search-00x1.key"])
def test_other_files_are_no_keys(store: Store, name: str) -> None:
    before = store.keyring.search_key
    (store.keyring.folder / name).write_text("nothing")
    store.keyring.look_again()
    assert (store.keyring.search_key, store.keyring.search_generation) == (before, 0)
