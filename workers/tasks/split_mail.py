"""Takes mail apart."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from channels.email.parse import Mail
from config.enums import StepKind
from gateway.intake.contribute import NewPart, schedule_orphan_deletion
from gateway.intake.intake_store import contributor_id
from gateway.intake.part_sealing import seal_parts
from gateway.intake.raw_messages import write_raw
from gateway.intake.truncated_mail import TruncatedMail
from gateway.mail import mail_threads, plain_letters
from gateway.mail.mail_threads import Letter
from gateway.reading.opened_mail import OpenedMail, open_mail_in_child
from inbox.consultations import consultation_versions
from inbox.consultations.consultation_versions import Stored
from inbox.jobs import steps
from inbox.jobs.steps import Done, Ending, Lease
from inbox.models import Intake
from inbox.records import waiting_mails
from inbox.records.waiting_mails import WaitingMail
from inbox.storage.unit_of_work import Session
from inbox.text_rows.plain_text import PlainText
from transcription.text.language import language_of
from workers.errors import SubjectGone
from workers.runtime.worker_context import WorkerContext
from workers.tasks.prepared_steps import Judged, Save
from workers.tasks.rate_limits import next_mail_turn
from workers.tasks.suggest_themes import prepare_text_themes
from workers.tasks.text_language import is_foreign

log = logging.getLogger(__name__)


def read_mail(here: WorkerContext, intake_id: int | None, folder: Path) -> OpenedMail:
    """The mail an intake is, taken apart in a limited child; of one over the limit the beginning."""
    with here.store.read() as session:
        mail = waiting_mails.waiting_mail(session, intake_id)
        if mail is None:
            raise SubjectGone(f"Intake {intake_id} has no arrival.")
        raw = _raw_of(session, mail, folder / "mail")
    return open_mail_in_child(raw.path, folder, here.settings.limits, raw.outline)


@dataclass(frozen=True, slots=True)
class _Raw:
    path: Path
    outline: Sequence[str] | None
    """Of a mail over the limit, of which only the beginning is there."""


def _raw_of(session: Session, mail: WaitingMail, path: Path) -> _Raw:
    cut = TruncatedMail.kept(session, mail.key_id, mail)
    return _Raw(write_raw(session, mail, path), cut.outline if cut else None)


def split_mail(here: WorkerContext, lease: Lease, folder: Path) -> Save | Judged:
    """TAKE_APART: a raw mail to its parts, its sender's contributor and its receipt; a copier's goes the way of paper.

    Run again, it finds the parts by their keys and the receipt by its purpose, and adds nothing.
    """
    with here.store.read() as session:
        waiting = waiting_mails.waiting_mail(session, lease.intake_id)
        if waiting is None:
            raise SubjectGone(f"Intake {lease.intake_id} has no arrival.")
        if waiting.contributor_id is not None:  # known from an earlier run
            later = next_mail_turn(session, session.get_one(Intake, waiting.intake_id))
            if later is not None:
                return lambda _session: later
        came_under = consultation_versions.stored(session, waiting.version_id)
        raw = _raw_of(session, waiting, folder / "mail")
    opened = open_mail_in_child(raw.path, folder, here.settings.limits, raw.outline)
    if opened.scans:
        return _way_of_paper(here, waiting.intake_id, opened)
    mail = opened.mail
    said = "\n".join(part.body for part in opened.parts if part.body)
    known = came_under.consultation.languages if came_under else here.settings.languages
    language = None if mail.machine else language_of(said, known)
    parts = seal_parts(here.store.vault, opened.parts)
    with here.store.read() as session:
        plain = None
        if plain_letters.is_plain(here.settings, mail, parts) and not is_foreign(said, language, known):
            plain = _plain(here, session, waiting, mail, parts[0], came_under, language)
        senders = plain_letters.sender_hashes(session, mail)

    def judge(session: Session) -> Save:
        letter = mail_threads.judge(session, here.settings, waiting.intake_id, mail, parts)
        return lambda writing: _save(writing, here, waiting.intake_id, letter, language)

    return Judged(judge, senders, plain)


def _save(session: Session, here: WorkerContext, intake_id: int, letter: Letter, language: str | None) -> Ending:
    schedule_orphan_deletion(session, letter.parts)
    intake = session.get_one(Intake, intake_id)
    if letter.is_somebodys:
        intake.contributor_id = intake.contributor_id or contributor_id(session, letter.mail.sender)
    if (later := next_mail_turn(session, intake)) is not None:
        return later
    intake.language = intake.language or language
    mail_threads.ingest_letter(session, here.settings, intake_id, letter)
    return Done()


def _way_of_paper(here: WorkerContext, intake_id: int, opened: OpenedMail) -> Save:
    parts = seal_parts(here.store.vault, opened.parts)

    def save(session: Session) -> Ending:
        schedule_orphan_deletion(session, parts)
        steps.add_step(session, StepKind.SPLIT_PAGES, intake=intake_id)
        return Done()

    return save


def _plain(
    here: WorkerContext,
    session: Session,
    waiting: WaitingMail,
    mail: Mail,
    part: NewPart,
    came_under: Stored | None,
    language: str | None,
) -> PlainText | None:
    """The values of a plain letter's rows; None where they cannot be made."""
    try:
        now = consultation_versions.stored_newest(session, came_under.consultation_id) if came_under else None
        asked = plain_letters.Asked(came_under, now.consultation if now else None)
        consultation = came_under.consultation if came_under else None
        themes = prepare_text_themes(here, consultation, (part.body or "").strip(), language)
        return plain_letters.prepare(session, here.settings, waiting, mail, part, asked, themes)
    except Exception as error:  # noqa: BLE001 - whoever does it by itself meets it again, and it is judged there
        log.info("intake %d is not prepared (%s)", waiting.intake_id, type(error).__name__)
        return None
