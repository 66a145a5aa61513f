"""Listens to a part's recordings."""

from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session

from config.names import MediumKind
from gateway.reading import languages_of
from inbox import transcripts
from inbox.models import Medium
from inbox.steps import Done, Ending, Lease, NeedsPerson
from transcription.values import Transcript
from workers.media import copy_part
from workers.workshop import Workshop


def read_speech(here: Workshop, lease: Lease, folder: Path) -> Callable[[Session], Ending]:
    """READ_SPEECH: every recording of a part to a transcript.

    Run again, it adds the same transcripts once more; the newest of each recording counts.
    """
    part = copy_part(here, lease.part_id, {MediumKind.RECORDING}, folder)
    language = languages_of(part.consultation, part.language, here.settings.language)[0]
    read = [(medium.id, here.readers.read_recording(medium.path, language)) for medium in part.media]

    def save(session: Session) -> Ending:
        for medium_id, transcript in read:
            save_transcript(session, medium_id, transcript)
            if transcript.seconds is not None:
                session.get_one(Medium, medium_id).seconds = transcript.seconds
        return ending_by_doubt([transcript for _, transcript in read])

    return save


def save_transcript(session: Session, medium_id: int, transcript: Transcript) -> None:
    """Keep what an engine read."""
    transcripts.add_transcript(
        session,
        medium_id,
        engine=transcript.engine,
        model=transcript.model,
        language=transcript.language,
        words=[word.as_json() for word in transcript.words],
        took_seconds=transcript.took_seconds,
    )


def ending_by_doubt(read: list[Transcript]) -> Ending:
    """Done, or why a person must look although the engine ran."""
    doubts = dict.fromkeys(transcript.doubt.value for transcript in read if transcript.doubt is not None)
    return NeedsPerson(" ".join(doubts)) if doubts else Done()
