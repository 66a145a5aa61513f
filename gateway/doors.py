"""What each door takes in: from a channel's value to intake, parts, contributions and receipts.

Each function runs in the caller's transaction and may be run again with the same message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.values import CommandKind, IncomingCall, IncomingText, Recording
from config.names import ArrivalKind, Channel, MediumKind, NotContribution, StepKind
from config.settings import Settings
from gateway import commands_by_text, receipts
from gateway.intake import (
    Accepted,
    Arrived,
    NewMedium,
    NewPart,
    accept,
    add_to_part,
    contribute,
    contributor_id,
    media_of,
    name_of,
)
from gateway.oversized import Cut
from inbox import consultations, steps, texts
from inbox.columns import utc_now
from inbox.models import Intake, Part

CALL_LOOKED_AT_AFTER = timedelta(minutes=15)
"""When the provider is asked what a call recorded, should no webhook have told."""

LATEST_WEBHOOK = timedelta(days=14)
"""A telephone tries to hand over a text for two days, and may have been off before that."""

SPEECH = "speech"
"""The part key of a call: several recordings of one call are one voice."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A webhook as it came: its body, and path, query and headers."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scan:
    """A scanned file as a folder or a page handed it over."""

    path: Path
    account: str
    """The folder or the centre."""
    digest: str
    """SHA-256 of the file, hex: copiers name every scan scan0001.pdf, so the name identifies nothing."""
    name: str = ""
    pages_per_form: int = 1
    consultation_slug: str | None = None
    centre_id: int | None = None
    entered_by_id: int | None = None


def take_in_text(session: Session, settings: Settings, text: IncomingText, posted: Posted) -> Accepted:
    """A text message: its contribution, or the answer to its keyword."""
    accepted = accept(
        session,
        Arrived(
            channel=Channel.SMS,
            account=text.account,
            external_id=text.external_id,
            kind=ArrivalKind.WEBHOOK,
            raw=posted.body,
            headers=posted.headers,
            addressed_to=_meant(session, text),
            sender=text.sender,
            received_at=_came_in(text),
        ),
    )
    if not accepted.is_new:
        return accepted
    text = commands_by_text.understood(session, settings, accepted.intake_id, text)
    contributions = contribute(session, accepted.intake_id, [_text_part(text)], join_minutes=settings.join_minutes)
    if text.command is not None:
        commands_by_text.obey(session, settings, accepted.intake_id, text)
    elif contributions[0] is not None:
        receipts.queue_by_text(session, settings, contributions[0], text.sender)
    return accepted


def _meant(session: Session, text: IncomingText) -> str:
    """The address that says which consultation is meant: the number, else the service the number belongs to."""
    named = [text.addressed_to, text.messaging_service]
    known = (one for one in named if one and consultations.for_address(session, Channel.SMS, one))
    return next(known, text.addressed_to or text.messaging_service)


def _came_in(text: IncomingText) -> datetime:
    """When a text came in at its provider: a telephone that was off for hours hands over everything at once.

    Texts are joined by this time, and kept by it, so a clock that is wrong may not count for much.
    """
    now = utc_now()
    if text.sent_at is None or not now - LATEST_WEBHOOK < text.sent_at < now:
        return now
    return text.sent_at


def _text_part(text: IncomingText) -> NewPart:
    kind = None
    if text.command is not None:
        thanks = text.command.kind is CommandKind.THANKS
        kind = NotContribution.THANKS if thanks else NotContribution.KEYWORD
    media = tuple(NewMedium(MediumKind.PHOTO, m.content_type, remote_url=m.url) for m in text.media)
    empty = "the text message is empty" if not text.body and not media else None
    kept_back = "The pictures of this message stay on the telephone that received it." if text.kept_back else None
    return NewPart(
        key="text",
        channel=Channel.SMS,
        body=text.body,
        media=media,
        not_contribution=kind,
        needs_person=kept_back or empty,
    )


def take_in_call(session: Session, call: IncomingCall, posted: Posted, language: str | None = None) -> Accepted:
    """One request of a call. The first makes the intake, and has it looked at later, whatever else is told."""
    accepted = accept(
        session,
        Arrived(
            channel=Channel.VOICEMAIL,
            account=call.account,
            external_id=call.external_id,
            kind=ArrivalKind.WEBHOOK,
            raw=posted.body,
            headers=posted.headers,
            addressed_to=call.addressed_to or None,
            sender=call.caller,
            language=language,
        ),
    )
    intake = session.get_one(Intake, accepted.intake_id)
    if accepted.is_new:
        steps.add_step(session, StepKind.LIST_RECORDINGS, intake=intake.id, not_before=utc_now() + CALL_LOOKED_AT_AFTER)
    if intake.erased_at is None:
        _complete(session, intake, call)
        intake.language = language or intake.language
    return accepted


