"""Recordings whose text a person has read: what was heard, and what it became. Of these a machine can learn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.enums import Channel, MediumKind, TextOrigin
from inbox.contributions import text_versions, transcripts
from inbox.contributions.text_assembly import parts_of_contribution
from inbox.models import Contribution, Medium, TextVersion

MOST = 500
"""Recordings, the last ones corrected: what people say, and the models, change."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """The words of a transcript as its row keeps them, the model that heard them, and the text in force."""

    model: str
    words: list[dict[str, Any]]
    body: str


def corrected(session: Session, limit: int = MOST) -> Iterator[Corrected]:
    """Contributions of one recording that a person has worded or confirmed; what was erased is not among them."""
    newest = (
        select(TextVersion.contribution_id, func.max(TextVersion.id).label("id"))
        .where(TextVersion.origin == TextOrigin.PERSON)
        .group_by(TextVersion.contribution_id)
        .subquery()
    )
    rows = session.scalars(
        select(Contribution)
        .join(newest, newest.c.contribution_id == Contribution.id)
        .where(Contribution.channel == Channel.VOICEMAIL)
        .order_by(newest.c.id.desc())
        .limit(limit)
    ).all()
    for contribution in rows:
        if (found := _of(session, contribution)) is not None:
            yield found


def _of(session: Session, contribution: Contribution) -> Corrected | None:
    parts = [part.id for part in parts_of_contribution(session, contribution.id)]
    media = session.scalars(
        select(Medium.id).where(
            Medium.part_id.in_(parts), Medium.kind == MediumKind.RECORDING, Medium.discarded_at.is_(None)
        )
    ).all()
    wording = text_versions.current_text(session, contribution)
    if len(media) != 1 or wording is None or wording.origin is not TextOrigin.PERSON:
        return None
    heard = transcripts.latest_transcripts(session, media).get(media[0])
    words = transcripts.transcript_words(session, heard) if heard is not None else []
    if heard is None or not words or heard.engine == transcripts.KEYED:
        return None
    return Corrected(heard.model, words, wording.body)
