"""What a caller hears of others: the ledger in a sentence, and published words, read by a voice."""

from __future__ import annotations

from channels.voice import SpokenVoices
from config.enums import Bucket
from config.settings.loader import Settings
from config.wording.consultation import Consultation
from gateway.receipts import sound_links
from inbox.answers import published_view
from inbox.models.column_types import utc_now
from inbox.storage.unit_of_work import Session
from inbox.votes import supported_contributions
from inbox.wishes import lent_voices

AT_ONCE = 3
"""Voices of one turn: who wants more presses the key again."""
LONGEST = 320
"""Characters of one voice: some twenty seconds."""

_WAITING = (Bucket.WAITING, Bucket.IN_REVIEW, Bucket.QUARANTINED)
_OTHERS = (Bucket.NOT_CONTRIBUTION, Bucket.VOTE, Bucket.ERASED)


def published_voices_page(
    session: Session, settings: Settings, consultation: Consultation | None, page: int
) -> SpokenVoices:
    """A turn of what others said, from 1; nothing where the consultation is not public or has published nothing."""
    found = published_view.find_public_consultation(session, consultation.slug) if consultation is not None else None
    if found is None:
        return SpokenVoices()
    consultation_id, asked = found
    voices = published_view.list_published_voices(session, asked.slug, limit=page * AT_ONCE)
    heard = voices.voices[(page - 1) * AT_ONCE :]
    if not voices.voices:
        return SpokenVoices()
    numbers = published_view.read_published_numbers(session, consultation_id)
    counts: dict[str, object] = {
        "arrived": numbers.arrived,
        "published": numbers.buckets.get(Bucket.PUBLISHED, 0),
        "waiting": sum(numbers.buckets.get(one, 0) for one in _WAITING),
        "set_aside": numbers.buckets.get(Bucket.SET_ASIDE, 0),
        "others": sum(numbers.buckets.get(one, 0) for one in _OTHERS),
    }
    said = tuple((_spoken(one.text), one.language or asked.language) for one in heard)
    lent = lent_voices.playable_voices(session, [one.id for one in heard]) if settings.voicemail.lends_voices else set()
    sounds = [
        sound_links.sound_url(session, settings, sound_links.VOICE, one.id) if one.id in lent else "" for one in heard
    ]
    is_open = asked.state_on(utc_now().astimezone(settings.zone).date()) == "open"
    supports = tuple(supported_contributions.number_of(asked, one.id) if is_open else None for one in heard)
    return SpokenVoices(counts, said, voices.older is not None, tuple(sounds), supports)


def _spoken(text: str) -> str:
    """A text of a length that one listens to, cut between words."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else line[:LONGEST].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
