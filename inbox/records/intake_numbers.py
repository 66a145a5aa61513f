"""New intakes on PostgreSQL in three trips to the server: all are numbered by one question and written by one batch.

What the general way asks and learns row by row (is it known, which number did its key get, which its intake) would be a
trip each, and every sender who shares the transaction would wait for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from config.enums import Channel


class IntakeNumbers(NamedTuple):
    """What the rows of a new intake are numbered by."""

    intake_id: int
    key_id: int
    step_id: int


_NUMBERS = """
SELECT nextval(pg_get_serial_sequence('intake', 'id')), nextval(pg_get_serial_sequence('data_key', 'id')),
    nextval(pg_get_serial_sequence('step', 'id'))
FROM generate_series(1, %(count)s)
WHERE NOT EXISTS (
    SELECT 1 FROM unnest(%(accounts)s::text[], %(external_ids)s::text[]) AS said(account, external_id)
    JOIN intake ON intake.channel = %(channel)s
        AND intake.account = said.account AND intake.external_id = said.external_id)
"""


def can_number(session: Session) -> bool:
    """Whether this database numbers rows before they are written."""
    return session.get_bind().dialect.name == "postgresql"


def number_intakes(
    session: Session, channel: Channel, identities: Sequence[tuple[str, str]]
) -> list[IntakeNumbers] | None:
    """Numbers for as many intakes, by account and external id; None when one of them is known already."""
    asked = {
        "count": len(identities),
        "accounts": [account for account, _ in identities],
        "external_ids": [external_id for _, external_id in identities],
        "channel": channel.value,
    }
    driver = _driver(session)
    with one_trip(session):  # with it goes the BEGIN
        numbered = driver.execute(_NUMBERS, asked)
    rows = numbered.fetchall()
    return [IntakeNumbers(*row) for row in rows] if len(rows) == len(identities) else None


@contextmanager
def one_trip(session: Session) -> Iterator[None]:
    """Send the statements of the block together and wait for the server once; none of them may ask for rows.

    What the database refuses is raised at the end, as SQLAlchemy raises it.
    """
    refused = session.get_bind().dialect.loaded_dbapi.Error
    try:
        with _driver(session).pipeline():
            yield
    except refused as error:
        raise DBAPIError.instance(None, None, error, refused, hide_parameters=True) from error


def _driver(session: Session) -> Any:
    return session.connection().connection.driver_connection
