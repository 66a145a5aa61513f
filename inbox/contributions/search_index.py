"""Search: a blind index of the current text, in one column that feeds FTS5 or ``tsvector``.

What stands in a row are *tokens*: keyed hashes of the text's stemmed words, of their beginnings and of pairs of
characters, each once and in no order. Who has the database without the keys folder learns which rows have tokens
in common, and how many rows hold one; neither words, nor their order, nor how often they are said.
"""

import base64
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, cast, column, delete, false, literal_column, select, table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from config.wording.stems import characters_of, possible_stems, stems, words_of
from inbox.models import Contribution, SearchTokens
from inbox.storage.envelope_encryption import vault_of

RULES = 2
"""Raised whenever the tokens of a text would be others than before: the sweeper then makes every index row anew."""

_GENERATION = 1_000
"""More than there will be rules."""

MAX_TERMS = 16
"""Words of a query beyond these are left out."""

SHORTEST_BEGINNING, LONGEST_BEGINNING = 3, 8
"""Letters of the beginnings by which a word is found; of a longer one, its first eight letters count."""

TOKEN_BYTES = 8
"""64 bits of HMAC-SHA-256: among ten million words and beginnings, two are taken for one with odds of 1 to 370,000."""

_SORTED = 1_000
"""Up to so many contributions that hold a word are sorted; where there are more, fifty of them are soon come by."""

_FTS = "search_text_fts"

_MOST = 14_000
"""Tokens of one text; PostgreSQL refuses a ``tsvector`` of a megabyte, and a column of an index of less."""

_WORD, _BEGINNING = b"word\0", b"beginning\0"


def index_text(session: Session, contribution_id: int, text: str, language: str | None) -> None:
    """Make a contribution findable by the words of ``text``, and by no others; of a very long one, by the first."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    tokens, rules = index_tokens(search_key(session), text, language), rules_of(session)
    session.execute(
        insert(SearchTokens)
        .values(contribution_id=contribution_id, tokens=tokens, rules=rules)
        .on_conflict_do_update(index_elements=[SearchTokens.contribution_id], set_={"tokens": tokens, "rules": rules})
    )


def search_key(session: Session) -> bytes:
    """The key of the store's tokens."""
    return vault_of(session).keyring.search_key


def rules_of(session: Session) -> int:
    """By what tokens are made now: the rules, and above them the generation of the key; it only rises."""
    return RULES + _GENERATION * vault_of(session).keyring.search_generation


def index_tokens(key: bytes, text: str, language: str | None) -> str:
    """The tokens by which a text is found, as they stand in the index: sorted, and so without its order."""
    # The single characters come first, for of a very long text only the beginning is kept, and they are few.
    found = dict.fromkeys(hash_tokens(key, [*characters_of(text), *stems(text, language)]))
    beginnings = (
        word[:length]
        for word in dict.fromkeys(words_of(text))
        if word.isalpha()
        for length in range(SHORTEST_BEGINNING, min(len(word), LONGEST_BEGINNING + 1))
    )
    for beginning in beginnings:
        if len(found) >= _MOST:
            break
        found[_token(key, _BEGINNING, beginning)] = None
    return " ".join(sorted(list(found)[:_MOST]))


def hash_tokens(key: bytes, forms: Iterable[str]) -> list[str]:
    """The tokens of words that were folded and stemmed, in their order."""
    return [_token(key, _WORD, form) for form in forms]


@lru_cache(maxsize=50_000)
def _token(key: bytes, kind: bytes, said: str) -> str:
    digest = hmac.digest(key, kind + said.encode("utf-8", "surrogatepass"), "sha256")[:TOKEN_BYTES]
    # Thirteen letters and digits: one word to FTS5 and to ``tsvector``, whatever they fold.
    return base64.b32encode(digest).decode("ascii").rstrip("=").lower()


def remove_from_index(session: Session, contribution_id: int) -> None:
    """Let nobody find a contribution by its words."""
    session.execute(delete(SearchTokens).where(SearchTokens.contribution_id == contribution_id))


def matching_contributions(session: Session, query: str) -> Select[int]:
    """The ids of the contributions that hold every word of the query, whatever their language; none for no words."""
    terms = _terms(session, query)
    if not terms:
        return select(SearchTokens.contribution_id).where(false())
    if session.get_bind().dialect.name == "sqlite":
        return _in_fts5(terms)
    return select(SearchTokens.contribution_id).where(_in_tsvector(terms))


def some_matching_contributions(session: Session, query: str, most: int) -> Sequence[int]:
    """Up to so many ids of contributions that hold every word of the query; the newest, where that costs nothing."""
    found = matching_contributions(session, query).limit(most)
    if session.get_bind().dialect.name == "sqlite":
        found = found.order_by(literal_column("rowid").desc())
    return session.scalars(found).all()


def is_searchable(query: str) -> bool:
    """Whether there is a word in it; without one nothing is found."""
    return bool(_wanted(query))