def _complete(session: Session, intake: Intake, call: IncomingCall) -> None:
    """Tell a call, and what was made of it, who called whom: a recording's callback does not know, and may be first."""
    known = intake.contributor_id, intake.consultation_version_id
    if intake.contributor_id is None and call.caller is not None:
        intake.contributor_id = contributor_id(session, call.caller)
    if intake.consultation_version_id is None and call.addressed_to:
        intake.addressed_to = call.addressed_to
        intake.consultation_version = consultations.for_address(session, Channel.VOICEMAIL, call.addressed_to)
    session.flush()
    if known == (intake.contributor_id, intake.consultation_version_id):
        return
    for part in intake.parts:
        part.contributor_id = part.contributor_id or intake.contributor_id
        part.consultation_version_id = part.consultation_version_id or intake.consultation_version_id
        for contribution in part.contributions:
            contribution.contributor_id = contribution.contributor_id or intake.contributor_id
            if contribution.consultation_id is None and intake.consultation_version is not None:
                contribution.consultation_id = intake.consultation_version.consultation_id


def keep_recording(session: Session, settings: Settings, intake_id: int, recording: Recording) -> None:
    """A recording the provider told of, for the call's one part; nothing where the call was erased.

    The file may not exist yet: fetching it is a step. The same recording is told of twice, by
    the call and by its own callback.
    """
    intake = session.get_one(Intake, intake_id, with_for_update=True, populate_existing=True)
    if intake.erased_at is not None or recording.absent or not recording.url:
        return
    intake.not_contribution = None
    medium = NewMedium(MediumKind.RECORDING, "audio/wav", remote_url=recording.url, name=recording.external_id)
    known = session.scalar(select(Part.id).where(Part.intake_id == intake_id, Part.part_key == SPEECH))
    if known is not None:
        add_to_part(session, known, medium)
        return
    part = NewPart(SPEECH, Channel.VOICEMAIL, media=(medium,))
    contribution_id = contribute(session, intake_id, [part])[0]
    if contribution_id is not None:
        receipts.queue_for_call(session, settings, contribution_id)


def discard_recording(session: Session, intake_id: int, recording_sid: str) -> None:
    """The caller wants to speak anew: what was recorded before is neither read nor shown."""
    part = session.scalar(select(Part).where(Part.intake_id == intake_id, Part.part_key == SPEECH))
    if part is None or part.erased_at is not None:
        return
    for medium in media_of(session, part):
        if name_of(session, part, medium) == recording_sid:
            medium.discarded_at = utc_now()
    texts.settle(session, part.id)


def take_in_mail(
    session: Session,
    *,
    account: str,
    raw: Path | bytes,
    digest: str,
    addressed_to: str,
    consultation_slug: str | None = None,
    cut: Cut | None = None,
) -> Accepted:
    """A mail, raw; ``digest`` is its SHA-256, its identity. It is parsed after it is stored, in a step.

    With ``cut``, ``raw`` is the beginning of a mail over the size limit, and ``digest`` that of its beginning and size.
    """
    accepted = accept(
        session,
        Arrived(
            channel=Channel.EMAIL,
            account=account,
            external_id=digest,
            kind=ArrivalKind.MAIL,
            raw=raw,
            headers=cut.headers if cut else {},
            addressed_to=addressed_to,
            consultation_slug=consultation_slug,
        ),
    )
    if accepted.is_new:
        steps.add_step(session, StepKind.TAKE_APART, intake=accepted.intake_id)
    return accepted


def take_in_scan(session: Session, scan: Scan) -> Accepted:
    """A scanned file, raw; it is split into its forms in a step."""
    accepted = accept(
        session,
        Arrived(
            channel=Channel.PAPER,
            account=scan.account,
            external_id=scan.digest,
            kind=ArrivalKind.FILE,
            raw=scan.path,
            headers={"name": scan.name, "pages_per_form": str(scan.pages_per_form)},
            addressed_to=scan.account,
            consultation_slug=scan.consultation_slug,
            centre_id=scan.centre_id,
            entered_by_id=scan.entered_by_id,
        ),
    )
    if accepted.is_new:
        steps.add_step(session, StepKind.SPLIT_PAGES, intake=accepted.intake_id)
    return accepted
