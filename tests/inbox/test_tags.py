"""Tags: suggested by words, put and removed by people."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from config.enums import TagSource
from inbox.contributions import linking, tags, text_versions
from inbox.contributions.optimistic_locking import NotThere
from inbox.models import Tag
from inbox.records import history
from inbox.storage.database import Store
from tests.inbox import makers


@pytest.fixture
def person(store: Store) -> int:
    return makers.moderator(store)


@pytest.fixture
def typed(store: Store) -> int:
    return makers.text_message(store, "Un banc et des vélos")


def suggest(store: Store, contribution_id: int, *found: tuple[str, list[str]]) -> None:
    with store.write() as session:
        tags.suggest_tags(session, contribution_id, found)


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


def test_a_word_that_left_the_text_is_no_reason_any_more(store: Store, person: int):
    typed = makers.text_message(store, "Le voisin de l'école gare son camion devant l'arrêt de bus")
    suggest(
        store, typed, ("ecoles", ["écoles"]), ("stationnement", ["camions", "se gare"]), ("mobilite", ["arrêt de bus"])
    )
    with store.write() as session:
        tags.confirm_tag(session, typed, "stationnement", person)
        tags.add_tag(session, typed, "à rappeler", person)
        text_versions.correct_text(session, typed, "[…] gare sa voiture devant l'arrêt du bus", person, None)
    # At once, before themes are suggested anew.
    assert shown(store, typed) == [
        ("stationnement", TagSource.RULE, "", True),
        ("à rappeler", TagSource.PERSON, "", True),
    ]


def test_words_that_stayed_are_still_the_reason(store: Store, person: int):
    typed = makers.text_message(store, "Mme Quéré veut des bancs et une piste cyclable")
    suggest(store, typed, ("mobilier", ["banc", "chaise"]), ("velo", ["pistes cyclables"]))
    with store.write() as session:
        text_versions.correct_text(session, typed, "[…] veut des bancs et une piste cyclable", person, None)
    assert shown(store, typed) == [
        ("mobilier", TagSource.RULE, "banc", False),
        ("velo", TagSource.RULE, "pistes cyclables", False),
    ]


def test_a_removed_suggestion_stays_removed_when_its_words_leave(store: Store, person: int, typed: int):
    suggest(store, typed, BENCH)
    with store.write() as session:
        tags.remove_tag(session, typed, "mobilier", person)
        text_versions.correct_text(session, typed, "Des vélos", person, None)
        text_versions.correct_text(session, typed, "Un banc et des vélos", person, None)
    suggest(store, typed, BENCH)
    assert shown(store, typed) == []
