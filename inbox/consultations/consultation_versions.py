"""Consultations as rows: a file imports as a version, every version is kept."""

import hashlib
import json
from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from sqlalchemy import bindparam, delete, select
from sqlalchemy.orm import Session

from config.enums import AddressKind, Channel
from config.wording.consultation import Consultation as ConsultationFile
from config.wording.consultation import Retention
from config.wording.projects import Project
from inbox.consultations.contributors import normalise_for_installation
from inbox.errors import InboxError
from inbox.models import Centre, Consultation, ConsultationAddress, ConsultationVersion
from inbox.models.column_types import utc_now
from inbox.records import history
from inbox.storage.upsert import insert_if_new


class AddressTaken(InboxError):
    """A number, mailbox, folder or centre already belongs to another consultation that has not closed."""

    remedy = "Take the address out of one of the two consultation files, or give the older one an earlier end."

    def __init__(self, value: str, other: str, slug: str) -> None:
        self.value = value
        self.other = other
        super().__init__(f"{value} belongs to {other} as well as to {slug}")


class NumberTaken(InboxError):
    """A file gives a project the number of a published contribution that residents support already."""

    remedy = "Give the project another number in the file: voices that were given would count for it."

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"the number {number} is that of a published contribution")


class EditedMeanwhile(InboxError):
    """Somebody else has made another version since the page was opened."""

    remedy = "Look at what the other person changed, then make the change again."


def import_consultation(
    session: Session, consultation: ConsultationFile, by: int | None = None, today: date | None = None
) -> ConsultationVersion:
    """Store a consultation as its current version, and give it its addresses; raises ``AddressTaken``.

    What is current already makes no new version. Going back to an earlier content does: versions
    tell what held when. An address moves over from a consultation that has closed.
    """
    insert_if_new(session, Consultation, slug=consultation.slug)
    row = session.scalars(
        # Held, so that two imports at once do not both make the same number.
        select(Consultation).where(Consultation.slug == consultation.slug).with_for_update()
    ).one()
    body = consultation.model_dump(mode="json")
    digest = hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    version = current_version(session, consultation.slug)
    # A version stored before an entry existed holds less, and still says the same.
    if version is None or (version.digest != digest and as_consultation(version) != consultation):
        version = ConsultationVersion(
            consultation_id=row.id,
            number=1 if version is None else version.number + 1,
            digest=digest,
            body=body,
            created_by_id=by,
        )
        session.add(version)
        session.flush()
    _give_addresses(session, row, consultation, today or utc_now().date())
    for slug in consultation.addresses.centres:
        insert_if_new(session, Centre, slug=slug, name=slug.replace("-", " ").capitalize())
    return version


def import_file(
    session: Session, consultation: ConsultationFile, by: int | None = None, today: date | None = None
) -> ConsultationVersion:
    """Store what a file says: published contributions that residents support stay among its projects.

    Raises ``AddressTaken``, and ``NumberTaken`` where a project of the file has the number of one of them.
    """
    version = current_version(session, consultation.slug)
    cited = _cited(as_consultation(version)) if version is not None else ()
    said = {one.contribution for one in consultation.projects}
    kept = tuple(one for one in cited if one.contribution not in said)
    for number in {one.number for one in kept} & {one.number for one in consultation.projects}:
        raise NumberTaken(number)
    projects = (*consultation.projects, *(_in_languages(one, consultation.languages) for one in kept))
    return import_consultation(session, consultation.model_copy(update={"projects": projects}), by, today)


def _cited(consultation: ConsultationFile) -> tuple[Project, ...]:
    return tuple(one for one in consultation.projects if one.contribution is not None)


def _in_languages(project: Project, languages: Collection[str]) -> Project:
    any_label = next(iter(project.label.values()))
    return project.model_copy(update={"label": {one: project.label.get(one, any_label) for one in languages}})


