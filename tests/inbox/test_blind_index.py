"""The search index says nothing of words: what stands in it, and how an index of words becomes one without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from inbox.contributions import reindexing, search_index
from inbox.migrations import migrate, versions
from inbox.models import SearchTokens
from inbox.storage.crypto import Keyring
from inbox.storage.database import Store
from tests.fixtures_store import StoreFolders
from tests.inbox import makers
from tests.inbox.earlier import Earlier

SAID = "Mme Kerbrat, 12 rue Danton : ma sclérose m'empêche de marcher, appelez le 0298123456. 公园里的长椅太少"
WORDS = ("kerbrat", "danton", "sclero", "empech", "march", "appel", "0298123456", "长椅")
(_MADE,) = Path(versions.__file__).parent.glob("*_blind_index.py")
AFTER = _MADE.name[:4]
BEFORE = f"{int(AFTER) - 1:04d}"


def tokens(store: Store, said: str, language: str | None = "fr") -> list[str]:
    return search_index.index_tokens(store.keyring.search_key, said, language).split()


def everything(store: Store) -> str:
    """All that the database holds, as text."""
    with store.engine.connect() as connection:
        if store.engine.dialect.name == "sqlite":
            driver = connection.connection.driver_connection
            assert driver is not None
            return "\n".join(driver.iterdump())
        names = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        rows = [connection.execute(text(f'SELECT row_to_json(t)::text FROM "{name}" t')).all() for name in names]
        return "\n".join(str(row) for several in rows for row in several)


def test_tokens_are_sorted_and_each_once(store: Store) -> None:
    made = tokens(store, "un banc, deux bancs, trois bancs verts ; un banc vert")
    assert made == sorted(set(made))
    assert made == tokens(store, "verts bancs trois deux un banc, vert bancs")
    assert all(re.fullmatch(r"[a-z2-7]{13}", one) for one in made)


def test_another_installation_s_tokens_are_others(store: Store, tmp_path: Path) -> None:
    other = Keyring.load_or_create(tmp_path / "other")
    assert not set(tokens(store, SAID)) & set(search_index.index_tokens(other.search_key, SAID, "fr").split())


def test_nothing_of_a_text_stands_in_the_database(store: Store) -> None:
    makers.text_message(store, SAID)
    found = everything(store).casefold()
    assert [word for word in WORDS if word in found] == []


def test_neither_order_nor_counts_nor_lengths_are_kept(store: Store) -> None:
    makers.text_message(store, SAID)
    if store.engine.dialect.name == "sqlite":
        with store.engine.connect() as connection:
            made = connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = 'search_text_fts'"))
            tables = connection.scalars(text("SELECT name FROM sqlite_master WHERE name LIKE 'search_text_fts%'")).all()
        assert "detail=none" in made
        assert "search_text_fts_docsize" not in tables
        assert "search_text_fts_content" not in tables
    else:
        with store.engine.connect() as connection:
            words = connection.scalar(text("SELECT words::text FROM search_text"))
        assert ":" not in words


@pytest.fixture
def earlier(empty_database: StoreFolders) -> Iterator[Earlier]:
    """As the version before left it: an index of words in the clear, and texts that are sealed."""
    store = Store.open(empty_database)
    migrate(store.engine)
    made = [makers.text_message(store, one) for one in (SAID, "un banc devant la mairie", "公园里的长椅太少")]
    store.close()
    found = Earlier(empty_database, BEFORE)
    folded = ("kerbrat 12 ru danton scleros empech march", "un banc devant la mair", "公园 园里 里的 的长 长椅")
    with found.writing() as connection:
        for contribution_id, words in zip(made, folded, strict=True):
            change = text("UPDATE search_text SET folded = :words, rules = 1 WHERE contribution_id = :id")
            connection.execute(change, {"words": words, "id": contribution_id})
    yield found
    found.store.close()


def found_by(store: Store, query: str) -> list[int]:
    with store.read() as session:
        return sorted(session.scalars(search_index.matching_contributions(session, query)))


def test_an_index_of_words_becomes_blind_and_goes_on_being_found(earlier: Earlier) -> None:
    store = earlier.store
    assert "danton" in everything(store)
    earlier.to(AFTER)
    left = everything(store)
    assert [word for word in WORDS if word in left] == []
    assert [found_by(store, query) for query in ("Kerbrat", "bancs", "长椅")] == [[1], [2], [3]]
    migrate(store.engine)
    assert reindexing.count_outdated(store) == 3
    assert reindexing.reindex_outdated(store) == 3
    assert [found_by(store, query) for query in ("Kerb*", "bancs", "长椅", "mai*")] == [[1], [2], [1, 3], [2]]
    with store.read() as session:
        assert set(session.scalars(select(SearchTokens.rules))) == {search_index.RULES}


def test_going_back_loses_the_index_only_until_it_is_made_anew(earlier: Earlier) -> None:
    earlier.to(AFTER)
    earlier.to(BEFORE)
    assert [(row["folded"], row["rules"]) for row in earlier.rows("search_text")] == [("", 0)] * 3
    migrate(earlier.store.engine)
    assert reindexing.reindex_outdated(earlier.store) == 3
    assert found_by(earlier.store, "Kerbrat") == [1]


def test_making_it_anew_goes_on_where_it_was_cut_short(earlier: Earlier, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(earlier.store.engine)
    monkeypatch.setattr(reindexing, "AT_ONCE", 1)
    calls = iter((1, 0))
    real = reindexing._some
    monkeypatch.setattr(reindexing, "_some", lambda store: next(calls) and real(store))
    assert reindexing.reindex_outdated(earlier.store) == 1
    assert reindexing.count_outdated(earlier.store) == 2
    monkeypatch.setattr(reindexing, "_some", real)
    assert reindexing.reindex_outdated(earlier.store) == 2
    assert found_by(earlier.store, "长椅") == [1, 3]
