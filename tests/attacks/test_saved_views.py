"""Views that moderators keep: a name they searched for stands nowhere in the database in the clear."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, text

from inbox.desk import saved_views
from inbox.migrations import migrate
from inbox.models import DataKey, SavedView
from inbox.storage.database import Store
from tests.fixtures_store import StoreFolders
from tests.inbox.earlier import Earlier
from tests.inbox.makers import moderator

QUERY = {"words": "kerbrat", "channel": "sms"}


def kept(store: Store, person: int) -> list[tuple[str, dict[str, str], bool]]:
    with store.read() as session:
        return [(one.name, dict(one.query), one.mine) for one in saved_views.views_of(session, person)]


def raw(store: Store) -> str:
    with store.read() as session:
        return repr(session.execute(text("SELECT name, query, sealed_view FROM saved_view")).all())


def test_it_is_sealed_and_comes_back(store: Store) -> None:
    mine, other = moderator(store), moderator(store)
    with store.write() as session:
        saved_views.save_view(session, mine, "Mme Kerbrat", QUERY, shared=True)
        saved_views.save_view(session, mine, "À relire", {"state": "in_review"}, shared=False)
        saved_views.save_view(session, other, "Bancs", {"words": "banc"}, shared=True)
    assert kept(store, mine) == [
        ("Mme Kerbrat", QUERY, True),
        ("À relire", {"state": "in_review"}, True),
        ("Bancs", {"words": "banc"}, False),
    ]
    assert kept(store, other) == [("Bancs", {"words": "banc"}, True), ("Mme Kerbrat", QUERY, False)]
    assert "erbrat" not in raw(store)


@pytest.mark.parametrize("how", ["replaced", "removed"])
def test_its_key_goes_with_it(store: Store, how: str) -> None:
    mine = moderator(store)
    with store.write() as session:
        saved_views.save_view(session, mine, "Mme Kerbrat", QUERY, shared=True)
        view = session.scalars(select(SavedView)).one()
        key_id, view_id = view.key_id, view.id
    with store.write() as session:
        assert not saved_views.delete_view(session, mine + 1, view_id), "another's"
        if how == "removed":
            assert saved_views.delete_view(session, mine, view_id)
        else:
            saved_views.save_view(session, mine, " Mme  Kerbrat ", {"words": "banc"}, shared=True)
    with store.read() as session:
        assert session.get_one(DataKey, key_id).wrapped is None
    assert [query for _, query, _ in kept(store, mine)] == ([] if how == "removed" else [{"words": "banc"}])


def test_those_of_before_are_read_and_sealed_in_time(empty_database: StoreFolders) -> None:
    earlier = Earlier(empty_database, "0039")
    earlier.add("person", {"id": 1, "login": "lena", "name": "Léna"})
    earlier.add("saved_view", {"person_id": 1, "name": "Mme Kerbrat", "query": QUERY, "shared": False})
    migrate(earlier.store.engine)
    assert kept(earlier.store, 1) == [("Mme Kerbrat", QUERY, True)]
    for found in (1, 0):
        with earlier.store.write() as session:
            assert saved_views.seal_those_of_before(session) == found
    assert "erbrat" not in raw(earlier.store)
    assert kept(earlier.store, 1) == [("Mme Kerbrat", QUERY, True)]
    earlier.to("0039")
    earlier.add("saved_view", {"person_id": 1, "name": "Bancs", "query": json.loads("{}"), "shared": False})
    earlier.store.close()