@dataclass(frozen=True, slots=True)
class IndexWalk:
    """Contributions along an index: a query to be ordered by ``place``, their number."""

    found: Select[Contribution]
    place: ColumnElement[int] | InstrumentedAttribute[int]
    counted: Select[int]
    """Their numbers alone, as they are counted fastest up to a limit."""


def walk_matching(session: Session, found: Select[Contribution], query: str) -> IndexWalk:
    """Those of the contributions that hold every word of a searchable query, along the index of words."""
    return _along(session, found, [_terms(session, query)])


def walk_matching_any(session: Session, found: Select[Contribution], phrases: Sequence[str]) -> IndexWalk:
    """Those of the contributions that hold all the words of one of the phrases, along the index of words."""
    return _along(session, found, [terms for phrase in phrases if (terms := _terms(session, phrase))])


def _along(session: Session, found: Select[Contribution], several: list[list[list[str]]]) -> IndexWalk:
    if session.get_bind().dialect.name == "sqlite":
        return _along_fts5(found, several)
    return _along_tsvector(session, found, several)


def _along_fts5(found: Select[Contribution], several: list[list[list[str]]]) -> IndexWalk:
    fts = table(_FTS, column("rowid"))
    # Only its number leads to a contribution then, so that it is the index of words that is walked along.
    held = found.with_hint(Contribution, "NOT INDEXED", "sqlite").join(fts, fts.c.rowid == Contribution.id)
    held = held.where(_matches(*several))
    return IndexWalk(held, fts.c.rowid, held.with_only_columns(fts.c.rowid).order_by(fts.c.rowid.desc()))


def _along_tsvector(session: Session, found: Select[Contribution], several: list[list[list[str]]]) -> IndexWalk:
    """PostgreSQL's index of words has no order, and it cannot know how many hold a word: so that is looked up."""
    holding = select(SearchTokens.contribution_id).where(_in_tsvector(*several))
    ids = session.scalars(holding.limit(_SORTED + 1)).all()
    if len(ids) <= _SORTED:
        held = found.where(Contribution.id.in_(ids))
        return IndexWalk(held, Contribution.id, held.with_only_columns(Contribution.id))
    joined = found.join(SearchTokens, SearchTokens.contribution_id == Contribution.id)
    # Not as a bare condition, for which every row that holds it would be fetched and sorted: they are close together.
    dense = joined.where(_in_tsvector(*several).is_(True))
    # By itself, so that it is the index of words that is looked into, and only as far as is counted.
    by_itself = holding.cte("holding").prefix_with("MATERIALIZED", dialect="postgresql")
    counted = found.join(by_itself, by_itself.c.contribution_id == Contribution.id).with_only_columns(Contribution.id)
    return IndexWalk(dense, SearchTokens.contribution_id, counted)


def matches_condition(session: Session, query: str) -> ColumnElement[bool]:
    """True of the ``Contribution`` of a query around this one that holds every word; of SQLite only."""
    fts = table(_FTS, column("rowid"))
    return select(fts.c.rowid).where(fts.c.rowid == Contribution.id, _matches(_terms(session, query))).exists()


def _terms(session: Session, query: str) -> list[list[str]]:
    """For each word of a query the tokens of which a text has to hold one."""
    keys = vault_of(session).keyring.search_keys
    return [[token for key in keys for token in _tokens_of_word(key, word, begun)] for word, begun in _wanted(query)]


def _tokens_of_word(key: bytes, word: str, begun: str) -> list[str]:
    return [*([_token(key, _BEGINNING, begun)] if begun else []), *hash_tokens(key, possible_stems(word))]


def _wanted(query: str) -> list[tuple[str, str]]:
    """The words of a query; with each that ends in a star, and is long enough, the beginning that is asked for."""
    found: list[tuple[str, str]] = []
    for piece in query.split():
        words = words_of(piece)
        found += [(word, "") for word in words]
        if words and piece.endswith("*") and len(words[-1]) >= SHORTEST_BEGINNING:
            found[-1] = (words[-1], words[-1][:LONGEST_BEGINNING])
    return found[:MAX_TERMS]


def _in_fts5(terms: list[list[str]]) -> Select[int]:
    return select(table(_FTS, column("rowid")).c.rowid).where(_matches(terms))


def _matches(*several: list[list[str]]) -> ColumnElement[bool]:
    """Holds every word of one of several queries."""
    wanted = " OR ".join(
        "(" + " AND ".join("(" + " OR ".join(f'"{form}"' for form in forms) + ")" for forms in terms) + ")"
        for terms in several
    )
    return literal_column(_FTS).op("MATCH")(wanted)


def _in_tsvector(*several: list[list[str]]) -> ColumnElement[bool]:
    wanted = " | ".join("(" + " & ".join("(" + " | ".join(forms) + ")" for forms in terms) + ")" for terms in several)
    return literal_column("search_text.words").op("@@")(cast(wanted, postgresql.TSQUERY))
