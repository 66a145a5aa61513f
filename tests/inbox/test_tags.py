"""Tags: suggested by words, put and removed by people."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from config.names import TagSource
from inbox import history, linking, tags
from inbox.models import Tag
from inbox.revisions import NotThere
from inbox.store import Store
from tests.inbox import makers


@pytest.fixture
def person(store: Store) -> int:
    return makers.moderator(store)


@pytest.fixture
def typed(store: Store) -> int:
    return makers.text_message(store, "Un banc et des vélos")


def suggest(store: Store, contribution_id: int, *found: tuple[str, list[str]]) -> None:
    with store.write() as session:
        tags.suggest(session, contribution_id, found)


def shown(store: Store, contribution_id: int) -> list[tuple[str, TagSource, str, bool]]:
    with store.read() as session:
        found = tags.tags_of(session, [contribution_id]).get(contribution_id, [])
        return [(tag.name, tag.source, tag.because, tag.confirmed) for tag in found]


BENCH = ("mobilier", ["banc", "bancs"])
BIKES = ("mobilite", ["vélos"])


def test_suggestions_say_why(store: Store, typed: int):
    suggest(store, typed, BENCH, BIKES)
    suggest(store, typed, BENCH, BIKES)
    assert shown(store, typed) == [
        ("mobilier", TagSource.RULE, "banc, bancs", False),
        ("mobilite", TagSource.RULE, "vélos", False),
    ]


def test_suggestions_follow_the_text(store: Store, typed: int):
    suggest(store, typed, BENCH, BIKES)
    suggest(store, typed, ("mobilite", ["vélos", "piste"]))
    assert shown(store, typed) == [("mobilite", TagSource.RULE, "vélos, piste", False)]


def test_removed_stays_removed_until_somebody_puts_it_back(store: Store, person: int, typed: int):
    suggest(store, typed, BENCH)
    with store.write() as session:
        tags.remove_tag(session, typed, "mobilier", person)
    suggest(store, typed, BENCH)
    assert shown(store, typed) == []
    with store.write() as session:
        assert tags.confirm_tag(session, typed, "mobilier", person).removed
        tags.add_tag(session, typed, "mobilier", person)
    assert shown(store, typed) == [("mobilier", TagSource.RULE, "banc, bancs", True)]


def test_confirmed_stays_when_its_words_go(store: Store, person: int, typed: int):
    suggest(store, typed, BENCH, BIKES)
    with store.write() as session:
        assert tags.confirm_tag(session, typed, "mobilier", person).confirmed
    suggest(store, typed)
    assert [name for name, *_ in shown(store, typed)] == ["mobilier"]


def test_free_word(store: Store, person: int, typed: int):
    with store.write() as session:
        tags.add_tag(session, typed, "  à   rappeler ", person)
        tags.add_tag(session, typed, "à rappeler", person)
    suggest(store, typed)
    assert shown(store, typed) == [("à rappeler", TagSource.PERSON, "", True)]
    with store.read() as session:
        lines = history.history_of(session, f"contribution:{typed}")
        assert [line.action for line in lines] == ["tag_added", "arrived"]
        # A free word can be a name, so history, which outlives erasure, does not hold it.
        assert lines[0].details == {"tag": session.query(Tag.id).scalar()}


@pytest.mark.parametrize("name", ["", "   ", "x" * 65, "\0"], ids=["empty", "spaces", "too long", "not printable"])
def test_bad_names(store: Store, person: int, typed: int, name: str):
    with pytest.raises(tags.BadTag), store.write() as session:
        tags.add_tag(session, typed, name, person)


@pytest.mark.parametrize("act", [tags.confirm_tag, tags.remove_tag])
def test_of_what_is_not_there(store: Store, person: int, typed: int, act):
    with store.write() as session:
        assert act(session, typed, "mobilier", person) is None
    with pytest.raises(NotThere), store.write() as session:
        act(session, 999_999, "mobilier", person)


def test_suggesting_for_what_is_gone_is_nothing(store: Store, person: int, typed: int):
    with store.write() as session:
        linking.merge(session, makers.text_message_in(session, "Un bus"), typed, person)
    for gone in (typed, 999_999):
        suggest(store, gone, BENCH)
        assert shown(store, gone) == []


def test_suggested_and_put_at_once(store: Store, person: int, typed: int):
    def put(_: int) -> None:
        with store.write() as session:
            tags.add_tag(session, typed, "mobilier", person)

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(put, 0), pool.submit(suggest, store, typed, BENCH), pool.submit(put, 1)]
        for future in running:
            future.result()
    assert [(name, confirmed) for name, _, _, confirmed in shown(store, typed)] == [("mobilier", True)]
