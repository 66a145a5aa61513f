"""How often references are asked about on the web: counted by hour, so that nobody tries one after the other.

Where a request comes from is known by a keyed hash that also holds the hour: no row tells an address, and none of one
hour belongs to one of another.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from inbox.models import WebLookUp
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.upsert import insert_if_new

MISSED = "missed"
"""What counts the numbers that led nowhere, whoever asked."""
FOUND = "found"
_KEPT = timedelta(hours=2)
_SUBNET = 64
"""Bits of an IPv6 address that one subscriber has to themselves: counted by these, not by each of their addresses."""


def source_key(session: Session, address: str, now: datetime) -> str:
    """What a request of this hour from an address is counted under."""
    text = f"{_hour(now).isoformat()} {_network(address)}"
    return vault_of(session).keyring.keyed_hash("web_look_up", text.encode())[:32]


def count_look_up(session: Session, source: str, now: datetime) -> int:
    """Count one more; how many that makes within the hour."""
    hour = _hour(now)
    insert_if_new(session, WebLookUp, source=source, hour=hour, count=0)
    counted = session.scalar(
        update(WebLookUp)
        .where(WebLookUp.source == source, WebLookUp.hour == hour)
        .values(count=WebLookUp.count + 1)
        .returning(WebLookUp.count)
    )
    return counted or 0


def look_ups_counted(session: Session, source: str, now: datetime) -> int:
    """How many there were within the hour."""
    of = (WebLookUp.source == source, WebLookUp.hour == _hour(now))
    return session.scalar(select(WebLookUp.count).where(*of)) or 0


def delete_old_look_ups(session: Session, now: datetime) -> None:
    """Forget what no limit counts any more."""
    session.execute(delete(WebLookUp).where(WebLookUp.hour < now - _KEPT))


def _hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


def _network(address: str) -> str:
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(known, ipaddress.IPv6Address):
        if known.ipv4_mapped is not None:
            return str(known.ipv4_mapped)
        return str(ipaddress.ip_network((known, _SUBNET), strict=False))
    return str(known)
