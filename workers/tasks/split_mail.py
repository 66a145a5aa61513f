"""Takes mail apart."""

from collections.abc import Callable
from pathlib import Path

from config.enums import StepKind
from gateway.intake.contribute import NewPart, offer_files
from gateway.intake.intake_store import contributor_id, copy_raw
from gateway.intake.part_sealing import seal_parts
from gateway.intake.truncated_mail import Cut
from gateway.mail.mail_threads import take_in_letter
from gateway.reading.opened_mail import OpenedMail, take_mail_apart
from inbox.consultations import consultation_versions
from inbox.jobs import steps
from inbox.jobs.steps import Done, Ending, Lease
from inbox.models import Arrival, Intake
from inbox.records import intake_lookup
from inbox.storage.unit_of_work import Session
from transcription.text.language import language_of
from workers.errors import SubjectGone
from workers.runtime.worker_context import Workshop
from workers.tasks.rate_limits import mail_turn


def copy_arrival(here: Workshop, intake_id: int | None, path: Path) -> Path:
    """Write the first arrival of an intake, a mail or a file, to ``path``."""
    with here.store.read() as session:
        return copy_raw(session, _arrival_of(session, intake_id), path)


def _arrival_of(session: Session, intake_id: int | None) -> Arrival:
    arrival = intake_lookup.first_arrival(session, intake_id)
    if arrival is None:
        raise SubjectGone(f"Intake {intake_id} has no arrival.")
    return arrival


def read_mail(here: Workshop, intake_id: int | None, folder: Path) -> OpenedMail:
    """The mail an intake is, taken apart in a limited child; of one over the limit the beginning."""
    path = copy_arrival(here, intake_id, folder / "mail")
    with here.store.read() as session:
        cut = Cut.of(session, _arrival_of(session, intake_id))
    return take_mail_apart(path, folder, here.settings.limits, cut.outline if cut else None)


def _language(here: Workshop, intake_id: int | None, parts: list[NewPart]) -> str | None:
    """The language a mail is written in, so that its receipt is, too."""
    with here.store.read() as session:
        version = session.get_one(Intake, intake_id).consultation_version
        known = consultation_versions.as_consultation(version).languages if version else here.settings.languages
    return language_of("\n".join(part.body for part in parts if part.body), known)


def take_apart(here: Workshop, lease: Lease, folder: Path) -> Callable[[Session], Ending]:
    """TAKE_APART: a raw mail to its parts, its sender's contributor and its receipt; a copier's goes the way of paper.

    Run again, it finds the parts by their keys and the receipt by its purpose, and adds nothing.
    """
    with here.store.read() as session:  # known from an earlier run, before anything is read again
        if (later := mail_turn(session, session.get_one(Intake, lease.intake_id))) is not None:
            return lambda _session: later
    opened = read_mail(here, lease.intake_id, folder)
    mail, scans, parts = opened.mail, opened.scans, opened.parts
    language = None if scans or mail.machine else _language(here, lease.intake_id, parts)
    parts = seal_parts(here.store.vault, parts)

    def save(session: Session) -> Ending:
        assert lease.intake_id is not None
        offer_files(session, parts)
        if scans:
            steps.add_step(session, StepKind.SPLIT_PAGES, intake=lease.intake_id)
            return Done()
        intake = session.get_one(Intake, lease.intake_id)
        if mail.machine is None:
            intake.contributor_id = intake.contributor_id or contributor_id(session, mail.sender)
        if (later := mail_turn(session, intake)) is not None:
            return later
        intake.language = intake.language or language
        take_in_letter(session, here.settings, lease.intake_id, mail, parts)
        return Done()

    return save
