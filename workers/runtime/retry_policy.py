"""The one place where an error becomes the ending of a step.

``later``: the outside is not ready, or something is not installed: not counted, tried again.
``needs_person``: no machine will ever make sense of it. ``failed``: everything else; counted,
and the third time it goes into quarantine with its reason.

Reasons are stored and shown, so they never quote an unforeseen error: its text may hold an
address or what a resident wrote. The rooms' own errors are written without personal data.
"""

import errno
from datetime import timedelta

import requests
from rq.timeouts import JobTimeoutException

from channels.base.errors import ChannelError, NotReady, ProviderNotSetUp
from config.sandbox.limited_process import LimitedError, NotInstalled
from inbox.errors import InboxError, KeysAway, ObjectStoreAway, Overtaken, StoreBusy
from inbox.jobs.steps import Ending, Failed, Later, NeedsPerson
from inbox.storage.unit_of_work import DataError, IntegrityError, SQLAlchemyError, StatementError
from transcription.base.values import EngineMissing, TranscriptionError
from workers.errors import MailNotReady, NotSetUp, WorkersError
from workers.runtime.process_setup import traceback_places

UNTIL_INSTALLED = timedelta(minutes=1)
"""A person who has just installed what was missing wants to see it work."""
SHORTEST_PAUSE = timedelta(seconds=3)
LONGEST_PAUSE = timedelta(minutes=10)
PATIENCE = timedelta(days=3)
"""How long the outside may not be ready before that counts as a failure, so that a person sees it."""

_ROOM_ERRORS = (TranscriptionError, ChannelError, InboxError, LimitedError, WorkersError)
_UNREACHABLE = (requests.ConnectionError, requests.Timeout, ConnectionError, TimeoutError)
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


def step_ending_of(error: BaseException, age: timedelta) -> Ending:
    """How a step ends that is so old and whose runner raised ``error``."""
    if isinstance(error, EngineMissing | NotInstalled | NotSetUp | ProviderNotSetUp):
        return Later(_said(error), after=UNTIL_INSTALLED)
    if (why := _not_ready(error)) is not None:
        return Later(why, after=retry_delay(age)) if age < PATIENCE else Failed(f"{why}, for {age.days} days")
    if isinstance(error, JobTimeoutException):
        return Failed("It took longer than any step may take.")
    if isinstance(error, _ROOM_ERRORS):
        return Failed(_said(error)) if error.retryable else NeedsPerson(_said(error))
    return Failed(f"{type(error).__name__} at {traceback_places(error.__traceback__)}")


def is_storage_failure(error: BaseException) -> bool:
    """Whether database or disk is the reason, and not what was to be stored: then the same may succeed later."""
    if isinstance(error, DataError | IntegrityError):
        return False
    # A value that never reached the database is a StatementError and nothing more special.
    return isinstance(error, StoreBusy | SQLAlchemyError | OSError) and type(error) is not StatementError


def _not_ready(error: BaseException) -> str | None:
    if isinstance(error, ObjectStoreAway):
        return "The object store cannot be reached: it is tried again."
    if isinstance(error, NotReady | StoreBusy | Overtaken | MailNotReady | KeysAway):
        return _said(error)
    if isinstance(error, _UNREACHABLE):
        return f"The other side cannot be reached ({type(error).__name__})."
    if isinstance(error, OSError) and error.errno in _NO_SPACE:
        return "No space is left on the disk: make room, then it goes on."
    return None


def retry_delay(age: timedelta) -> timedelta:
    """How long to wait before the next try: a quarter of the time it has waited already, within bounds."""
    return min(max(age / 4, SHORTEST_PAUSE), LONGEST_PAUSE)


def _said(error: BaseException) -> str:
    text, remedy = str(error), str(getattr(error, "remedy", ""))
    if not remedy or remedy in text:
        return text
    return f"{text} {remedy}" if text.endswith(".") else f"{text}: {remedy}"
