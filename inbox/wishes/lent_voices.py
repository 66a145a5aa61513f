"""Voices that callers let others hear: with their own yes and a moderator's, while the words are published.

The copy that is played is sealed with the contribution's key, so that it goes with it. Whatever is taken back, masked,
set aside or erased since is not played, from the same moment on.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from config.answer_states import VoiceUse
from config.enums import MediumKind, Moderation
from inbox.contributions import masks
from inbox.contributions.text_assembly import parts_of_contribution
from inbox.errors import InboxError
from inbox.models import CallerWish, Contribution, ContributionPart, LentVoice, Part
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.records import history, intake_lookup
from inbox.storage.envelope_encryption import vault_of


class NotLent(InboxError):
    """Letting others hear a voice without its owner's yes, or one in which something is masked."""

    remedy = "Only who called can lend the voice, by a key; nothing of it may be masked."


@dataclass(frozen=True, slots=True)
class VoiceOrder:
    """A copy to be made."""

    contribution_id: int
    use: VoiceUse
    key_id: int
    locator: str


def voice_wished(session: Session, contribution_id: int) -> tuple[VoiceUse, bool] | None:
    """What the author lets others hear, by the last wish, and whether online too; None where that is nothing."""
    return _wished(session, [contribution_id]).get(contribution_id)


def let_be_heard(session: Session, contribution_id: int, by: int) -> None:
    """A moderator has listened: others may hear it. Raises NotLent."""
    contribution = session.get_one(Contribution, contribution_id, with_for_update=True)
    wished = voice_wished(session, contribution_id)
    if wished is None or contribution.moderation is not Moderation.PUBLISHED or masks.masks_of(session, contribution):
        raise NotLent(f"the voice of contribution {contribution_id} is not lent")
    session.execute(delete(LentVoice).where(LentVoice.contribution_id == contribution_id))
    use, online = wished
    session.add(
        LentVoice(contribution_id=contribution_id, use=use, online=online, person_id=by, failed=False, at=utc_now())
    )
    details = {"use": use.value, "online": online}
    history.record_event(session, f"contribution:{contribution_id}", "voice_let_be_heard", by, details)


def silence(session: Session, contribution_id: int, by: int) -> None:
    """Nobody hears it any more."""
    session.execute(delete(LentVoice).where(LentVoice.contribution_id == contribution_id))
    history.record_event(session, f"contribution:{contribution_id}", "voice_silenced", by)


def voice_let(session: Session, contribution_id: int) -> tuple[VoiceUse, bool] | None:
    """What a moderator has let be heard, and whether online too; None where that is nothing."""
    row = session.get(LentVoice, contribution_id)
    return (row.use, row.online) if row is not None else None


def playable_voices(
    session: Session, contribution_ids: Collection[int], *, online: bool = False
) -> Mapping[int, VoiceUse]:
    """Those of these contributions whose voice may be played now, by telephone or ``online``; and how."""
    rows = session.execute(
        select(LentVoice, Contribution)
        .join(Contribution, Contribution.id == LentVoice.contribution_id)
        .where(LentVoice.contribution_id.in_(contribution_ids), LentVoice.sealed_sound.is_not(None))
    ).all()
    wished = _wished(session, contribution_ids)
    return {
        found.id: lent.use
        for lent, found in rows
        if found.moderation is Moderation.PUBLISHED
        and found.erased_at is None
        and _is_covered(lent, wished.get(found.id), online=online)
        and not masks.masks_of(session, found)
    }


def _is_covered(lent: LentVoice, wished: tuple[VoiceUse, bool] | None, *, online: bool) -> bool:
    """Whether its owner wishes just what a moderator has let; online only where both meant that, too."""
    return wished is not None and wished[0] is lent.use and (not online or (lent.online and wished[1]))


def voice_sound(session: Session, contribution_id: int, *, online: bool = False) -> bytes | None:
    """The copy; None where it may not be played, or is not there."""
    if contribution_id not in playable_voices(session, [contribution_id], online=online):
        return None
    row = session.get_one(LentVoice, contribution_id)
    key_id = session.get_one(Contribution, contribution_id).key_id
    return vault_of(session).bytes_if_kept(session, key_id, row.sealed_sound, place_of(LentVoice.sealed_sound, row))


def waiting_voices(session: Session) -> Sequence[VoiceOrder]:
    """The copies to be made."""
    rows = session.scalars(select(LentVoice).where(LentVoice.sealed_sound.is_(None), LentVoice.failed.is_(False)))
    found = []
    for row in rows:
        for part in parts_of_contribution(session, row.contribution_id):
            media = intake_lookup.stored_media(session, part.id, [MediumKind.RECORDING])
            if media and media[-1].locator is not None:
                found.append(VoiceOrder(row.contribution_id, row.use, part.key_id, media[-1].locator))
                break
    return found


def save_copy(session: Session, order: VoiceOrder, sound: bytes | None) -> None:
    """Keep a copy that was made; None where none could be."""
    row = session.get(LentVoice, order.contribution_id, with_for_update=True, populate_existing=True)
    if row is None or row.use is not order.use:
        return
    row.failed = sound is None
    if sound is not None:
        key_id = session.get_one(Contribution, order.contribution_id).key_id
        row.sealed_sound = vault_of(session).seal(session, key_id, sound, place_of(LentVoice.sealed_sound, row))


def _wished(session: Session, contribution_ids: Collection[int]) -> dict[int, tuple[VoiceUse, bool]]:
    rows = session.execute(
        select(ContributionPart.contribution_id, CallerWish.voice, CallerWish.online)
        .join(Part, Part.id == ContributionPart.part_id)
        .join(CallerWish, CallerWish.intake_id == Part.intake_id)
        .where(ContributionPart.contribution_id.in_(contribution_ids), Part.erased_at.is_(None))
    )
    return {row.contribution_id: (row.voice, row.online) for row in rows if row.voice is not None}
