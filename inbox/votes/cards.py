"""Voting cards: made once, handed out by the town, kept here as keyed hashes only."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from inbox.models import VoteCard
from inbox.models.column_types import utc_now
from inbox.records import references
from inbox.storage.upsert import insert_if_new
from inbox.votes.ballot_box import card_hash


def create_cards(session: Session, consultation_id: int, count: int) -> list[str]:
    """So many new cards: nine digits with a check digit, shown this once."""
    made: list[str] = []
    while len(made) < count:
        number = references.random_reference()
        hashed = card_hash(session, number)
        if insert_if_new(session, VoteCard, consultation_id=consultation_id, card_hash=hashed, made_at=utc_now()):
            made.append(number)
    return made


def count_cards(session: Session, consultation_id: int) -> int:
    """How many there are."""
    cards = select(func.count()).select_from(VoteCard).where(VoteCard.consultation_id == consultation_id)
    return session.scalar(cards) or 0
