"""Search: folded, stemmed words of the current text, in one column that feeds FTS5 or ``tsvector``."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, column, delete, false, func, literal_column, select, table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from config.wording.stems import characters_of, every_form, stems, words_of
from inbox.models import Contribution, SearchText

RULES = 1
"""Raised whenever the words of a text would be others than before: the sweeper then makes every index row anew."""

MAX_TERMS = 16
"""Words of a query beyond these are left out."""

_SORTED = 1_000
"""Up to so many contributions that hold a word are sorted; where there are more, fifty of them are soon come by."""

_FTS = "search_text_fts"

_LONGEST = 200_000
"""Characters of folded words of one text; PostgreSQL refuses a ``tsvector`` of a megabyte."""


def index(session: Session, contribution_id: int, text: str, language: str | None) -> None:
    """Make a contribution findable by the words of ``text``, and by no others; of a very long one, by the first."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    folded = folded_words(text, language)
    session.execute(
        insert(SearchText)
        .values(contribution_id=contribution_id, folded=folded, rules=RULES)
        .on_conflict_do_update(index_elements=[SearchText.contribution_id], set_={"folded": folded, "rules": RULES})
    )


def folded_words(text: str, language: str | None) -> str:
    """The words by which a text is found, as they stand in the index."""
    # The single characters come first, for of a very long text only the beginning is kept, and they are few.
    return _beginning(" ".join([*characters_of(text), *stems(text, language)]))


def _beginning(folded: str) -> str:
    return folded if len(folded) <= _LONGEST else folded[:_LONGEST].rpartition(" ")[0]


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


def is_searchable(query: str) -> bool:
    """Whether there is a word in it; without one nothing is found."""
    return bool(_terms(query))


@dataclass(frozen=True, slots=True)
class Way:
    """Contributions along an index: a query to be ordered by ``place``, their number."""

    found: Select[Contribution]
    place: ColumnElement[int] | InstrumentedAttribute[int]
    counted: Select[int]
    """Their numbers alone, as they are counted fastest up to a limit."""


def along(session: Session, found: Select[Contribution], query: str) -> Way:
    """Those of the contributions that hold every word of a searchable query, along the index of words."""
    return _along(session, found, [_terms(query)])


def along_any(session: Session, found: Select[Contribution], phrases: Sequence[str]) -> Way:
    """Those of the contributions that hold all the words of one of the phrases, along the index of words."""
    return _along(session, found, [terms for phrase in phrases if (terms := _terms(phrase))])


def _along(session: Session, found: Select[Contribution], several: list[list[list[str]]]) -> Way:
    if session.get_bind().dialect.name == "sqlite":
        return _along_fts5(found, several)
    return _along_tsvector(session, found, several)


def _along_fts5(found: Select[Contribution], several: list[list[list[str]]]) -> Way:
    fts = table(_FTS, column("rowid"))
    # Only its number leads to a contribution then, so that it is the index of words that is walked along.
    held = found.with_hint(Contribution, "NOT INDEXED", "sqlite").join(fts, fts.c.rowid == Contribution.id)
    held = held.where(_matches(*several))
    return Way(held, fts.c.rowid, held.with_only_columns(fts.c.rowid).order_by(fts.c.rowid.desc()))


def _along_tsvector(session: Session, found: Select[Contribution], several: list[list[list[str]]]) -> Way:
    """PostgreSQL's index of words has no order, and it cannot know how many hold a word: so that is looked up."""
    holding = select(SearchText.contribution_id).where(_in_tsvector(*several))
    ids = session.scalars(holding.limit(_SORTED + 1)).all()
    if len(ids) <= _SORTED:
        held = found.where(Contribution.id.in_(ids))
        return Way(held, Contribution.id, held.with_only_columns(Contribution.id))
    joined = found.join(SearchText, SearchText.contribution_id == Contribution.id)
    # Not as a bare condition, for which every row that holds it would be fetched and sorted: they are close together.
    dense = joined.where(_in_tsvector(*several).is_(True))
    # By itself, so that it is the index of words that is looked into, and only as far as is counted.
    by_itself = holding.cte("holding").prefix_with("MATERIALIZED", dialect="postgresql")
    counted = found.join(by_itself, by_itself.c.contribution_id == Contribution.id).with_only_columns(Contribution.id)
    return Way(dense, SearchText.contribution_id, counted)


def holds(query: str) -> ColumnElement[bool]:
    """True of the ``Contribution`` of a query around this one that holds every word; of SQLite only."""
    fts = table(_FTS, column("rowid"))
    return select(fts.c.rowid).where(fts.c.rowid == Contribution.id, _matches(_terms(query))).exists()


def _terms(query: str) -> list[list[str]]:
    return [every_form(word) for word in words_of(query)[:MAX_TERMS]]


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
    wanted = " | ".join(
        "(" + " & ".join("(" + " | ".join(f"'{form}'" for form in forms) + ")" for forms in terms) + ")"
        for terms in several
    )
    return literal_column("search_text.words").op("@@")(func.to_tsquery("simple", wanted))
