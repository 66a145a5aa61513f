"""Takes mail apart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.enums import StepKind
from gateway.intake.contribute import offer_files
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
    with here.store.read() as session:
        raw = _written_out(session, intake_id, folder / "mail")
    return take_mail_apart(raw.path, folder, here.settings.limits, raw.outline)


@dataclass(frozen=True, slots=True)
class _Raw:
    path: Path
    outline: Sequence[str] | None
    """Of a mail over the limit, of which only the beginning is there."""


def _written_out(session: Session, intake_id: int | None, path: Path) -> _Raw:
    arrival = _arrival_of(session, intake_id)
    cut = Cut.of(session, arrival)
    return _Raw(copy_raw(session, arrival, path), cut.outline if cut else None)


def take_apart(here: Workshop, lease: Lease, folder: Path) -> Callable[[Session], Ending]:
    """TAKE_APART: a raw mail to its parts, its sender's contributor and its receipt; a copier's goes the way of paper.

    Run again, it finds the parts by their keys and the receipt by its purpose, and adds nothing.
    """
    with here.store.read() as session:
        intake = session.get_one(Intake, lease.intake_id)
        if (later := mail_turn(session, intake)) is not None:  # known from an earlier run
            return lambda _session: later
        version = intake.consultation_version
        known = consultation_versions.as_consultation(version).languages if version else here.settings.languages
        raw = _written_out(session, lease.intake_id, folder / "mail")
    opened = take_mail_apart(raw.path, folder, here.settings.limits, raw.outline)
    mail, scans, parts = opened.mail, opened.scans, opened.parts
    said = "\n".join(part.body for part in parts if part.body)
    language = None if scans or mail.machine else language_of(said, known)
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
