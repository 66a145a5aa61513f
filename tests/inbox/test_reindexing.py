"""After an update: what older rules indexed is found by the present ones."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from inbox.contributions import reindexing, search_index, tags
from inbox.models import SearchTokens, Tag, TextVersion
from inbox.storage.database import Store
from tests.inbox import makers


def found(store: Store, query: str) -> list[int]:
    with store.read() as session:
        return list(session.scalars(search_index.matching_contributions(session, query)))


def outdate(store: Store, contribution_id: int, folded: str) -> None:
    """As an older version left it."""
    with store.write() as session:
        row = update(SearchTokens).where(SearchTokens.contribution_id == contribution_id)
        tokens = " ".join(sorted(set(search_index.hash_tokens(store.keyring.search_key, folded.split()))))
        session.execute(row.values(tokens=tokens, rules=0))


def test_what_older_rules_indexed_is_indexed_anew_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reindexing, "AT_ONCE", 2)
    made = [makers.text_message(store, f"公园里的长椅太少 {number}") for number in range(5)]
    for contribution_id in made[:4]:
        outdate(store, contribution_id, "公园里的长椅太少")
    assert found(store, "长椅") == made[4:]
    assert reindexing.reindex_outdated(store) == 4
    assert sorted(found(store, "长椅")) == made
    assert reindexing.reindex_outdated(store) == 0


def test_reasons_follow_the_text_as_well(store: Store) -> None:
    masked = makers.text_message(store, "[…] bloque la rue")
    with store.write() as session:
        tags.suggest_tags(
            session, masked, [("stationnement", ["camion", "bloque"])]
        )  # as before reasons followed the text
    outdate(store, masked, "bloqu la ru")
    reindexing.reindex_outdated(store)
    with store.read() as session:
        assert session.scalars(select(Tag.because)).all() == ["bloque"]


def test_what_has_no_text_any_more_is_forgotten(store: Store) -> None:
    silent = makers.voicemail(store)
    with store.write() as session:
        tokens = search_index.index_tokens(store.keyring.search_key, "zygomatique", None)
        session.add(SearchTokens(contribution_id=silent, tokens=tokens))
    assert found(store, "zygomatique") == [silent]
    assert reindexing.reindex_outdated(store) == 1
    assert found(store, "zygomatique") == []
    assert reindexing.reindex_outdated(store) == 0


def test_a_damaged_text_keeps_nobody_from_being_indexed(store: Store) -> None:
    damaged, sound = makers.text_message(store, "un banc"), makers.text_message(store, "公园里的长椅太少")
    for contribution_id in (damaged, sound):
        outdate(store, contribution_id, "banc")
    with store.write() as session:
        session.execute(update(TextVersion).where(TextVersion.contribution_id == damaged).values(sealed_body=b"x" * 40))
    assert reindexing.reindex_outdated(store) == 2
    assert (found(store, "banc"), found(store, "长椅")) == ([damaged], [sound])