def save_edited_version(
    session: Session, consultation: ConsultationFile, by: int, on_top_of: int, today: date | None = None
) -> ConsultationVersion:
    """Store what a person edited on a page; ``on_top_of`` is the number of the version it showed, 0 for a new one.

    Raises ``EditedMeanwhile`` and ``AddressTaken``.
    """
    version = current_version(session, consultation.slug)
    if (version.number if version is not None else 0) != on_top_of:
        raise EditedMeanwhile(f"{consultation.slug} is at another version than {on_top_of}")
    made = import_consultation(session, consultation, by, today)
    history.record_event(
        session, f"consultation:{consultation.slug}", "consultation_edited", by, {"version": made.number}
    )
    return made


def versions_of(session: Session, slug: str) -> list[ConsultationVersion]:
    """Every version of a consultation, the newest first."""
    return list(
        session.scalars(
            select(ConsultationVersion)
            .join(Consultation, Consultation.id == ConsultationVersion.consultation_id)
            .where(Consultation.slug == slug)
            .order_by(ConsultationVersion.number.desc())
        )
    )


def was_edited_since(session: Session, consultation: ConsultationFile) -> bool:
    """Whether somebody edited this consultation on the pages after its file was last taken in, which says the same.

    What the file said then has been replaced on purpose: it is not taken in once more until it says something new.
    """
    version = current_version(session, consultation.slug)
    if version is None or version.created_by_id is None:
        return False
    of_files = (
        ConsultationVersion.consultation_id == version.consultation_id,
        ConsultationVersion.created_by_id.is_(None),
    )
    last = session.scalar(
        select(ConsultationVersion).where(*of_files).order_by(ConsultationVersion.number.desc()).limit(1)
    )
    if last is None:
        return False
    stored = as_consultation(last)
    said = {one.contribution for one in consultation.projects}
    of_the_file = tuple(one for one in stored.projects if one.contribution is None or one.contribution in said)
    return stored.model_copy(update={"projects": of_the_file}) == consultation


def has_other_consultations(session: Session, slugs: Collection[str]) -> bool:
    """Whether there are consultations besides these."""
    return session.scalar(select(Consultation.id).where(Consultation.slug.not_in(slugs)).limit(1)) is not None


def _give_addresses(session: Session, row: Consultation, consultation: ConsultationFile, today: date) -> None:
    session.execute(delete(ConsultationAddress).where(ConsultationAddress.consultation_id == row.id))
    for channel, value in consultation.addresses.listed():
        spelled = _spelled(session, channel, value)
        taken = session.scalar(
            select(ConsultationAddress).where(
                ConsultationAddress.channel == channel, ConsultationAddress.value == spelled
            )
        )
        if taken is not None:
            other = session.get_one(Consultation, taken.consultation_id)
            theirs = current_version(session, other.slug)
            if theirs is not None and as_consultation(theirs).closes >= today:
                raise AddressTaken(value, other.slug, row.slug)
            session.delete(taken)
            session.flush()
        session.add(ConsultationAddress(consultation_id=row.id, channel=channel, value=spelled))
    session.flush()


def _spelled(session: Session, channel: Channel, value: str) -> str:
    if channel in (Channel.SMS, Channel.VOICEMAIL):
        # Several numbers can be behind one name, a messaging service: a name is no number.
        return value if value[:1].isalpha() else normalise_for_installation(session, AddressKind.PHONE, value)
    return normalise_for_installation(session, AddressKind.EMAIL, value) if channel is Channel.EMAIL else value


def current_version(session: Session, slug: str) -> ConsultationVersion | None:
    """The version in force of a consultation; None when there is no such consultation."""
    return session.scalar(
        select(ConsultationVersion)
        .join(Consultation, Consultation.id == ConsultationVersion.consultation_id)
        .where(Consultation.slug == slug)
        .order_by(ConsultationVersion.number.desc())
        .limit(1)
    )


