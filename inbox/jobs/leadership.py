"""Who of several hosts does what must be done once: a row with a term, a holder and a fencing token.

Only the database's clock counts, so hosts need not agree about the time. Whoever takes over raises the token; a write
that is fenced (``Store.fence``) refuses to begin under an older one, and holds the row until it is over, so nobody
takes over in its middle. SQLite serves one host, whose process locks keep its processes apart.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from inbox.models import Leadership
from inbox.models.column_types import UtcDateTime, utc_now

TERM = timedelta(seconds=30)
"""How long nobody else may take over after the holder was last heard."""

HOLDER_LENGTH = 128


def acquire_leadership(session: Session, name: str, holder: str, term: timedelta = TERM) -> int | None:
    """Take the lead, or keep it: the fencing token; None while somebody else holds it.

    ``holder`` counts by its first 128 characters. Nothing is caught here: a database that is away, or a lock held
    too long, comes out of the transaction as ``Store.write`` says. The token rises by one with each new holder (after
    Kleppmann, *Designing Data-Intensive Applications*, ch. 8: fencing tokens); it stays while ``holder`` does.
    """
    now = _now(session)
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    insert = postgresql.insert if on_postgresql else sqlite.insert
    wanted = insert(Leadership).values(name=name, holder=holder[:HOLDER_LENGTH], token=1, until=now + term)
    mine = Leadership.holder == wanted.excluded.holder
    taken = session.execute(
        wanted.on_conflict_do_update(
            index_elements=[Leadership.name],
            set_={
                "holder": wanted.excluded.holder,
                "until": wanted.excluded.until,
                "token": case((mine, Leadership.token), else_=Leadership.token + 1),
            },
            where=mine | (Leadership.until <= now),
        ).returning(Leadership.token)
    )
    return taken.scalar()


def release_leadership(session: Session, name: str, holder: str) -> None:
    """Let the next one in at once; nothing when somebody else holds it by now."""
    row = session.get(Leadership, name)
    if row is not None and row.holder == holder[:HOLDER_LENGTH]:
        row.until = _now(session)


def is_token_newest(session: Session, name: str, token: int) -> bool:
    """Whether this token is still the newest; nobody takes over before this transaction is over."""
    wanted = select(Leadership.token).where(Leadership.name == name).with_for_update(read=True)
    return session.execute(wanted).scalar() == token


def _now(session: Session) -> datetime:
    if session.get_bind().dialect.name != "postgresql":
        return utc_now()
    # Not the transaction's beginning: it may have waited for the row.
    return session.execute(select(func.clock_timestamp(type_=UtcDateTime()))).scalar_one()
