"""Search: folded, stemmed words of the current text, in one column that feeds FTS5 or ``tsvector``."""

import re
import threading
import unicodedata
from functools import lru_cache

import snowballstemmer
from sqlalchemy import ColumnElement, Select, column, delete, false, func, literal_column, select, table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from inbox.models import SearchText

_STEMMERS = {"fr": "french", "en": "english"}
_WORD = re.compile(r"[^\W_]+")
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "’": " ", "'": " "})
_ELIDED = frozenset({"l", "d", "j", "m", "t", "s", "n", "c", "qu"})
_local = threading.local()
MAX_TERMS = 16
"""Words of a query beyond these are left out."""


def fold(text: str) -> str:
    """Small letters and digits without accents, words apart by one space."""
    lowered = text.casefold().translate(_LIGATURES)
    bare = "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))
    return " ".join(_WORD.findall(bare.casefold()))


def stems(text: str, language: str | None) -> list[str]:
    """The stems of a text's words in a language (fr, en), whole words in any other; every form when it is unknown."""
    # Folded before it is stemmed: people write without accents, and both sides must come to the same stem.
    words = [word for word in fold(text).split() if word not in _ELIDED]
    if language is None:
        return [form for word in words for form in _forms(word)]
    return [_stem(word, language) for word in words]


def _forms(word: str) -> list[str]:
    """What a word may have become in the index: itself, or its stem in each language."""
    return sorted({_stem(word, language) for language in ("", *_STEMMERS)})


@lru_cache(maxsize=20_000)
def _stem(word: str, language: str) -> str:
    name = _STEMMERS.get(language)
    if name is None:
        return word
    # A stemmer keeps its state in itself, so that each thread needs its own.
    known = _local.__dict__.setdefault("stemmers", {})
    if name not in known:
        known[name] = snowballstemmer.stemmer(name)
    return str(known[name].stemWord(word)) or word


def index(session: Session, contribution_id: int, text: str, language: str | None) -> None:
    """Make a contribution findable by the words of ``text``, and by no others."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    folded = " ".join(stems(text, language))
    session.execute(
        insert(SearchText)
        .values(contribution_id=contribution_id, folded=folded)
        .on_conflict_do_update(index_elements=[SearchText.contribution_id], set_={"folded": folded})
    )


def forget(session: Session, contribution_id: int) -> None:
    """Let nobody find a contribution by its words."""
    session.execute(delete(SearchText).where(SearchText.contribution_id == contribution_id))


def matching(session: Session, query: str) -> Select[int]:
    """The ids of the contributions that hold every word of the query, whatever their language; none for no words."""
    terms = _terms(query)
    if not terms:
        return select(SearchText.contribution_id).where(false())
    if session.get_bind().dialect.name == "sqlite":
        return _in_fts5(terms)
    return select(SearchText.contribution_id).where(_in_tsvector(terms))


def _terms(query: str) -> list[list[str]]:
    return [_forms(word) for word in fold(query).split() if word not in _ELIDED][:MAX_TERMS]


def _in_fts5(terms: list[list[str]]) -> Select[int]:
    query = " AND ".join("(" + " OR ".join(f'"{form}"' for form in forms) + ")" for forms in terms)
    fts = table("search_text_fts", column("rowid"))
    return select(fts.c.rowid).where(literal_column("search_text_fts").op("MATCH")(query))


def _in_tsvector(terms: list[list[str]]) -> ColumnElement[bool]:
    query = " & ".join("(" + " | ".join(f"'{form}'" for form in forms) + ")" for forms in terms)
    return literal_column("search_text.words").op("@@")(func.to_tsquery("simple", query))
