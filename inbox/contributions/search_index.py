"""Search: folded, stemmed words of the current text, in one column that feeds FTS5 or ``tsvector``."""

from sqlalchemy import ColumnElement, Select, column, delete, false, func, literal_column, select, table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from config.wording.stems import characters_of, every_form, stems, words_of
from inbox.models import Contribution, SearchText

RULES = 1
"""Raised whenever the words of a text would be others than before: the sweeper then makes every index row anew."""

MAX_TERMS = 16
"""Words of a query beyond these are left out."""

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


def along(
    session: Session, found: Select[Contribution], query: str
) -> tuple[Select[Contribution], ColumnElement[int] | InstrumentedAttribute[int]]:
    """Those of the contributions that hold every word, and by what to order them so that the index is walked along."""
    terms = _terms(query)
    if not terms:
        return found.where(false()), Contribution.id
    if session.get_bind().dialect.name != "sqlite":
        held = found.join(SearchText, SearchText.contribution_id == Contribution.id)
        return held.where(_in_tsvector(terms)), Contribution.id
    fts = table(_FTS, column("rowid"))
    # Only its number leads to a contribution then, so that it is the index of words that is walked along.
    held = found.with_hint(Contribution, "NOT INDEXED", "sqlite").join(fts, fts.c.rowid == Contribution.id)
    return held.where(_matches(terms)), fts.c.rowid


def holds(query: str) -> ColumnElement[bool]:
    """True of the ``Contribution`` of a query around this one that holds every word; of SQLite only."""
    terms = _terms(query)
    if not terms:
        return false()
    fts = table(_FTS, column("rowid"))
    return select(fts.c.rowid).where(fts.c.rowid == Contribution.id, _matches(terms)).exists()


def _terms(query: str) -> list[list[str]]:
    return [every_form(word) for word in words_of(query)[:MAX_TERMS]]


def _in_fts5(terms: list[list[str]]) -> Select[int]:
    return select(table(_FTS, column("rowid")).c.rowid).where(_matches(terms))


def _matches(terms: list[list[str]]) -> ColumnElement[bool]:
    query = " AND ".join("(" + " OR ".join(f'"{form}"' for form in forms) + ")" for forms in terms)
    return literal_column(_FTS).op("MATCH")(query)


def _in_tsvector(terms: list[list[str]]) -> ColumnElement[bool]:
    query = " & ".join("(" + " | ".join(f"'{form}'" for form in forms) + ")" for forms in terms)
    return literal_column("search_text.words").op("@@")(func.to_tsquery("simple", query))
