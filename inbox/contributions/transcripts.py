"""What machines read in media, kept beside the original and never changed."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from inbox.consultations.archives import archived_value
from inbox.contributions.optimistic_locking import NotThere
from inbox.models import Medium, Part, StatedAge, Transcript
from inbox.models.sealed_places import place_of
from inbox.storage.envelope_encryption import vault_of

KEYED = "keyed"
"""The engine of what a person typed in at the keying desk: nothing a machine has read."""

AGE_BOX = "age="
"""How the keys of a form's boxes begin that ask for an age group: ``age=18-29``."""

Words = list[dict[str, Any]]
"""Each ``text`` and ``confidence`` 0–1, with ``start``/``end`` in seconds, or ``box``, ``line`` and ``page``."""

Sheet = dict[str, Any]
"""How a page lies in its picture: ``turns``, quarter turns against the clock to upright; ``size``, width and height in
pixels; ``unread``, boxes with ink that no word accounts for."""


def add_transcript(
    session: Session,
    medium_id: int,
    *,
    engine: str,
    model: str,
    language: str | None,
    words: Sequence[dict[str, Any]],
    took_seconds: float,
    sheet: Sheet | None = None,
) -> Transcript:
    """Keep what an engine read in a medium, sealed with its part's key; no words is a result too."""
    of = select(Part.id, Part.key_id).join(Medium, Medium.part_id == Part.id).where(Medium.id == medium_id)
    part = session.execute(of).one_or_none()
    if part is None:
        raise NotThere(f"medium {medium_id} is not there")
    part_id, key_id = part
    transcript = Transcript(
        medium_id=medium_id,
        engine=engine,
        model=model,
        language=language,
        confidence=mean_confidence(words),
        took_seconds=took_seconds,
    )
    session.add(transcript)
    session.flush()  # by its number it is known
    vault, place = vault_of(session), place_of(Transcript.sealed_words, transcript)
    transcript.sealed_words = vault.seal_json(session, key_id, list(words), place)
    if sheet is not None:
        transcript.sealed_sheet = vault.seal_json(session, key_id, sheet, place_of(Transcript.sealed_sheet, transcript))
        _note_age(session, part_id, sheet)
    session.flush()
    return transcript


def _note_age(session: Session, part_id: int, sheet: Sheet) -> None:
    """Keep the age group that is ticked on a page of a form that asks for it; none where none is, or several are."""
    asked = [box for box in sheet.get("boxes", ()) if box["key"].startswith(AGE_BOX)]
    if not asked:
        return
    session.execute(delete(StatedAge).where(StatedAge.part_id == part_id))
    ticked = [box["key"].removeprefix(AGE_BOX) for box in asked if box["state"] == "ticked"]
    if len(ticked) == 1:
        session.add(StatedAge(part_id=part_id, age_group=ticked[0][:16]))


def transcript_words(session: Session, transcript: Transcript) -> Words:
    """The words of a transcript; none once it was erased."""
    sealed = transcript.sealed_words or archived_value(session, transcript, Transcript.sealed_words)
    if sealed is None:
        return []
    key_id, place = _key_of(session, transcript), place_of(Transcript.sealed_words, transcript)
    words: Words | None = vault_of(session).json_if_kept(session, key_id, sealed, place)
    return words or []


def sheet_geometry(session: Session, transcript: Transcript) -> Sheet | None:
    """How the page of a transcript lies in its picture; None when nobody noted it, or it was erased."""
    sealed = transcript.sealed_sheet or archived_value(session, transcript, Transcript.sealed_sheet)
    if sealed is None:
        return None
    key_id, place = _key_of(session, transcript), place_of(Transcript.sealed_sheet, transcript)
    sheet: Sheet | None = vault_of(session).json_if_kept(session, key_id, sealed, place)
    return sheet


def _key_of(session: Session, transcript: Transcript) -> int:
    key_id = session.scalar(
        select(Part.key_id).join(Medium, Medium.part_id == Part.id).where(Medium.id == transcript.medium_id)
    )
    assert key_id is not None
    return key_id


def latest_transcripts(session: Session, medium_ids: Iterable[int]) -> dict[int, Transcript]:
    """The newest transcript with any word of each medium, else the newest, in one query.

    An engine that reads nothing does not take away what another one read before, and none what a person typed in.
    """
    rows = session.scalars(select(Transcript).where(Transcript.medium_id.in_(list(medium_ids))).order_by(Transcript.id))
    newest: dict[int, Transcript] = {}
    for row in rows:
        known = newest.get(row.medium_id)
        if known is not None and known.engine == KEYED != row.engine:
            continue
        if known is None or known.confidence is None or row.confidence is not None:
            newest[row.medium_id] = row
    return newest


def mean_confidence(words: Sequence[dict[str, Any]]) -> float | None:
    """Mean confidence of the words, 0–1; None when there are none."""
    if not words:
        return None
    return sum(float(word["confidence"]) for word in words) / len(words)


def transcript_text(words: Sequence[dict[str, Any]]) -> str:
    """The words as one text: a page's lines kept, a recording in one line with its first letter capital."""
    pieces: list[str] = []
    place: tuple[Any, Any] | None = None
    for word in words:
        here = (word.get("page"), word.get("line"))
        if place is not None:
            pieces.append(" " if here == place else "\n")
        pieces.append(str(word["text"]))
        place = here
    text = "".join(pieces)
    # Nothing else can be added to speech without inventing it.
    return text[:1].upper() + text[1:] if words and "start" in words[0] else text
