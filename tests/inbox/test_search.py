"""Search: what is found by which words."""

import pytest

from inbox import search
from inbox.models import Contribution
from inbox.store import Store
from tests.inbox import makers

FOUND = {
    "the word": ("un banc devant la mairie", "fr", "banc", True),
    "its plural": ("un banc devant la mairie", "fr", "bancs", True),
    "its singular": ("des arbres", "fr", "arbre", True),
    "without accents": ("l'éclairage de la place", "fr", "eclairage", True),
    "with accents": ("l'eclairage de la place", "fr", "éclairage", True),
    "capitals": ("UN BANC", "fr", "banc", True),
    "article stuck to it": ("l’éclairage", "fr", "éclairage", True),
    "query with an article": ("éclairage", "fr", "l'éclairage", True),
    "another form": ("les rues sont éclairées", "fr", "éclairée", True),
    "every word": ("un banc devant la mairie", "fr", "mairie banc", True),
    "not every word": ("un banc devant la mairie", "fr", "banc piscine", False),
    "part of a word": ("un banc devant la mairie", "fr", "mai", False),
    "English": ("more benches near the station", "en", "bench", True),
    "English, language unknown": ("more benches near the station", None, "bench", True),
    "French, language unknown": ("plusieurs bancs", None, "banc", True),
    "language not stemmed": ("bancoù e Brest", "br", "brest", True),
    "a number": ("le bus 12", "fr", "12", True),
    "a time": ("jusqu'à 22h30", "fr", "22h30", True),
    "other script": ("مرحبا بكم", "ar", "مرحبا", True),
    "operators are words": ("un banc", "fr", "banc OR piscine", False),
    "quotes": ("un banc", "fr", '"banc" \'', True),
    "syntax of the servers": ("un banc", "fr", "banc* & | ! : () \\ ^ -", True),
    "only signs": ("un banc", "fr", "%%% * '", False),
    "nothing": ("un banc", "fr", "", False),
    "a NUL": ("un banc", "fr", "banc\0", True),
}


@pytest.mark.parametrize(("text", "language", "query", "found"), FOUND.values(), ids=FOUND)
def test_found(store: Store, text: str, language: str | None, query: str, found: bool):
    typed = makers.text_message(store, "?")
    with store.write() as session:
        search.index(session, typed, text, language)
        assert list(session.scalars(search.matching(session, query))) == [typed] * found


def test_very_long_query(store: Store):
    typed = makers.text_message(store, "un banc")
    with store.read() as session:
        assert list(session.scalars(search.matching(session, "banc " * 5_000))) == [typed]


def test_index_holds_the_text_in_force_only(store: Store):
    spoken = makers.heard(store, "un banc")
    with store.write() as session:
        search.index(session, spoken, "un arbre", "fr")
        assert list(session.scalars(search.matching(session, "banc"))) == []
        assert list(session.scalars(search.matching(session, "arbre"))) == [spoken]
        search.forget(session, spoken)
        assert list(session.scalars(search.matching(session, "arbre"))) == []
        assert session.get_one(Contribution, spoken).id == spoken


def test_a_very_long_text_is_found_by_its_beginning(store: Store):
    words = " ".join(f"mot{number}" for number in range(150_000))
    made = makers.text_message(store, f"banc {words}")
    with store.read() as session:
        assert session.scalars(search.matching(session, "banc")).all() == [made]
