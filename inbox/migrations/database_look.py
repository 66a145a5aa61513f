"""Whether a database is there and has tables, for whoever must not make either."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import OperationalError

from inbox.models import Refusal


@dataclass(frozen=True, slots=True)
class DatabaseLook:
    """A database, and why it cannot be used; empty where it can."""

    server: str
    problem: str = ""


def look_at(url: str) -> DatabaseLook:
    """What is at this address; nothing is made there."""
    engine = create_engine(url)
    try:
        if is_file_missing(url):
            return DatabaseLook(engine.dialect.name, "there is none yet")
        problem = "" if has_tables(engine) else "it has no tables yet"
        return DatabaseLook(engine.dialect.name, problem)
    except OperationalError:
        return DatabaseLook(engine.dialect.name, "it cannot be reached")
    finally:
        engine.dispose()


def is_file_missing(url: str) -> bool:
    """Whether the database would be a file that is not there yet."""
    parsed = make_url(url)
    return parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").exists()


def has_tables(engine: Engine, table: str = Refusal.__tablename__) -> bool:
    """Whether a database has been migrated so far that it has this table."""
    return inspect(engine).has_table(table)
