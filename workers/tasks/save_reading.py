"""What the readings of recordings and pages have in common."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from inbox.jobs.steps import Done, Ending, NeedsPerson
from transcription.base.values import Transcript, TranscriptionError


@contextmanager
def note_unreadable(problems: list[str]) -> Iterator[None]:
    """Note what no machine will ever read, so that the part's other media are read all the same."""
    try:
        yield
    except TranscriptionError as error:
        if error.retryable:
            raise
        problems.append(str(error))


def ending_of_reading(read: Sequence[Transcript], problems: Sequence[str]) -> Ending:
    """Done, or everything that a person must look at."""
    doubts = [doubt.value for transcript in read for doubt in transcript.doubts]
    reasons = dict.fromkeys([*problems, *doubts])
    return NeedsPerson(" ".join(reasons)) if reasons else Done()
