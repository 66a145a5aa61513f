"""Listens to a part's recordings."""

from collections.abc import Callable
from pathlib import Path

from config.enums import MediumKind
from gateway.intake.part_media import save_transcript
from gateway.reading.readers import languages_of
from inbox.jobs.steps import Ending, Lease
from inbox.models import Medium
from inbox.storage.unit_of_work import Session
from transcription.base.values import Transcript
from transcription.text.corrections import taught
from workers.runtime.worker_context import WorkerContext
from workers.tasks.media_copies import copy_part
from workers.tasks.save_reading import ending_of_reading, note_unreadable


def read_speech(here: WorkerContext, lease: Lease, folder: Path) -> Callable[[Session], Ending]:
    """READ_SPEECH: every recording of a part to a transcript.

    Run again, it adds the same transcripts once more; the newest of each recording counts.
    """
    part = copy_part(here, lease.part_id, {MediumKind.RECORDING}, folder)
    language, *others = languages_of(part.consultation, part.language, here.settings.language)
    read: list[tuple[int, Transcript]] = []
    problems: list[str] = []
    for medium in part.media:
        with note_unreadable(problems):
            heard = here.readers.read_recording(medium.path, language, others)
            read.append((medium.id, taught(heard, here.lessons.now())))

    def save(session: Session) -> Ending:
        for medium_id, transcript in read:
            save_transcript(session, medium_id, transcript)
            if transcript.seconds is not None:
                session.get_one(Medium, medium_id).seconds = transcript.seconds
        return ending_of_reading([transcript for _, transcript in read], problems)

    return save
