"""How far each folder of each mailbox has been read."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import update
from sqlalchemy.orm import Session

from inbox.models import MailCursor


def forget_other_folders(session: Session, account: str, folders: Collection[str]) -> None:
    """Count nothing as left in a mailbox's folders that are named no longer; their cursors stay."""
    other = (MailCursor.account == account, MailCursor.folder.not_in(folders))
    session.execute(update(MailCursor).where(*other).values(not_taken_in=0))
