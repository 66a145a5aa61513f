"""One mail taken in as the mailbox's watcher does it."""

from pathlib import Path

from sqlalchemy.orm import Session

from gateway.arrivals import Accepted
from gateway.doors import RawMail, take_in_mails


def take_in_mail(session: Session, *, account: str, raw: Path | bytes, digest: str, addressed_to: str) -> Accepted:
    """Store it with the step that takes it apart."""
    return take_in_mails(session, [RawMail(account, raw, digest, addressed_to)])[0]
