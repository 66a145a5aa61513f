"""Answers spoken by an official, played in the place of the synthetic voice: uploaded, or dictated by telephone.

What is handed in is kept sealed until it has been checked and made into sound that every telephone plays; until then,
and where that fails, the synthetic voice reads the words.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from config.answer_states import AnswerState
from inbox.answers.drafting import AnswerGone
from inbox.models import Answer, AnswerRecording, DictationCode
from inbox.models.column_types import utc_now
from inbox.models.sealed_places import place_of
from inbox.records import history
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.upsert import insert_if_new

LARGEST_MB = 10
"""Of an uploaded file: several minutes as telephones record them."""
LONGEST_SECONDS = 300
CODE_HOLDS = timedelta(minutes=30)
SOUND_TYPE = "audio/mpeg"
_CODE = "dictation"


class SoundState(StrEnum):
    """How far a recording is."""

    WAITING = "waiting"
    """To be fetched, checked and converted."""
    READY = "ready"
    FAILED = "failed"


class SoundProblem(StrEnum):
    """Why a recording failed."""

    NO_SOUND = "no_sound"
    """No sound that can be read."""
    TOO_LONG = "too_long"
    NOT_FETCHED = "not_fetched"
    """The telephone provider does not have it."""


@dataclass(frozen=True, slots=True)
class RecordingView:
    """A spoken answer as its page shows it."""

    id: int
    language: str
    state: str
    problem: str | None
    seconds: int
    person_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class WaitingRecording:
    """One to be made ready: the file that was handed in, or where the provider keeps it."""

    id: int
    content: bytes
    url: str
    at: datetime
    """When it was handed in: another may take its place meanwhile."""


def save_source(
    session: Session, answer_id: int, language: str, by: int, *, content: bytes = b"", url: str = ""
) -> None:
    """Keep what was handed in, in the place of what was there; for drafts only (AnswerGone)."""
    answer = session.get_one(Answer, answer_id, with_for_update=True, populate_existing=True)
    if answer.state is not AnswerState.DRAFT:
        raise AnswerGone(f"answer {answer_id} is {answer.state}")
    values = {"answer_id": answer_id, "language": language}
    first = {"person_id": by, "state": SoundState.WAITING, "is_remote": False, "seconds": 0, "at": utc_now()}
    insert_if_new(session, AnswerRecording, **values, **first)
    row = session.scalars(select(AnswerRecording).filter_by(**values).with_for_update()).one()
    tag = vault_of(session).keyring.keyed_hash("answer_recording", url.encode())[:32] if url else None
    if tag is not None and row.source_tag == tag:
        return
    row.source_tag = tag
    place, vault = place_of(AnswerRecording.sealed_source, row), vault_of(session)
    row.sealed_source = vault.seal(session, answer.key_id, content or url.encode(), place)
    row.state, row.problem, row.is_remote, row.sealed_sound = SoundState.WAITING, None, not content, None
    row.seconds, row.person_id, row.at = 0, by, utc_now()
    answer.revision += 1
    history.record_event(session, f"answer:{answer_id}", "answer_spoken", by, {"language": language})


def delete_recording(session: Session, answer_id: int, language: str, by: int) -> None:
    """Let the synthetic voice read it again; for drafts only (AnswerGone)."""
    answer = session.get_one(Answer, answer_id, with_for_update=True, populate_existing=True)
    if answer.state is not AnswerState.DRAFT:
        raise AnswerGone(f"answer {answer_id} is {answer.state}")
    session.execute(
        delete(AnswerRecording).where(AnswerRecording.answer_id == answer_id, AnswerRecording.language == language)
    )
    answer.revision += 1
    history.record_event(session, f"answer:{answer_id}", "answer_recording_removed", by, {"language": language})


def recordings_of(session: Session, answer_id: int) -> Sequence[RecordingView]:
    """What was spoken of an answer."""
    rows = session.scalars(select(AnswerRecording).where(AnswerRecording.answer_id == answer_id))
    return [
        RecordingView(row.id, row.language, row.state, row.problem, row.seconds, row.person_id, row.at) for row in rows
    ]


def ready_recording(session: Session, answer_id: int, language: str) -> int | None:
    """The recording to be played in a language, if one is ready."""
    return session.scalar(
        select(AnswerRecording.id).where(
            AnswerRecording.answer_id == answer_id,
            AnswerRecording.language == language,
            AnswerRecording.state == SoundState.READY,
        )
    )


def sound_of(session: Session, recording_id: int) -> bytes | None:
    """The sound, as it is played; None where there is none, or it was erased."""
    row = session.get(AnswerRecording, recording_id)
    if row is None or row.sealed_sound is None:
        return None
    key_id = session.get_one(Answer, row.answer_id).key_id
    return vault_of(session).bytes_if_kept(
        session, key_id, row.sealed_sound, place_of(AnswerRecording.sealed_sound, row)
    )


# --- made ready -----------------------------------------------------------------------------------


def waiting_recordings(session: Session) -> Sequence[int]:
    """Those to be made ready."""
    wanted = select(AnswerRecording.id).where(AnswerRecording.state == SoundState.WAITING)
    return session.scalars(wanted.order_by(AnswerRecording.id)).all()


def read_source(session: Session, recording_id: int) -> WaitingRecording | None:
    """What was handed in; None where it is gone."""
    row = session.get(AnswerRecording, recording_id)
    if row is None or row.sealed_source is None:
        return None
    key_id = session.get_one(Answer, row.answer_id).key_id
    place = place_of(AnswerRecording.sealed_source, row)
    kept = vault_of(session).bytes_if_kept(session, key_id, row.sealed_source, place)
    if kept is None:
        return None
    return WaitingRecording(row.id, b"" if row.is_remote else kept, kept.decode() if row.is_remote else "", row.at)


def mark_ready(session: Session, recording_id: int, made_of: datetime, sound: bytes, seconds: float) -> None:
    """It can be played; unless another was handed in meanwhile."""
    row = session.get(AnswerRecording, recording_id, with_for_update=True, populate_existing=True)
    if row is None or row.at != made_of:
        return
    key_id = session.get_one(Answer, row.answer_id).key_id
    place = place_of(AnswerRecording.sealed_sound, row)
    row.sealed_sound = vault_of(session).seal(session, key_id, sound, place)
    row.state, row.problem, row.sealed_source, row.seconds = SoundState.READY, None, None, round(seconds)


def mark_failed(session: Session, recording_id: int, made_of: datetime, problem: SoundProblem) -> None:
    """It cannot be played: its page says why."""
    row = session.get(AnswerRecording, recording_id, with_for_update=True, populate_existing=True)
    if row is not None and row.at == made_of:
        row.state, row.problem, row.sealed_source = SoundState.FAILED, problem.value, None


# --- by telephone ---------------------------------------------------------------------------------


def issue_code(session: Session, answer_id: int, language: str, by: int) -> str:
    """Nine digits, the first a zero so that they are no reference, to be keyed where a reference is asked for."""
    code = "0" + "".join(secrets.choice("0123456789") for _ in range(8))
    session.execute(delete(DictationCode).where(DictationCode.until < utc_now() - timedelta(days=1)))
    row: dict[str, Any] = {"answer_id": answer_id, "language": language, "person_id": by}
    session.add(DictationCode(code_hash=_hash(session, code), until=utc_now() + CODE_HOLDS, intake_id=None, **row))
    history.record_event(session, f"answer:{answer_id}", "dictation_code", by)
    return code


def claim_code(session: Session, code: str, intake_id: int) -> DictationCode | None:
    """The answer that a code, keyed in this call, lets dictate: in one call only, and for half an hour."""
    if len(code) != 9 or not code.startswith("0"):
        return None
    row = session.get(DictationCode, _hash(session, code), with_for_update=True, populate_existing=True)
    if row is None or row.until < utc_now() or row.intake_id not in (None, intake_id):
        return None
    row.intake_id = intake_id
    return row


def is_dictating(session: Session, intake_id: int) -> bool:
    """Whether a call is one in which an answer is dictated: what is said in it is nobody's contribution."""
    keyed = select(DictationCode.code_hash).where(DictationCode.intake_id == intake_id)
    return session.scalar(keyed.limit(1)) is not None


def _hash(session: Session, code: str) -> str:
    return vault_of(session).keyring.keyed_hash(_CODE, code.encode())
