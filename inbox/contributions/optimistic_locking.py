"""Contributions taken for a change, one at a time, and only by somebody who saw their newest revision."""

from collections.abc import Iterable

from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from config.enums import TextOrigin
from inbox.errors import InboxError
from inbox.models import Contribution, ContributionLink, TextVersion

MERGED = "merged"
"""The kind of link from a contribution that was merged to the one that now speaks for it."""

SPLIT = "split"
"""The kind of link from a contribution to the one it was once a part of, whose older texts still hold its words."""


class NotThere(InboxError):
    """What was asked for does not exist, or not any more."""

    remedy = "Go back to the list: it may have been erased, or merged into another contribution."


class Stale(InboxError):
    """Somebody changed the contribution since the page was made."""

    remedy = "Look at the contribution again: it has changed since you opened it. Nothing of yours was saved."


def lock_contributions(session: Session, ids: Iterable[int]) -> list[Contribution]:
    """The contributions, as they now are, locked until the transaction ends; in order of id, so that nobody deadlocks.

    SQLite has one writer at a time and leaves ``FOR UPDATE`` out.
    """
    session.flush()
    return list(
        session.scalars(
            select(Contribution)
            .where(Contribution.id.in_(sorted(set(ids))))
            .order_by(Contribution.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def lock_for_change(session: Session, contribution_id: int, expect_revision: int | None = None) -> Contribution:
    """One contribution, locked; NotThere when erased or merged, Stale when ``expect_revision`` is no longer its own."""
    found = lock_contributions(session, [contribution_id])
    if not found or found[0].erased_at is not None:
        raise NotThere(f"contribution {contribution_id} is not there")
    contribution = found[0]
    if merged_into(session, contribution_id) is not None:
        raise NotThere(f"contribution {contribution_id} was merged into another one")
    if expect_revision is not None and contribution.revision != expect_revision:
        raise Stale(f"contribution {contribution_id} is at revision {contribution.revision}, not {expect_revision}")
    return contribution


def origin_in_force() -> ScalarSelect[TextOrigin]:
    """Whose wording is in force in the ``Contribution`` of a query around this one."""
    return (
        select(TextVersion.origin)
        .where(TextVersion.contribution_id == Contribution.id)
        .order_by(TextVersion.number.desc())
        .limit(1)
        .scalar_subquery()
    )


def merged_into(session: Session, contribution_id: int) -> int | None:
    """The contribution that now speaks for this one; None while it speaks for itself."""
    return session.scalar(
        select(ContributionLink.to_id).where(
            ContributionLink.from_id == contribution_id, ContributionLink.kind == MERGED
        )
    )


def echoes_of(session: Session, ids: Iterable[int]) -> set[int]:
    """Other contributions whose versions of text hold words of these: merged into them, or once whole with them."""
    own = set(ids)
    merged = _follow(session, own, ContributionLink.to_id, ContributionLink.from_id, MERGED)
    wholes = _follow(session, own | merged, ContributionLink.from_id, ContributionLink.to_id, SPLIT)
    return (merged | wholes) - own


def _follow(
    session: Session,
    start: set[int],
    near: InstrumentedAttribute[int],
    far: InstrumentedAttribute[int],
    kind: str,
) -> set[int]:
    found: set[int] = set()
    edge = start
    while edge:
        edge = set(session.scalars(select(far).where(near.in_(edge), ContributionLink.kind == kind))) - found
        found |= edge
    return found
