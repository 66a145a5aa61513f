"""References: nine digits a resident can say, write, text and key.

The first is 1–9, the last a check digit after H. M. Damm's totally anti-symmetric quasigroup
(doctoral thesis, Marburg 2004): every single wrong digit and every swap of two neighbours
is noticed.
"""

import re
import secrets
import unicodedata

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from config.wording.digit_groups import group_by_three
from inbox.errors import InboxError
from inbox.models import ContributionPart, Part, Reference
from inbox.models.column_types import utc_now
from inbox.storage.upsert import insert_all_new, insert_if_new

LENGTH = 9

_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)

# What people put between groups of digits: spaces of all kinds, dots, dashes, slashes.
_BETWEEN = re.compile(r"[\s.\-‐‑‒–—/·,_]+")


class NoReference(InboxError):
    """A contribution without a reference."""

    remedy = "Issue one with inbox.records.references.issue_reference."


def check_digit(digits: str) -> str:
    """The digit to put after ``digits``; "0" says that a number with its check digit is right."""
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return str(interim)


def parse_reference(text: str) -> str | None:
    """The reference a text is, digits of any script and separators folded; None when it is anything more or else."""
    compact = _BETWEEN.sub("", text.strip())
    try:
        digits = "".join(str(unicodedata.decimal(character)) for character in compact)
    except ValueError:
        return None
    if len(digits) != LENGTH or digits[0] == "0" or check_digit(digits) != "0":
        return None
    return digits


def format_reference(number: str) -> str:
    """The number as it is written and printed: ``482 915 307``."""
    return group_by_three(number)


def issue_reference(
    session: Session, *, intake: int | None = None, part: int | None = None, contribution: int | None = None
) -> str:
    """A reference for an intake, part or contribution (ids): the one it has, else a new one; a free one for none.

    Safe to repeat: a webhook delivered twice speaks the same number.
    """
    known = _known(session, intake=intake, part=part, contribution=contribution)
    while known is None:
        number = random_reference()
        if insert_if_new(
            session, Reference, number=number, intake_id=intake, part_id=part, contribution_id=contribution
        ):
            known = number
    return known


def issue_references(session: Session, count: int) -> list[str]:
    """So many references for nobody yet, with a few statements however many they are."""
    issued: list[str] = []
    while len(issued) < count:
        drawn = [{"number": random_reference(), "issued_at": utc_now()} for _ in range(count - len(issued))]
        issued += [row.number for row in insert_all_new(session, Reference, drawn, [Reference.number])]
    return issued


def random_reference() -> str:
    """A number by chance, which may be somebody's already."""
    digits = str(secrets.randbelow(9) + 1) + "".join(str(secrets.randbelow(10)) for _ in range(LENGTH - 2))
    return digits + check_digit(digits)


def _known(session: Session, *, intake: int | None, part: int | None, contribution: int | None) -> str | None:
    wanted = [
        column == value
        for column, value in (
            (Reference.intake_id, intake),
            (Reference.part_id, part),
            (Reference.contribution_id, contribution),
        )
        if value is not None
    ]
    if not wanted:
        return None
    return session.scalar(
        select(Reference.number).where(*wanted).order_by(Reference.issued_at, Reference.number).limit(1)
    )


def spoken_in(session: Session, intake: int) -> str | None:
    """The reference that was issued for an intake before there was anything to refer to."""
    unused = (Reference.intake_id == intake, Reference.contribution_id.is_(None))
    return session.scalar(select(Reference.number).where(*unused).limit(1))


def attach_reference(session: Session, number: str, contribution: int) -> None:
    """Let a reference issued beforehand lead to a contribution; one that leads to another already is left alone."""
    session.execute(
        update(Reference)
        .where(
            Reference.number == number,
            or_(Reference.contribution_id.is_(None), Reference.contribution_id == contribution),
        )
        .values(contribution_id=contribution)
    )


def references_of(session: Session, contribution_ids: list[int]) -> dict[int, str]:
    """The first reference of each contribution, in one query."""
    rows = session.execute(
        select(Reference.contribution_id, Reference.number)
        .where(Reference.contribution_id.in_(contribution_ids))
        .order_by(Reference.issued_at.desc(), Reference.number.desc())
    )
    return {contribution_id: number for contribution_id, number in rows if contribution_id is not None}


def reference_of(session: Session, contribution_id: int) -> str:
    """The first reference issued for a contribution; NoReference when there is none."""
    found = references_of(session, [contribution_id]).get(contribution_id)
    if found is None:
        raise NoReference(f"contribution {contribution_id} has no reference")
    return found


def reference_of_intake(session: Session, intake_id: int) -> str | None:
    """A reference of what an intake became; None where it became no contribution."""
    return session.scalar(
        select(Reference.number)
        .join(ContributionPart, ContributionPart.contribution_id == Reference.contribution_id)
        .join(Part, Part.id == ContributionPart.part_id)
        .where(Part.intake_id == intake_id)
        .limit(1)
    )


def contribution_of(session: Session, number: str) -> int | None:
    """The contribution a reference leads to: its own, or the first of its part or intake."""
    reference = session.get(Reference, number)
    if reference is None or reference.contribution_id is not None:
        return reference.contribution_id if reference else None
    return session.scalar(
        select(func.min(ContributionPart.contribution_id))
        .join(Part, Part.id == ContributionPart.part_id)
        .where(or_(Part.id == reference.part_id, Part.intake_id == reference.intake_id))
    )
