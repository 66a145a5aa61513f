"""What is to happen once a transaction has ended: kept with its session, run by the store."""

from collections.abc import Callable

from inbox.storage.unit_of_work import Session, unit_of


def after_commit(session: Session, action: Callable[[], None]) -> None:
    """Run this when the session's transaction has been committed, in the order asked for."""
    unit_of(session).after_commit.append(action)


def after_rollback(session: Session, action: Callable[[], None]) -> None:
    """Run this when the session's transaction was given up before its commit."""
    unit_of(session).after_undoing.append(action)
