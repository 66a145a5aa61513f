"""What a caller wished, kept with the call: to be called back with the answer, to let others hear the voice."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config.answer_states import VoiceUse
from inbox.models import CallerWish, ContributionPart, Part
from inbox.models.column_types import utc_now
from inbox.records import history
from inbox.storage.upsert import insert_if_new

VOICES = {"own_voice": VoiceUse.OWN, "altered_voice": VoiceUse.ALTERED}


def save_wish(session: Session, intake_id: int, wish: str) -> bool:
    """Note a wish: ``call_back``, ``own_voice``, ``altered_voice``, or ``taken_back`` for none. Safe to repeat.

    ``online`` lets a voice that is lent be heard on the public pages, too; whoever lends it anew says so anew. False
    where that is wished of a voice that is not lent.
    """
    insert_if_new(session, CallerWish, intake_id=intake_id, call_back=False, voice=None, online=False, at=utc_now())
    row = session.get_one(CallerWish, intake_id, with_for_update=True, populate_existing=True)
    before = (row.call_back, row.voice, row.online)
    if wish == "online":
        row.online = row.voice is not None
    elif wish == "call_back":
        row.call_back = True
    else:
        row.online = row.online and VOICES.get(wish) is row.voice
        row.voice = VOICES.get(wish)
        row.call_back = row.call_back and wish in VOICES
    if (row.call_back, row.voice, row.online) != before:
        row.at = utc_now()
        history.record_event(session, f"intake:{intake_id}", "wished", details={"wish": wish})
    return wish != "online" or row.online


def wish_call_back(session: Session, contribution_ids: Collection[int]) -> set[int]:
    """The contributions whose authors asked to be called back."""
    rows = select(ContributionPart.contribution_id).join(Part, Part.id == ContributionPart.part_id)
    wished = rows.join(CallerWish, CallerWish.intake_id == Part.intake_id)
    return set(
        session.scalars(wished.where(ContributionPart.contribution_id.in_(contribution_ids), CallerWish.call_back))
    )


def stop_calling_back(session: Session, contribution_id: int) -> None:
    """They want to be called no more."""
    mine = (
        select(Part.intake_id)
        .join(ContributionPart, ContributionPart.part_id == Part.id)
        .where(ContributionPart.contribution_id == contribution_id)
    )
    session.execute(update(CallerWish).where(CallerWish.intake_id.in_(mine)).values(call_back=False, at=utc_now()))
    history.record_event(session, f"contribution:{contribution_id}", "wished", details={"wish": "not_called_back"})