def version_for_address(session: Session, channel: Channel, value: str) -> ConsultationVersion | None:
    """The version in force of the consultation that receives at this number, mailbox, folder or centre."""
    return session.scalar(
        select(ConsultationVersion)
        .join(ConsultationAddress, ConsultationAddress.consultation_id == ConsultationVersion.consultation_id)
        .where(ConsultationAddress.channel == channel, ConsultationAddress.value == _spelled(session, channel, value))
        .order_by(ConsultationVersion.number.desc())
        .limit(1)
    )


def current_version_by_id(session: Session, consultation_id: int | None) -> ConsultationVersion | None:
    """The version in force of a consultation, by its id; None when there is no such consultation."""
    return session.scalar(
        select(ConsultationVersion)
        .where(ConsultationVersion.consultation_id == consultation_id)
        .order_by(ConsultationVersion.number.desc())
        .limit(1)
    )


def current_consultation(session: Session, consultation_id: int | None) -> ConsultationFile | None:
    """A consultation as it is asked now, by its id; None when there is no such consultation."""
    version = current_version_by_id(session, consultation_id) if consultation_id is not None else None
    return as_consultation(version) if version is not None else None


class Stored(NamedTuple):
    """A version as it is needed most often."""

    id: int
    consultation_id: int
    consultation: ConsultationFile


_versions = ConsultationVersion.__table__
_STORED = select(_versions.c.consultation_id, _versions.c.digest).where(_versions.c.id == bindparam("version"))


def stored(session: Session, version_id: int | None) -> Stored | None:
    """A version by its id; of one whose content is known here, that is not read again."""
    row = session.connection().execute(_STORED, {"version": version_id}).one_or_none()
    if row is None or version_id is None:
        return None
    known = _validated.get(row.digest) or as_consultation(session.get_one(ConsultationVersion, version_id))
    return Stored(version_id, row.consultation_id, known)


def stored_newest(session: Session, consultation_id: int) -> Stored | None:
    """The version in force of a consultation."""
    ids = select(ConsultationVersion.id).where(ConsultationVersion.consultation_id == consultation_id)
    return stored(session, session.scalar(ids.order_by(ConsultationVersion.number.desc()).limit(1)))


def current_versions_newest_first(session: Session) -> list[ConsultationVersion]:
    """The version in force of every consultation, the one that was made last first."""
    slugs = session.scalars(select(Consultation.slug).order_by(Consultation.id.desc())).all()
    return [version for version in (current_version(session, slug) for slug in slugs) if version is not None]


def current_versions_by_slug(session: Session) -> list[ConsultationVersion]:
    """The version in force of every consultation, by slug."""
    slugs = session.scalars(select(Consultation.slug).order_by(Consultation.slug)).all()
    return [version for version in (current_version(session, slug) for slug in slugs) if version is not None]


def theme_keys(session: Session, consultation_id: int | None) -> set[str]:
    """The keys of every theme a consultation has had in any of its versions."""
    bodies = session.scalars(
        select(ConsultationVersion.body).where(ConsultationVersion.consultation_id == consultation_id)
    )
    return {theme["key"] for body in bodies for theme in body["themes"]}


def consultations_with_theme(session: Session, key: str) -> set[int]:
    """The ids of the consultations that have had a theme of this key in any of their versions."""
    versions = session.execute(select(ConsultationVersion.consultation_id, ConsultationVersion.body))
    return {consultation_id for consultation_id, body in versions if any(t["key"] == key for t in body["themes"])}


def as_consultation(version: ConsultationVersion) -> ConsultationFile:
    """A version as the value it was imported from; validated once for each content, for versions never change."""
    known = _validated.get(version.digest)
    if known is None:
        known = _validated[version.digest] = ConsultationFile.model_validate(version.body)
    return known


_validated: dict[str, ConsultationFile] = {}


def retention_of(version: ConsultationVersion | None) -> Retention:
    """How long what came under a version is kept; the usual periods for what belongs to no consultation."""
    return as_consultation(version).retention if version else Retention()
