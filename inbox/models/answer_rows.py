"""What the town answers, to whom it goes, what becomes of contributions, and what the public reports."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from config.answer_states import (
    AnswerKind,
    AnswerState,
    FollowUpKind,
    GivenState,
    Outcome,
    ReportReason,
    Unreachable,
    VoiceUse,
    Way,
)
from inbox.models.base import Base
from inbox.models.column_types import sealed_column, utc_now

CLOSING_STANDS = "kind = 'closing' AND state <> 'withdrawn'"
"""Of closing messages, those that are not withdrawn: one for each consultation."""


class Answer(Base):
    """What a town answers to one contribution or to many; its words stand in its versions."""

    __tablename__ = "answer"
    __table_args__ = (
        Index(None, "state"),
        Index(
            "ix_answer_closing",
            "consultation_id",
            unique=True,
            sqlite_where=text(CLOSING_STANDS),
            postgresql_where=text(CLOSING_STANDS),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int | None] = mapped_column(ForeignKey("consultation.id"), index=True)
    kind: Mapped[AnswerKind] = mapped_column(default=AnswerKind.ANSWER, server_default="answer")
    state: Mapped[AnswerState] = mapped_column(default=AnswerState.DRAFT)
    is_general: Mapped[bool] = mapped_column(default=False)
    """Told to whoever has a reference that it answers, and published with the consultation."""
    outcome: Mapped[Outcome | None]
    """What becomes of the contributions it goes to."""
    tells: Mapped[bool] = mapped_column(default=True)
    """False where only the outcome is set and nobody is written to."""
    key_id: Mapped[int] = mapped_column(ForeignKey("data_key.id"))
    sealed_chosen: Mapped[bytes] = sealed_column("id")
    """JSON of whom it goes to: a contribution, numbers, or a search; words searched for can be a name."""
    revision: Mapped[int] = mapped_column(default=1)
    created_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)
    leaves_at: Mapped[datetime | None]
    """From when on it is put on its way; until then it can be withdrawn whole."""
    ended_at: Mapped[datetime | None]


class AnswerVersion(Base):
    """One wording of an answer; the highest number is in force, none is ever changed."""

    __tablename__ = "answer_version"
    __table_args__ = (UniqueConstraint("answer_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"))
    number: Mapped[int]
    sealed_body: Mapped[bytes | None] = sealed_column("answer_id", "number")
    """JSON of its wording in each language; sealed with the answer's key."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=utc_now)


class GivenAnswer(Base):
    """An answer to one contribution: nobody is answered twice, by the constraints."""

    __tablename__ = "given_answer"
    __table_args__ = (
        UniqueConstraint("answer_id", "contribution_id"),
        UniqueConstraint("answer_id", "contributor_id"),
        Index(None, "contribution_id"),
        Index(None, "state", "answer_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"))
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"))
    contributor_id: Mapped[int | None] = mapped_column(ForeignKey("contributor.id"), index=True)
    """Who is reached by it; NULL where nobody is, or where they are reached about another contribution."""
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id"), unique=True)
    state: Mapped[GivenState] = mapped_column(default=GivenState.WAITING)
    way: Mapped[Way | None]
    why: Mapped[Unreachable | None]
    segments: Mapped[int] = mapped_column(default=0)
    """What its text message costs."""
    tried: Mapped[Way | None]
    """By which way it was tried in vain, before another was taken or none was found."""
    calls: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often its telephone rang: whoever asked to be called back may miss it."""
    at: Mapped[datetime] = mapped_column(default=utc_now)
    """Since when it is in this state."""


class AnswerCodeTry(Base):
    """A code that was keyed to hear an individual answer: counted, so that nobody guesses it."""

    __tablename__ = "answer_code_try"
    __table_args__ = (UniqueConstraint("given_id", "tag"), Index(None, "tag"))

    id: Mapped[int] = mapped_column(primary_key=True)
    given_id: Mapped[int] = mapped_column(ForeignKey("given_answer.id"))
    tag: Mapped[str] = mapped_column(String(32))
    """Keyed hash of answer, call and digits, so that nothing here tells who keyed what."""
    is_right: Mapped[bool]
    at: Mapped[datetime] = mapped_column(default=utc_now)


class ContributionOutcome(Base):
    """What became of a contribution, as it was decided last."""

    __tablename__ = "contribution_outcome"

    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True)
    outcome: Mapped[Outcome] = mapped_column(index=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"), index=True)
    """With which it was decided; its words say why."""
    at: Mapped[datetime] = mapped_column(default=utc_now)


class FollowUp(Base):
    """What the town publishes of what it heard: results, and what came of them later. The town's own words."""

    __tablename__ = "follow_up"

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    kind: Mapped[FollowUpKind]
    body: Mapped[dict[str, Any]]
    """Its wording in each language."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    withdrawn_at: Mapped[datetime | None]


class Conclusion(Base):
    """A consultation that is concluded: what was promised has been published."""

    __tablename__ = "conclusion"

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(default=utc_now)


class AnswerRecording(Base):
    """An answer spoken by an official, in one language."""

    __tablename__ = "answer_recording"
    __table_args__ = (UniqueConstraint("answer_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"))
    language: Mapped[str] = mapped_column(String(3))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    """Whose voice it is, or who handed it in."""
    state: Mapped[str] = mapped_column(String(32))
    problem: Mapped[str | None] = mapped_column(String(32))
    is_remote: Mapped[bool] = mapped_column(default=False)
    """Whether its source is an address at the telephone provider."""
    source_tag: Mapped[str | None] = mapped_column(String(32))
    """Keyed hash of that address: a provider tells of a recording twice."""
    sealed_source: Mapped[bytes | None] = sealed_column("answer_id", "language")
    """What was handed in, until it is made ready; sealed with the answer's key, as the sound is."""
    sealed_sound: Mapped[bytes | None] = sealed_column("answer_id", "language")
    seconds: Mapped[int] = mapped_column(default=0)
    at: Mapped[datetime] = mapped_column(default=utc_now)


