"""Contributions in a language in which no consultation asked: given to who reads it, and a queue for each language."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Exists, delete, func, select, text
from sqlalchemy.orm import Session

from config.enums import MediumKind, Moderation
from inbox.contributions.optimistic_locking import NotThere, lock_for_change
from inbox.desk.assignment import MAY_DECIDE
from inbox.models import (
    Assignment,
    Contribution,
    ContributionPart,
    Medium,
    Person,
    PersonLanguage,
    PersonRole,
    Transcript,
)
from inbox.models.column_types import utc_now
from inbox.models.contribution_rows import LISTED
from inbox.records import history


@dataclass(frozen=True, slots=True)
class LanguageCount:
    """How many wait in a language, and who reads it."""

    language: str
    """ISO 639-1."""
    count: int
    readers: tuple[tuple[int, str], ...]
    """Id and name of everybody who may decide and reads it."""


def set_languages_read(session: Session, person_id: int, languages: Iterable[str], by: int | None) -> None:
    """Say which languages somebody reads besides those of the consultations (ISO 639-1)."""
    wanted = sorted(set(languages))
    if wanted == languages_read(session, person_id):
        return
    session.execute(delete(PersonLanguage).where(PersonLanguage.person_id == person_id))
    session.add_all(PersonLanguage(person_id=person_id, language=one) for one in wanted)
    history.record_event(session, f"person:{person_id}", "languages_read_changed", by, {"languages": wanted})


def languages_read(session: Session, person_id: int) -> list[str]:
    """The languages somebody reads besides those of the consultations, by code."""
    rows = select(PersonLanguage.language).where(PersonLanguage.person_id == person_id)
    return sorted(session.scalars(rows))


def spoken_language(session: Session, contribution_id: int) -> str | None:
    """The language (ISO 639-1) in which the newest reading of a contribution's recording was understood."""
    return session.scalar(
        select(Transcript.language)
        .join(Medium, Medium.id == Transcript.medium_id)
        .join(ContributionPart, ContributionPart.part_id == Medium.part_id)
        .where(ContributionPart.contribution_id == contribution_id, Medium.kind == MediumKind.RECORDING)
        .order_by(Transcript.id.desc())
        .limit(1)
    )


def assign_to_reader(session: Session, contribution_id: int, language: str) -> int | None:
    """Give a contribution to who reads its language and has the fewest; whose it is now, None where nobody reads it.

    What is somebody's already, decided or gone, stays as it is.
    """
    try:
        contribution = lock_for_change(session, contribution_id)
    except NotThere:
        return None
    given = session.get(Assignment, contribution_id)
    if given is not None or contribution.moderation is not Moderation.IN_REVIEW:
        return given.person_id if given else None
    load = (
        select(func.count())
        .select_from(Assignment)
        .where(Assignment.person_id == PersonLanguage.person_id)
        .scalar_subquery()
    )
    reader = session.scalar(
        select(PersonLanguage.person_id)
        .join(Person, Person.id == PersonLanguage.person_id)
        .where(PersonLanguage.language == language, Person.active, _may_decide())
        .order_by(load, PersonLanguage.person_id)
        .limit(1)
    )
    if reader is not None:
        session.add(Assignment(contribution_id=contribution_id, person_id=reader, by_id=reader, at=utc_now()))
        details = {"to": reader, "language": language}
        history.record_event(session, f"contribution:{contribution_id}", "assigned", None, details)
    return reader


def count_by_language(session: Session, known: Collection[str]) -> list[LanguageCount]:
    """What is to be reviewed in languages other than ``known``, those with the most first."""
    counts = {one: count for one in _languages(session) if one not in known and (count := _in_review(session, one))}
    readers = _readers(session, counts)
    return sorted(
        (LanguageCount(one, count, tuple(readers.get(one, ()))) for one, count in counts.items()),
        key=lambda found: (-found.count, found.language),
    )


def _languages(session: Session) -> Iterator[str]:
    """The languages there are, each found by one step along the index, however many contributions there are."""
    last = ""
    while True:
        further = (text(LISTED), Contribution.language > last)
        found = session.scalar(select(Contribution.language).where(*further).order_by(Contribution.language).limit(1))
        if found is None:
            return
        yield found
        last = found


def _in_review(session: Session, language: str) -> int:
    wanted = (text(LISTED), Contribution.language == language, Contribution.moderation == Moderation.IN_REVIEW)
    return session.scalar(select(func.count()).select_from(Contribution).where(*wanted)) or 0


def _readers(session: Session, languages: Collection[str]) -> dict[str, list[tuple[int, str]]]:
    rows = session.execute(
        select(PersonLanguage.language, Person.id, Person.name)
        .join(Person, Person.id == PersonLanguage.person_id)
        .where(PersonLanguage.language.in_(list(languages)), Person.active, _may_decide())
        .order_by(func.lower(Person.name))
    )
    found: dict[str, list[tuple[int, str]]] = {}
    for language, person_id, name in rows:
        found.setdefault(language, []).append((person_id, name))
    return found


def _may_decide() -> Exists:
    return (
        select(PersonRole.person_id).where(PersonRole.person_id == Person.id, PersonRole.role.in_(MAY_DECIDE)).exists()
    )
