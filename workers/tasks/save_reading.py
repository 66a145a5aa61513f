"""What the readings of recordings and pages have in common."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy.orm import Session

from inbox.contributions import transcripts
from inbox.jobs.steps import Done, Ending, NeedsPerson
from transcription.base.values import Transcript, TranscriptionError


@contextmanager
def noting(problems: list[str]) -> Iterator[None]:
    """Note what no machine will ever read, so that the part's other media are read all the same."""
    try:
        yield
    except TranscriptionError as error:
        if error.retryable:
            raise
        problems.append(str(error))


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
        sheet=transcript.sheet_as_json(),
    )


def ending_of_reading(read: Sequence[Transcript], problems: Sequence[str]) -> Ending:
    """Done, or everything that a person must look at."""
    doubts = [doubt.value for transcript in read for doubt in transcript.doubts]
    reasons = dict.fromkeys([*problems, *doubts])
    return NeedsPerson(" ".join(reasons)) if reasons else Done()
