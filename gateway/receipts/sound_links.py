"""Addresses from which the telephone provider plays sound of ours: each good for one sound, for some hours."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from urllib.parse import urlencode

from config.settings.loader import Settings
from inbox.models.column_types import utc_now
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import Session

ANSWER, VOICE = "answer", "voice"
"""An answer that an official spoke; a resident's voice that others may hear."""
_BLOCK = 4 * 3600
"""Seconds for which an address stays the same, so that a repeated request gets the same body."""


def sound_url(session: Session, settings: Settings, kind: str, number: int | None) -> str:
    """Where a sound can be played from, for four to eight hours; empty where there is none."""
    if number is None:
        return ""
    until = (int(utc_now().timestamp()) // _BLOCK + 2) * _BLOCK
    query = {"k": kind, "m": number, "u": until, "p": _proof(session, kind, number, until)}
    return f"{settings.public_url.rstrip('/')}/hooks/voice/sound?{urlencode(query)}"


def proven_sound(session: Session, query: Mapping[str, str]) -> tuple[str, int] | None:
    """The kind and number of the sound an address names; None when it is not ours, or its time is over."""
    kind, asked = query.get("k", ""), [query.get(name, "") for name in ("m", "u")]
    if kind not in (ANSWER, VOICE) or not all(re.fullmatch(r"[0-9]{1,12}", value) for value in asked):
        return None
    number, until = (int(value) for value in asked)
    is_ours = hmac.compare_digest(_proof(session, kind, number, until).encode(), query.get("p", "").encode())
    return (kind, number) if is_ours and utc_now().timestamp() <= until else None


def _proof(session: Session, kind: str, number: int, until: int) -> str:
    return vault_of(session).keyring.keyed_hash("sound", f"{kind} {number} {until}".encode())
