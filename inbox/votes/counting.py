"""The count: the only step that opens the box, after closing, again from all rows each time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from config.wording.consultation import Consultation as ConsultationFile
from inbox.administration import webhooks
from inbox.errors import InboxError
from inbox.models import BallotBox, Vote, VoteTotal
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import Place, place_of
from inbox.records import history
from inbox.storage import crypto
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.upsert import insert_rows
from inbox.votes.ballot_box import HALF_BYTES, seal_for_key, shared_key
from inbox.votes.rule import CastVoice, VoteTally, tally_votes

LATECOMERS = timedelta(days=1)
"""What was sent in time can come late: a telephone that was off, a list read again."""


class TooEarly(InboxError):
    """Voices are counted when the consultation has closed, and not before."""

    remedy = "Wait until the day after the consultation's last."


@dataclass(frozen=True, slots=True)
class VoteTotals:
    """What everybody may read of a vote once it is counted."""

    voices: dict[int, int]
    voters: int
    at: datetime


def count_votes(
    session: Session, consultation_id: int, asked: ConsultationFile, today: date, zone: ZoneInfo
) -> VoteTally:
    """Open the box, count by the rule, and keep the totals; raises ``TooEarly``."""
    if asked.state_on(today) != "closed":
        raise TooEarly(f"{asked.slug} is open until {asked.closes}")
    box = session.get(BallotBox, consultation_id, with_for_update=True)
    found = tally_votes(_in_time(session, box, asked, zone) if box is not None else (), asked.vote.most)
    if box is None:
        return found
    session.execute(delete(VoteTotal).where(VoteTotal.consultation_id == consultation_id))
    named = ({"project": project.number, "voices": found.voices[project.number]} for project in asked.projects)
    insert_rows(session, VoteTotal, [{"consultation_id": consultation_id, **one} for one in named])
    box.voters, box.counted_at = found.voters, utc_now()
    history.record_event(session, f"consultation:{consultation_id}", "votes_counted", details={"voters": found.voters})
    webhooks.queue_event(session, "votes.counted", {"consultation": asked.slug, "voters": found.voters})
    session.flush()
    return found


def last_totals(session: Session, consultation_id: int) -> VoteTotals | None:
    """The last count; None before there was one."""
    box = session.get(BallotBox, consultation_id)
    if box is None or box.counted_at is None:
        return None
    rows = session.execute(
        select(VoteTotal.project, VoteTotal.voices).where(VoteTotal.consultation_id == consultation_id)
    )
    return VoteTotals(dict(rows.tuples().all()), box.voters, box.counted_at)


def is_due(session: Session, consultation_id: int, asked: ConsultationFile, today: date) -> bool:
    """Whether a box waits to be counted: closed, and never opened, or opened before what came late had come."""
    box = session.get(BallotBox, consultation_id)
    if box is None or asked.state_on(today) != "closed":
        return False
    return box.counted_at is None or (
        box.counted_at.date() <= asked.closes + LATECOMERS and today > asked.closes + LATECOMERS
    )


def count_given(session: Session, consultation_id: int) -> int:
    """How many voices lie in the box, changes of mind among them."""
    return session.scalar(select(func.count(Vote.id)).where(Vote.consultation_id == consultation_id)) or 0


def _in_time(session: Session, box: BallotBox, asked: ConsultationFile, zone: ZoneInfo) -> Iterator[CastVoice]:
    """Every voice that was given while the consultation was open, in the order in which they were given."""
    half = _half_of(session, box)
    opened: list[tuple[datetime, int, CastVoice]] = []
    columns = (Vote.id, Vote.consultation_id, Vote.once, Vote.sealed_said)
    for row in session.execute(select(*columns).where(Vote.consultation_id == box.consultation_id)):
        said = _open(half, box.open_half, row.sealed_said, place_of(Vote.sealed_said, row))
        voter, projects, takes_back, at = json.loads(said)
        opened.append((datetime.fromisoformat(at), row.id, CastVoice(voter, tuple(projects), takes_back)))
    for at, _number, voice in sorted(opened, key=lambda one: one[:2]):
        if asked.opens <= at.astimezone(zone).date() <= asked.closes:
            yield voice


def bound(session: Session, consultation_id: int, sealed: bytes, place: Place) -> bytes:
    """A voice that is bound to no place, as earlier versions sealed it, sealed anew for its own."""
    box = session.get_one(BallotBox, consultation_id)
    return seal_for_key(box.open_half, _open(_half_of(session, box), box.open_half, sealed, Place(b"")), place)


def opened(session: Session, vote: Vote) -> bytes:
    """What is sealed in one voice; for the count and its tests alone."""
    box = session.get_one(BallotBox, vote.consultation_id)
    return _open(_half_of(session, box), box.open_half, vote.sealed_said, place_of(Vote.sealed_said, vote))


def _half_of(session: Session, box: BallotBox) -> X25519PrivateKey:
    place = place_of(BallotBox.sealed_half, box)
    return X25519PrivateKey.from_private_bytes(vault_of(session).open(session, box.key_id, box.sealed_half, place))


def _open(half: X25519PrivateKey, open_half: bytes, sealed: bytes, place: Place) -> bytes:
    beside = sealed[:HALF_BYTES]
    shared = half.exchange(X25519PublicKey.from_public_bytes(beside))
    return crypto.unseal(shared_key(shared, beside, open_half), sealed[HALF_BYTES:], place)