class DictationCode(Base):
    """A code by which an official speaks an answer on the telephone, once; its keyed hash."""

    __tablename__ = "dictation_code"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"))
    language: Mapped[str] = mapped_column(String(3))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    until: Mapped[datetime]
    intake_id: Mapped[int | None] = mapped_column(ForeignKey("intake.id"), index=True)
    """The call in which it was keyed."""


class CallerWish(Base):
    """What a caller wished for the message that was left."""

    __tablename__ = "caller_wish"

    intake_id: Mapped[int] = mapped_column(ForeignKey("intake.id"), primary_key=True)
    call_back: Mapped[bool] = mapped_column(default=False)
    """To be called back with the answer."""
    voice: Mapped[VoiceUse | None]
    """What others may hear of the voice, once a moderator has let them."""
    online: Mapped[bool] = mapped_column(default=False, server_default=false())
    """On the public pages, too, and not by telephone alone."""
    at: Mapped[datetime] = mapped_column(default=utc_now)


class LentVoice(Base):
    """The voice of a caller that others may hear, as a copy of its own: the caller and a moderator have said yes."""

    __tablename__ = "lent_voice"

    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True, autoincrement=False)
    use: Mapped[VoiceUse]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    """The moderator."""
    online: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether it was let be heard on the public pages, too."""
    failed: Mapped[bool] = mapped_column(default=False)
    sealed_sound: Mapped[bytes | None] = sealed_column("contribution_id")
    """Sealed with the contribution's key."""
    at: Mapped[datetime] = mapped_column(default=utc_now)


class ReadAloud(Base):
    """Published words, read by a synthetic voice for the public pages: made when first asked for, and forgotten."""

    __tablename__ = "read_aloud"

    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), primary_key=True, autoincrement=False)
    tag: Mapped[str] = mapped_column(String(64))
    """Keyed hash of the words as everybody reads them: other words, or masked ones, are read anew."""
    failed: Mapped[bool] = mapped_column(default=False)
    sealed_sound: Mapped[bytes | None] = sealed_column("contribution_id")
    """Sealed with the contribution's key."""
    at: Mapped[datetime] = mapped_column(default=utc_now)
    """When it was asked for."""


class CannedPassage(Base):
    """A paragraph that is used again and again in answers, in the town's own words."""

    __tablename__ = "canned_passage"

    id: Mapped[int] = mapped_column(primary_key=True)
    consultation_id: Mapped[int | None] = mapped_column(ForeignKey("consultation.id"), index=True)
    """NULL where it is for every consultation."""
    name: Mapped[str] = mapped_column(String(40))
    body: Mapped[dict[str, Any]]
    """Its wording in each language."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(default=utc_now)
    removed_at: Mapped[datetime | None]


class DeadlineReminder(Base):
    """That officials were reminded, on a day, of what a consultation has promised: once."""

    __tablename__ = "deadline_reminder"

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), primary_key=True)
    due_on: Mapped[date] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utc_now)


class PublicReport(Base):
    """Somebody of the public says that something published should not stand there; a moderator looks at it."""

    __tablename__ = "public_report"

    id: Mapped[int] = mapped_column(primary_key=True)
    contribution_id: Mapped[int] = mapped_column(ForeignKey("contribution.id"), index=True)
    reason: Mapped[ReportReason]
    at: Mapped[datetime] = mapped_column(default=utc_now)
    settled_at: Mapped[datetime | None] = mapped_column(index=True)
    settled_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class WebLookUp(Base):
    """How many references somebody asked about on the web within an hour; nothing says which."""

    __tablename__ = "web_look_up"

    source: Mapped[str] = mapped_column(String(32), primary_key=True)
    """Keyed hash of the hour and the address it came from; ``missed`` counts what led nowhere, from everywhere."""
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
