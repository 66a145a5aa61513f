"""How each error ends a step, and that no reason quotes what it should not."""

import errno
from datetime import timedelta

import pytest
import requests
from rq.timeouts import JobTimeoutException

from channels.base.errors import NotFetched, NotReady, ProviderError
from config.sandbox.limited_process import Crashed, Interrupted, NotInstalled, TooMuchMemory
from inbox.errors import Damaged, ObjectStoreAway, StoreBusy
from inbox.jobs.steps import Failed, Later, NeedsPerson
from transcription.base.values import EngineCrashed, EngineInterrupted, EngineMissing, TooSlow, Unread, Unreadable
from workers.errors import MailNotReady, MailRefused, NotSetUp
from workers.runtime.retry_policy import (
    LONGEST_PAUSE,
    PATIENCE,
    SHORTEST_PAUSE,
    UNTIL_INSTALLED,
    retry_delay,
    step_ending_of,
)

SECRET = "résidente@exemple.fr dit que le banc est cassé"

CASES: dict[str, tuple[Exception, type]] = {
    "recording not there yet": (NotReady("not there yet (404)"), Later),
    "provider unreachable": (requests.ConnectionError(SECRET), Later),
    "connection reset": (ConnectionResetError(SECRET), Later),
    "mail server asks to wait": (MailNotReady("The mail server asks to wait (451)."), Later),
    "database busy": (StoreBusy("waited 30 s for the database"), Later),
    "disk full": (OSError(errno.ENOSPC, SECRET), Later),
    "no speech model": (EngineMissing("There is no speech model for fr."), Later),
    "no ffmpeg": (NotInstalled("ffmpeg", "is not installed"), Later),
    "no mail server set": (NotSetUp("There is no outgoing mail server."), Later),
    "engine crashed": (EngineCrashed("The speech engine ended (-11)."), Failed),
    "engine killed from outside": (EngineInterrupted("print_child was interrupted."), Failed),
    "program killed from outside": (Interrupted("tesseract", "was killed"), Failed),
    "object store away": (ObjectStoreAway("the object store cannot be reached (ReadTimeoutError)"), Later),
    "engine too slow": (TooSlow("The speech engine did not finish in its time."), Failed),
    "program crashed": (Crashed("tesseract", "crashed with SIGSEGV"), Failed),
    "any step too slow": (JobTimeoutException(SECRET), Failed),
    "provider refuses for now": (ProviderError(30001, "See the page.", retryable=True), Failed),
    "unforeseen": (ValueError(SECRET), Failed),
    "a missing file": (FileNotFoundError(errno.ENOENT, SECRET), Failed),
    "encrypted PDF": (Unreadable(Unread.ENCRYPTED), NeedsPerson),
    "too much memory": (TooMuchMemory("tesseract", "used too much memory"), NeedsPerson),
    "foreign host": (NotFetched("not a host of the provider", "Add the host."), NeedsPerson),
    "landline": (ProviderError(21614, "This number cannot be sent texts.", retryable=False), NeedsPerson),
    "address refused": (MailRefused("The mail server refused it (550)."), NeedsPerson),
    "sealed file damaged": (Damaged("not what was sealed"), NeedsPerson),
}


@pytest.mark.parametrize(("error", "expected"), CASES.values(), ids=CASES)
def test_each_error_has_its_ending(error: Exception, expected: type) -> None:
    ending = step_ending_of(error, timedelta(minutes=1))
    assert type(ending) is expected
    assert ending.why  # type: ignore[union-attr]
    assert "exemple.fr" not in ending.why  # type: ignore[union-attr]


def test_an_unforeseen_error_says_what_and_where() -> None:
    try:
        int("résidente@exemple.fr")
    except ValueError as error:
        ending = step_ending_of(error, timedelta(0))
    assert isinstance(ending, Failed)
    assert ending.why.startswith("ValueError at test_endings.py:")


def test_a_remedy_is_said_with_the_problem() -> None:
    ending = step_ending_of(Unreadable(Unread.ENCRYPTED), timedelta(0))
    assert ending == NeedsPerson(
        "The file is locked with a password. A person opens the original, or asks for it again."
    )


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(0), SHORTEST_PAUSE),
        (timedelta(minutes=2), timedelta(seconds=30)),
        (timedelta(days=2), LONGEST_PAUSE),
    ],
    ids=["new", "minutes old", "days old"],
)
def test_pauses_grow_with_the_time_waited(age: timedelta, expected: timedelta) -> None:
    assert retry_delay(age) == expected


def test_what_is_never_ready_is_seen_in_the_end() -> None:
    assert isinstance(step_ending_of(NotReady("not there yet (404)"), PATIENCE - timedelta(seconds=1)), Later)
    assert isinstance(step_ending_of(NotReady("not there yet (404)"), PATIENCE), Failed)


def test_what_must_be_installed_is_waited_for_without_end() -> None:
    ending = step_ending_of(EngineMissing("There is no speech model for fr."), timedelta(days=400))
    assert isinstance(ending, Later)
    assert ending.after == UNTIL_INSTALLED
