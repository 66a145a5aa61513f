"""Published contributions that residents can support, each by a number of its own among the consultation's projects.

They are projects of the consultation that cite a contribution: voices for them are given, sealed, changed, taken back
and counted like all others. What a project says of one is never its words: those are read where it is shown, as long
as it is published.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from config.enums import Moderation
from config.wording.consultation import Consultation as ConsultationFile
from config.wording.projects import MOST_PROJECTS, Project
from inbox.consultations import consultation_versions
from inbox.errors import InboxError
from inbox.models import Contribution
from inbox.records import history

FIRST, LAST = 100, 999
"""Numbers of contributions begin where those of few projects end."""
_LABELS = {"fr": "L’avis d’une personne, publié", "en": "A published opinion"}


class CannotBeSupported(InboxError):
    """A contribution that is not published, or whose consultation has no number left."""

    remedy = "Publish it first; a consultation has room for two hundred projects."


def offer_for_support(session: Session, contribution_id: int, by: int) -> int:
    """Let residents support a published contribution; its number, the one it has where it was offered before."""
    contribution = session.get_one(Contribution, contribution_id)
    asked = consultation_versions.current_consultation(session, contribution.consultation_id)
    if asked is None or contribution.moderation is not Moderation.PUBLISHED or contribution.erased_at is not None:
        raise CannotBeSupported(f"contribution {contribution_id} is not published")
    known = number_of(asked, contribution_id)
    if known is not None:
        return known
    taken = {project.number for project in asked.projects}
    number = next((one for one in range(FIRST, LAST + 1) if one not in taken), None)
    if number is None or len(asked.projects) >= MOST_PROJECTS:
        raise CannotBeSupported(f"consultation {asked.slug} has no number left")
    label = {one: f"{_LABELS.get(one, _LABELS['en'])} ({number})" for one in asked.languages}
    project = Project(number=number, label=label, contribution=contribution_id)
    _replace(session, asked, (*asked.projects, project), by)
    history.record_event(session, f"contribution:{contribution_id}", "offered_for_support", by, {"number": number})
    return number


def withdraw_from_support(session: Session, contribution_id: int, by: int) -> None:
    """Take it off the list: voices that were given to it are not counted."""
    consultation_id = session.get_one(Contribution, contribution_id).consultation_id
    asked = consultation_versions.current_consultation(session, consultation_id)
    if asked is None or number_of(asked, contribution_id) is None:
        return
    _replace(session, asked, tuple(one for one in asked.projects if one.contribution != contribution_id), by)
    history.record_event(session, f"contribution:{contribution_id}", "withdrawn_from_support", by)


def number_of(asked: ConsultationFile, contribution_id: int) -> int | None:
    """By which number a contribution is supported, if it is."""
    return next((one.number for one in asked.projects if one.contribution == contribution_id), None)


def support_number(session: Session, contribution: Contribution) -> int | None:
    """The same by the consultation as it stands."""
    asked = consultation_versions.current_consultation(session, contribution.consultation_id)
    return number_of(asked, contribution.id) if asked is not None else None


def takes_voices(session: Session, project: Project) -> bool:
    """Whether a project can be supported now: one that cites a contribution, as long as that is published."""
    if project.contribution is None:
        return True
    found = session.get(Contribution, project.contribution)
    return found is not None and found.erased_at is None and found.moderation is Moderation.PUBLISHED


def _replace(session: Session, asked: ConsultationFile, projects: tuple[Project, ...], by: int) -> None:
    consultation_versions.import_consultation(session, asked.model_copy(update={"projects": projects}), by)
