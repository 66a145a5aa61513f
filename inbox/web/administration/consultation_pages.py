"""Consultations: the list, a new one, one at a glance, opened and closed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.enums import Role
from config.settings.schema import PACKAGED_CONSULTATIONS
from config.wording.consultation import BadConsultation, Consultation, consultation_of, read_consultation
from inbox.consultations import consultation_versions
from inbox.consultations.consultation_versions import AddressTaken, EditedMeanwhile
from inbox.models import Centre, ConsultationVersion, Intake
from inbox.web.administration import consultation_values
from inbox.web.administration.problem_messages import problems_by_field
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import allow, require_person

pages = Blueprint("consultations", __name__)

NEW_BY_LANGUAGE = consultation_values.BY_LANGUAGE
NEW_PLAIN = ("contact_phone", "controller", "dpo")
_FROM_EXAMPLE = ("themes", "retention", "form")


def today() -> date:
    """The day on the town's calendar."""
    return datetime.now(settings_of().zone).date()


def current_version_or_404(session: Session, slug: str) -> ConsultationVersion:
    """The version in force, or 404."""
    version = consultation_versions.current_version(session, slug)
    if version is None:
        abort(404)
    return version


@dataclass(frozen=True)
class ShownVersion:
    """A version apart from any database session."""

    number: int
    created_at: datetime
    by: int | None
    one: Consultation
    body: Mapping[str, Any]


def shown_version(version: ConsultationVersion) -> ShownVersion:
    """A version as pages show it."""
    consultation = consultation_versions.as_consultation(version)
    return ShownVersion(version.number, version.created_at, version.created_by_id, consultation, version.body)


def read_current_version(slug: str) -> ShownVersion:
    """The version in force as pages show it, or 404."""
    with store_of().read() as session:
        return shown_version(current_version_or_404(session, slug))


def example_consultation() -> Consultation:
    """The example that comes along."""
    return read_consultation(sorted(PACKAGED_CONSULTATIONS.glob("*.toml"))[0])


@pages.get("/settings/consultations")
@allow(Role.ADMINISTRATOR)
def index() -> ResponseReturnValue:
    """Every consultation, the newest first."""
    with store_of().read() as session:
        shown = [shown_version(version) for version in _newest_first(session)]
    return render_template("administration/consultations.html", shown=shown, today=today())


def _newest_first(session: Session) -> list[ConsultationVersion]:
    versions = consultation_versions.current_versions_by_slug(session)
    return sorted(versions, key=lambda version: version.consultation_id, reverse=True)


@pages.get("/settings/consultations/new")
@allow(Role.ADMINISTRATOR)
def new() -> ResponseReturnValue:
    """The page for a new consultation: what residents are asked, from when to when, and who answers for it."""
    settings = settings_of()
    opens = today()
    table = {
        "contact_phone": settings.contact_phone,
        "controller": settings.controller,
        "dpo": settings.data_protection,
        "opens": opens.isoformat(),
        "closes": (opens + timedelta(days=42)).isoformat(),
    }
    return render_template("administration/consultation_new.html", table=table, problems={}, spoken=settings.language)


@pages.post("/settings/consultations/new")
@allow(Role.ADMINISTRATOR)
def create() -> ResponseReturnValue:
    """Make it, with the example's themes to begin with."""
    settings, came_along = settings_of(), example_consultation()
    table = _begun(settings.language)
    try:
        consultation = consultation_of(table)
        with store_of().write() as session:
            slugs = [version.consultation.slug for version in consultation_versions.current_versions_by_slug(session)]
            slug = consultation_values.free_slug(consultation.title[settings.language], slugs)
            consultation = consultation.model_copy(update={"slug": slug})
            _retire(session, came_along)
            consultation_versions.save_edited_version(
                session, consultation, require_person().id, on_top_of=0, today=today()
            )
    except BadConsultation as bad:
        problems = problems_by_field((loc, message) for loc, _value, message in bad.problems)
        page = render_template(
            "administration/consultation_new.html", table=table, problems=problems, spoken=settings.language
        )
        return page, 422
    flash(_("The consultation is there. Look at what residents hear and read, and give it its addresses."), "success")
    return redirect(url_for("consultations.show", slug=slug))


