"""Bringing a database to a version of the tables, up or down; the steps themselves are in ``versions``."""

import itertools

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from inbox.errors import WrongSchema

# Any number will do, as long as no other program uses it for an advisory lock in the same database.
_POSTGRESQL_LOCK = 0x506F7274


SERVES_FROM = "0051"
"""The oldest version of the tables whose program can still serve beside this one, and be gone back to.

Everything after it only adds; raise it when a migration takes away what that version used.
"""

_PROMISE = "serves from "


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "inbox:migrations")
    config.set_main_option("path_separator", "os")
    return config


def migrate(engine: Engine, target: str = "head") -> None:
    """Bring the database to ``target`` (a revision, ``head``, or ``base`` for no tables at all), in one transaction.

    Processes that start together wait for each other; the later ones find nothing left to do. A newer version that
    was there, and said that this one may serve beside it, is let be; raises ``WrongSchema`` for any other newer one.
    """
    config = _config()
    with engine.execution_options(portevoix_begin="writing").begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _POSTGRESQL_LOCK})
        config.attributes["connection"] = connection
        present = MigrationContext.configure(connection).get_current_revision()
        if present is not None and not knows(present):
            if target == "head" and _may_serve_beside(connection):
                return
            raise WrongSchema(f"the database is of revision {present}, which this version does not know")
        if target == "base" or (target != "head" and _is_older(config, target, present)):
            command.downgrade(config, target)
        else:
            command.upgrade(config, target)
            _promise(connection)


def _promise(connection: Connection) -> None:
    """Say which versions may serve beside this one: on hosts that are replaced after us, or go back."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"COMMENT ON TABLE alembic_version IS '{_PROMISE}{SERVES_FROM}'")


def _may_serve_beside(connection: Connection) -> bool:
    if connection.dialect.name != "postgresql":  # one host: nobody serves beside anybody
        return False
    said = connection.scalar(text("SELECT obj_description('alembic_version'::regclass)"))
    return isinstance(said, str) and said.startswith(_PROMISE) and knows(said.removeprefix(_PROMISE))


def _is_older(config: Config, target: str, present: str | None) -> bool:
    if present is None or present == target:
        return False
    script = ScriptDirectory.from_config(config)
    return any(revision.revision == target for revision in script.iterate_revisions(present, "base"))


def head() -> str:
    """The newest revision this program knows."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None
    return revision


def revision_of(engine: Engine) -> str | None:
    """The revision the database is at; None when it has no tables yet."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_before_binding(revision: str) -> bool:
    """Whether a database of this known revision holds sealed values that are bound to no place."""
    script = ScriptDirectory.from_config(_config())
    newer = itertools.takewhile(lambda one: one.revision != revision, script.walk_revisions())
    return knows(revision) and any(getattr(one.module, "binds_values", False) for one in newer)


def knows(revision: str) -> bool:
    """Whether this program knows a revision; it does not know those of newer versions."""
    return any(known.revision == revision for known in ScriptDirectory.from_config(_config()).walk_revisions())
