"""Published words that a synthetic voice reads for the public pages.

Made when somebody first asks, by whoever can; kept for a while. What is read is what everybody may read at that moment:
once the words change, or something in them is masked, set aside or erased, nothing that was read before is played.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from inbox.answers import published_view
from inbox.models import Contribution, ReadAloud
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.upsert import insert_if_new

MOST_WAITING = 20
"""Texts that wait to be read; whoever asks for a further one is asked to come back."""
MOST_KEPT = 2_000
"""Some two minutes of each: half a gigabyte at most."""
KEPT_FOR = timedelta(days=7)
TRIED_AGAIN_AFTER = timedelta(hours=1)
"""A voice may be installed meanwhile."""


class ReadState(StrEnum):
    """How far the reading of a text is."""

    NOT_ASKED = "not_asked"
    WAITING = "waiting"
    BUSY = "busy"
    """Too many others wait."""
    READY = "ready"
    FAILED = "failed"
    """There is no synthetic voice, or none of its language."""


@dataclass(frozen=True, slots=True)
class TextToRead:
    """A text that waits to be read."""

    contribution_id: int
    tag: str
    text: str
    language: str


def read_state(session: Session, contribution_id: int, text: str) -> ReadState:
    """How far the reading of what is published now is."""
    row = session.get(ReadAloud, contribution_id)
    if row is None or row.tag != _tag(session, text):
        return ReadState.NOT_ASKED
    if row.failed:
        return ReadState.FAILED
    return ReadState.WAITING if row.sealed_sound is None else ReadState.READY


def ask_to_read(session: Session, contribution_id: int, text: str) -> ReadState:
    """Have it read, unless it is or too many wait. Safe to repeat."""
    tag = _tag(session, text)
    session.execute(delete(ReadAloud).where(ReadAloud.contribution_id == contribution_id, ReadAloud.tag != tag))
    if session.get(ReadAloud, contribution_id, populate_existing=True) is None:
        waiting = select(func.count()).where(ReadAloud.sealed_sound.is_(None), ReadAloud.failed.is_(False))
        if (session.scalar(waiting) or 0) >= MOST_WAITING:
            return ReadState.BUSY
        insert_if_new(session, ReadAloud, contribution_id=contribution_id, tag=tag, failed=False, at=utc_now())
    return read_state(session, contribution_id, text)


def texts_to_read(session: Session, most: int) -> Sequence[TextToRead]:
    """What waits to be read, so far as it is still published; the oldest first."""
    rows = session.scalars(
        select(ReadAloud)
        .where(ReadAloud.sealed_sound.is_(None), ReadAloud.failed.is_(False))
        .order_by(ReadAloud.at)
        .limit(most)
    ).all()
    found = []
    for row in rows:
        contribution = session.get_one(Contribution, row.contribution_id)
        slug = contribution.consultation.slug if contribution.consultation is not None else ""
        said = published_view.find_published_voice(session, slug, row.contribution_id)
        asked = published_view.find_public_consultation(session, slug)
        words, language = (said.text, said.language) if said is not None and asked is not None else ("", None)
        usual = asked[1].language if asked is not None else ""
        found.append(TextToRead(row.contribution_id, row.tag, words, language or usual))
    return found


def save_reading(session: Session, read: TextToRead, sound: bytes | None) -> None:
    """Keep what was read; None where it could not be, and nothing where the words have changed since."""
    row = session.get(ReadAloud, read.contribution_id, with_for_update=True, populate_existing=True)
    if row is None or row.tag != read.tag:
        return
    if _tag(session, read.text) != read.tag:
        session.delete(row)
        return
    row.failed = sound is None
    if sound is not None:
        key_id = session.get_one(Contribution, read.contribution_id).key_id
        row.sealed_sound = vault_of(session).seal(session, key_id, sound, place_of(ReadAloud.sealed_sound, row))


def reading_sound(session: Session, contribution_id: int, text: str) -> bytes | None:
    """What was read, as MP3; None where it is not there, or is not what is published now."""
    if read_state(session, contribution_id, text) is not ReadState.READY:
        return None
    row = session.get_one(ReadAloud, contribution_id)
    key_id = session.get_one(Contribution, contribution_id).key_id
    return vault_of(session).bytes_if_kept(session, key_id, row.sealed_sound, place_of(ReadAloud.sealed_sound, row))


def forget_old_readings(session: Session) -> None:
    """Forget what was asked for long ago, and the oldest where there are many."""
    now = utc_now()
    session.execute(delete(ReadAloud).where(ReadAloud.at < now - KEPT_FOR))
    session.execute(delete(ReadAloud).where(ReadAloud.failed, ReadAloud.at < now - TRIED_AGAIN_AFTER))
    beyond = select(ReadAloud.at).order_by(ReadAloud.at.desc()).offset(MOST_KEPT).limit(1)
    last = session.scalar(beyond)
    if last is not None:
        session.execute(delete(ReadAloud).where(ReadAloud.at <= last))


def _tag(session: Session, text: str) -> str:
    return vault_of(session).keyring.keyed_hash("read_aloud", text.encode())
