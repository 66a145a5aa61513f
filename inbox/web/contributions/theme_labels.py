"""Themes as the pages name them: a theme's key becomes its label in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.enums import TagSource
from config.wording.consultation import Consultation as ConsultationFile
from inbox.consultations import consultation_versions
from inbox.models import ConsultationVersion, Person, Tag


@dataclass(frozen=True, slots=True)
class ShownTheme:
    """A theme on a contribution, who put it and why."""

    name: str
    label: str
    confirmed: bool
    why: str


def title_of(version: ConsultationVersion, language: str) -> str:
    """What a consultation is called."""
    consultation = consultation_versions.as_consultation(version)
    return consultation.title.get(language) or consultation.title[consultation.language]


def theme_label(key: str, consultation: ConsultationFile | None, language: str) -> str:
    """What a theme is called; a free word is its own name."""
    theme = consultation.theme(key) if consultation else None
    if theme is None or consultation is None:
        return key
    return theme.label.get(language) or theme.label[consultation.language]


def all_labels(session: Session, language: str) -> dict[str, str]:
    """The label of every theme of every consultation, by key."""
    found = {}
    for version in consultation_versions.current_versions_by_slug(session):
        consultation = consultation_versions.as_consultation(version)
        for theme in consultation.themes:
            found[theme.key] = theme_label(theme.key, consultation, language)
    return found


def shown_themes(
    tags: Iterable[Tag], consultation: ConsultationFile | None, language: str, names: Mapping[int, str]
) -> tuple[ShownTheme, ...]:
    """The themes that stand on a contribution, the removed ones left out."""
    return tuple(
        ShownTheme(tag.name, theme_label(tag.name, consultation, language), tag.confirmed, _why(tag, names))
        for tag in tags
        if not tag.removed
    )


def _why(tag: Tag, names: Mapping[int, str]) -> str:
    person = names.get(tag.person_id or 0, "")
    if tag.source is TagSource.PERSON:
        return str(_("put by %(name)s", name=person) if person else _("put by a person"))
    because = tag.because.replace(",", ", ").replace(",  ", ", ")
    why = str(_("because of: %(words)s", words=because) if because else _("suggested by a machine"))
    if tag.confirmed and person:
        return str(_("%(why)s; kept by %(name)s", why=why, name=person))
    return why


def names_behind(session: Session, tags: Iterable[Tag]) -> dict[int, str]:
    """The names of the people who put or kept these tags."""
    ids = {tag.person_id for tag in tags if tag.person_id is not None}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    return {row.id: row.name for row in rows}
