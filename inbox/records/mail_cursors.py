"""How far each folder of each mailbox has been read."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from inbox.models import MailCursor


def count_not_ingested(session: Session, account: str, folders: Collection[str]) -> int | None:
    """How many mails of these folders are on the server and not here; None before anybody has looked."""
    ours = (MailCursor.account == account, MailCursor.folder.in_(folders))
    return session.scalar(select(func.sum(MailCursor.not_taken_in)).where(*ours))


def forget_other_folders(session: Session, account: str, folders: Collection[str]) -> None:
    """Count nothing as left in a mailbox's folders that are named no longer; their cursors stay."""
    other = (MailCursor.account == account, MailCursor.folder.not_in(folders))
    session.execute(update(MailCursor).where(*other).values(not_taken_in=0))
