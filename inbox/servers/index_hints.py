"""SQLite's ``INDEXED BY`` and ``NOT INDEXED``, given to a query with ``with_hint``; SQLAlchemy leaves hints for it out.

SQLite does not know how often a value occurs, and guesses between two indexes; a wrong guess reads the whole table.
"""

from sqlalchemy import Engine, FromClause
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler


class _HintingCompiler(SQLiteCompiler):
    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:  # noqa: ARG002 - called so
        return text


def obey_hints(engine: Engine) -> None:
    """Have the engine's queries written with their hints."""
    engine.dialect.statement_compiler = _HintingCompiler
