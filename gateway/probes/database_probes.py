"""What the doctor asks about a PostgreSQL server: a pooler in between, and a replica that pages are read from."""

from __future__ import annotations

from config.probe import Probe, Unavailable
from config.settings.loader import Settings
from inbox.servers.server_looks import compare_replica, is_pooled
from inbox.storage.unit_of_work import SQLAlchemyError

_MUCH_BEHIND = 64 * 1024 * 1024
"""Bytes of log: what a busy server writes in about ten seconds."""


def database_probes(settings: Settings) -> list[Probe]:
    """Those that apply to these settings."""
    if not settings.database_url.startswith("postgresql"):
        return []
    found = [
        Probe(
            "database pooler",
            "lends connections",
            lambda: _pooler(settings),
            "where database_url leads through pgbouncer, set direct_url in [database] to the server itself, and"
            " pool_mode = transaction there (docs/scale.md); else leave direct_url empty",
        )
    ]
    if settings.database.replica_url:
        found.append(
            Probe(
                "read replica",
                "answers pages and exports",
                lambda: _replica(settings),
                "check replica_url in [database]: a server that follows that of database_url, by streaming"
                " replication; pages are read from the database itself meanwhile",
            )
        )
    return found


def _pooler(settings: Settings) -> str:
    direct = settings.database.direct_url
    try:
        between = is_pooled(settings.database_url)
        if direct and is_pooled(direct):
            raise Unavailable("direct_url leads through a pooler, too")
    except SQLAlchemyError as error:
        raise Unavailable("the database, or what stands before it, cannot be reached") from error
    if between and not direct:
        raise Unavailable("database_url leads through a pooler, and direct_url is not set")
    if direct and not between:
        return "none, although direct_url is set: prepared statements are given up for nothing"
    return "in between, and direct_url leads past it" if between else "none"


def _replica(settings: Settings) -> str:
    try:
        found = compare_replica(settings.database_url, settings.database.replica_url)
    except SQLAlchemyError as error:
        raise Unavailable("it, or the database, cannot be reached, or has no tables") from error
    if not found.follows:
        raise Unavailable("it follows no other server")
    if not found.is_same:
        raise Unavailable("its tables are of another version: it follows another database, or has stopped")
    if found.bytes_behind > _MUCH_BEHIND:
        raise Unavailable(f"it is {found.bytes_behind // 1_000_000} MB of changes behind")
    return f"follows, {found.bytes_behind / 1000:.0f} kB of changes behind"