def _begun(language: str) -> dict[str, Any]:
    """What was typed for a new one, over what it takes from the example."""
    settings, kept = settings_of(), example_consultation().model_dump(mode="json")
    table: dict[str, Any] = {name: kept[name] for name in _FROM_EXAMPLE}
    table |= {"slug": "new", "town": settings.town, "town_name": settings.town_name, "languages": [language]}
    for name in NEW_BY_LANGUAGE:
        words = request.form.get(f"{name}.{language}", "").strip()
        table[name] = {language: words} if words else {}
    for name in (*NEW_PLAIN, "opens", "closes"):
        table[name] = request.form.get(name, "").strip()
    return table


def _retire(session: Session, ours: Consultation) -> None:
    """Close the example that came along, unless something arrived for it or somebody has changed it."""
    version = consultation_versions.current_version(session, ours.slug)
    if version is None or version.created_by_id is not None or consultation_versions.as_consultation(version) != ours:
        return
    versions = [one.id for one in consultation_versions.versions_of(session, ours.slug)]
    if session.scalar(select(Intake.id).where(Intake.consultation_version_id.in_(versions)).limit(1)) is None:
        _end(session, version)


def _end(session: Session, version: ConsultationVersion) -> None:
    consultation = consultation_versions.as_consultation(version)
    yesterday = today() - timedelta(days=1)
    ended = consultation.model_copy(update={"opens": min(consultation.opens, yesterday), "closes": yesterday})
    person = require_person().id
    consultation_versions.save_edited_version(session, ended, person, on_top_of=version.number, today=today())


@pages.get("/settings/consultations/<slug>")
@allow(Role.ADMINISTRATOR)
def show(slug: str) -> ResponseReturnValue:
    """One consultation at a glance, and where each part of it is changed."""
    with store_of().read() as session:
        version = shown_version(current_version_or_404(session, slug))
        centres = _named(session, version.one.addresses.centres)
    return render_template(
        "administration/consultation.html",
        slug=slug,
        version=version,
        one=version.one,
        centres=centres,
        today=today(),
    )


def _named(session: Session, slugs: tuple[str, ...]) -> list[str]:
    names: Mapping[str, str] = dict(session.execute(select(Centre.slug, Centre.name)).all())
    return [names.get(slug, slug) for slug in slugs]


@pages.post("/settings/consultations/<slug>/open")
@allow(Role.ADMINISTRATOR)
def open_now(slug: str) -> ResponseReturnValue:
    """Open it today, until the day that was given."""
    return _moved(slug, opening=True)


@pages.post("/settings/consultations/<slug>/close")
@allow(Role.ADMINISTRATOR)
def close_now(slug: str) -> ResponseReturnValue:
    """Close it: what still arrives is kept, and counted apart."""
    return _moved(slug, opening=False)


def _moved(slug: str, *, opening: bool) -> ResponseReturnValue:
    try:
        with store_of().write() as session:
            version = current_version_or_404(session, slug)
            if opening:
                _begin(session, version, request.form.get("closes", "").strip())
            else:
                _end(session, version)
    except BadConsultation as bad:
        flash(" ".join(problems_by_field((loc, words) for loc, _value, words in bad.problems).values()), "error")
    except AddressTaken as taken:
        flash(_("%(address)s belongs to another consultation that is open.", address=taken.value), "error")
    except EditedMeanwhile:
        flash(_("Somebody else has changed it meanwhile. Look at it, then decide again."), "error")
    else:
        flash(_("It is open.") if opening else _("It is closed."), "success")
    return redirect(url_for("consultations.show", slug=slug, _anchor="outcome"))


def _begin(session: Session, version: ConsultationVersion, closes: str) -> None:
    consultation = consultation_versions.as_consultation(version)
    table = consultation.model_dump(mode="json")
    table["opens"] = min(consultation.opens, today()).isoformat()
    table["closes"] = closes or table["closes"]
    reopened = consultation_of(table)
    if reopened.closes < today():
        raise BadConsultation([(("closes",), "", "is before opens (" + today().isoformat() + "); correct one of them")])
    person = require_person().id
    consultation_versions.save_edited_version(session, reopened, person, on_top_of=version.number, today=today())
