"""Makes sound ready to be played: what an official spoke, what a caller lends, what a synthetic voice reads."""

from __future__ import annotations

import logging
import secrets
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import requests

from channels.base.errors import ChannelError
from channels.providers.registry import call_provider
from config.answer_states import VoiceUse
from inbox.answers import answer_recordings, read_aloud
from inbox.answers.answer_recordings import LONGEST_SECONDS, SoundProblem, WaitingRecording
from inbox.answers.read_aloud import TextToRead
from inbox.models.column_types import utc_now
from inbox.storage.envelope_encryption import vault_of
from inbox.wishes import lent_voices
from inbox.wishes.lent_voices import VoiceOrder
from transcription.audio.masked_sound import HIGHER, LOWER, make_telephone_sound
from transcription.base.values import TranscriptionError
from transcription.synthetic_voice import speak_text
from workers.runtime.watcher_context import WatcherContext

log = logging.getLogger(__name__)

GIVEN_UP_AFTER_SECONDS = 3600.0
"""A recording is at the provider within seconds of the end of a call."""
READ_AT_ONCE = 3
"""Texts: whoever asks for many does not keep an official waiting."""
LONGEST_READING = 1800.0
"""Seconds: all that a text of the greatest length takes."""
_MEGABYTE = 1024 * 1024


def prepare_spoken_answers(here: WatcherContext) -> None:
    """Make ready whatever was handed in."""
    with here.store.read() as session:
        waiting = answer_recordings.waiting_recordings(session)
    for number in waiting:
        with here.store.read() as session:
            source = answer_recordings.read_source(session, number)
        if source is not None:
            _prepare(here, source)


def prepare_lent_voices(here: WatcherContext) -> None:
    """Copy the voices that others may hear; altered where that was wished."""
    with here.store.read() as session:
        waiting = lent_voices.waiting_voices(session)
    for order in waiting:
        sound = _made(here, "a lent voice", partial(_copied, here, order))
        with here.store.write() as session:
            lent_voices.save_copy(session, order, sound)


def prepare_read_texts(here: WatcherContext) -> None:
    """Read published words that somebody wants to listen to, a few at a time."""
    with here.store.read() as session:
        waiting = read_aloud.texts_to_read(session, READ_AT_ONCE)
    for text in waiting:
        sound = _made(here, "what is read aloud", partial(_read, text)) if text.text else None
        with here.store.write() as session:
            read_aloud.save_reading(session, text, sound)


def forget_read_texts(here: WatcherContext) -> None:
    """Forget what was read aloud long ago."""
    with here.store.write() as session:
        read_aloud.forget_old_readings(session)


def _made(here: WatcherContext, what: str, make: Callable[[Path], bytes | None]) -> bytes | None:
    """A sound made in a folder that is gone afterwards; None, and a line in the log, where it cannot be made."""
    folder = Path(tempfile.mkdtemp(prefix="sound-", dir=here.work_dir))
    try:
        return make(folder)
    except TranscriptionError as error:
        log.warning("%s could not be made (%s)", what, type(error).__name__)
        return None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read(text: TextToRead, folder: Path) -> bytes | None:
    spoken = speak_text(text.text, text.language, folder / "read.wav")
    made, _decoded = make_telephone_sound(spoken, folder, longest=LONGEST_READING)
    return made.read_bytes() if made is not None else None


def _copied(here: WatcherContext, order: VoiceOrder, folder: Path) -> bytes | None:
    path = folder / "source"
    with here.store.read() as session:
        vault_of(session).copy_out(session, order.key_id, order.locator, path)
    # Up or down by chance: who hears several altered voices does not learn how each was altered.
    shift = secrets.choice((LOWER, HIGHER)) if order.use is VoiceUse.ALTERED else 1.0
    made, _decoded = make_telephone_sound(path, folder, longest=LONGEST_SECONDS, shift=shift)
    return made.read_bytes() if made is not None else None


def _prepare(here: WatcherContext, source: WaitingRecording) -> None:
    folder = Path(tempfile.mkdtemp(prefix="spoken-", dir=here.work_dir))
    try:
        _convert(here, source, _fetched(here, source, folder), folder)
    except ChannelError as error:
        log.warning("a spoken answer could not be fetched (%s)", type(error).__name__)
        is_old = (utc_now() - source.at).total_seconds() > GIVEN_UP_AFTER_SECONDS
        if not error.retryable or is_old:
            _fail(here, source, SoundProblem.NOT_FETCHED)
    except TranscriptionError as error:
        log.warning("a spoken answer could not be read (%s)", type(error).__name__)
        _fail(here, source, SoundProblem.NO_SOUND)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fetched(here: WatcherContext, source: WaitingRecording, folder: Path) -> Path:
    path = folder / "source"
    if not source.url:
        path.write_bytes(source.content)
        return path
    limits, most = here.settings.limits, answer_recordings.LARGEST_MB * _MEGABYTE
    with requests.Session() as http, path.open("wb") as sink:
        call_provider(here.settings).files.fetch(http, source.url, sink, most_bytes=most, seconds=limits.fetch_seconds)
    return path


def _convert(here: WatcherContext, source: WaitingRecording, path: Path, folder: Path) -> None:
    made, decoded = make_telephone_sound(path, folder, longest=LONGEST_SECONDS + 1)
    if made is None:
        _fail(here, source, SoundProblem.TOO_LONG)
        return
    sound = made.read_bytes()
    with here.store.write() as session:
        answer_recordings.mark_ready(session, source.id, source.at, sound, decoded.seconds)


def _fail(here: WatcherContext, source: WaitingRecording, problem: SoundProblem) -> None:
    with here.store.write() as session:
        answer_recordings.mark_failed(session, source.id, source.at, problem)
