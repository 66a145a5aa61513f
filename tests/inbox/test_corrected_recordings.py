"""Recordings whose text a person has read, for a machine to learn of."""

import pytest

from inbox.contributions import text_versions
from inbox.desk.corrected_recordings import corrected
from inbox.storage.database import Store
from tests.inbox import makers


def found(store: Store, limit: int = 500) -> list[tuple[str, str, str]]:
    with store.read() as session:
        return [
            (one.model, " ".join(str(word["text"]) for word in one.words), one.body)
            for one in corrected(session, limit)
        ]


def correct(store: Store, contribution: int, body: str) -> None:
    by = makers.moderator(store)
    with store.write() as session:
        text_versions.correct_text(session, contribution, body, by, None)


def test_what_a_person_corrected_and_confirmed_is_there_the_newest_first(store: Store):
    first, second = makers.heard(store, "un blanc"), makers.heard(store, "une fontaine")
    assert found(store) == []
    correct(store, second, "Une fontaine")
    correct(store, first, "Un banc")
    texts = [(words, body) for _, words, body in found(store)]
    assert texts == [("un blanc", "Un banc"), ("une fontaine", "Une fontaine")]
    assert len(found(store, limit=1)) == 1


@pytest.mark.parametrize("kind", ["not heard", "typed"])
def test_what_no_machine_heard_teaches_nothing(kind: str, store: Store):
    one = makers.voicemail(store) if kind == "not heard" else makers.text_message(store, "Un banc")
    correct(store, one, "Un banc au port")
    assert found(store) == []
