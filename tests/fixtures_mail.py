"""One mail taken in as the mailbox's watcher does it."""

from pathlib import Path

from sqlalchemy.orm import Session

from gateway.ingest.ingest import RawMail, take_in_mails
from gateway.intake.intake_store import Accepted


def take_in_mail(session: Session, *, account: str, raw: Path | bytes, digest: str, addressed_to: str) -> Accepted:
    """Store it with the step that takes it apart."""
    return take_in_mails(session, [RawMail(account, raw, digest, addressed_to)])[0]
