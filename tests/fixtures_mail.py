"""One mail taken in as the mailbox's watcher does it, and taken apart as its step does."""

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from channels.email.parse import Mail
from config.settings.loader import Settings
from gateway.ingest.ingest import RawMail, ingest_mails
from gateway.intake.contribute import NewPart
from gateway.intake.intake_store import StoredIntake
from gateway.mail import mail_threads


def take_in_mail(session: Session, *, account: str, raw: Path | bytes, digest: str, addressed_to: str) -> StoredIntake:
    """Store it with the step that takes it apart."""
    return ingest_mails(session, [RawMail(account, raw, digest, addressed_to)])[0]


def take_in_letter(
    session: Session, settings: Settings, intake_id: int, mail: Mail, parts: Sequence[NewPart]
) -> list[int | None]:
    """Compare it with what is there, then store what it says."""
    letter = mail_threads.judge(session, settings, intake_id, mail, parts)
    return mail_threads.ingest_letter(session, settings, intake_id, letter)
