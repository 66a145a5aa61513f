"""What stands at an address of a PostgreSQL server, for whoever must not change anything there."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from inbox.servers.engines import make_server_engine

_IN_RECOVERY = text("SELECT pg_is_in_recovery(), pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint")
_WRITTEN = text("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint")
_TABLES_OF = text("SELECT version_num FROM alembic_version")


@dataclass(frozen=True, slots=True)
class ReplicaLook:
    """A server beside the one it is said to follow."""

    follows: bool
    """Whether it follows any; what a primary shows, another one may not."""
    bytes_behind: int
    """Of the primary's log, not replayed yet."""
    is_same: bool
    """Whether its tables are of the same version."""


def is_pooled(url: str) -> bool:
    """Whether a pooler stands in between: it gives its client a number that is not the server process's own.

    Raises SQLAlchemyError when nobody answers.
    """
    with _looking(url).connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        own: int = driver.info.backend_pid
        return bool(own != connection.execute(text("SELECT pg_backend_pid()")).scalar_one())


def compare_replica(url: str, replica_url: str) -> ReplicaLook:
    """How a replica stands to its primary; raises SQLAlchemyError when one of them does not answer."""
    with _looking(replica_url).connect() as replica, _looking(url).connect() as primary:
        follows, replayed = replica.execute(_IN_RECOVERY).one()
        behind = max(0, int(primary.execute(_WRITTEN).scalar_one()) - int(replayed or 0))
        return ReplicaLook(bool(follows), behind, _tables_of(replica) == _tables_of(primary))


def _tables_of(connection: Connection) -> str:
    return str(connection.execute(_TABLES_OF).scalar_one())


def _looking(url: str) -> Engine:
    # As through a pooler, which a server answers just as well; and each connection is closed after its one look.
    return make_server_engine(make_url(url), pooled=True, poolclass=NullPool)
