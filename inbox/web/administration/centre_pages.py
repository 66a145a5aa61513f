"""Neighbourhood centres, by their names as people write them: « La Boissière »."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.enums import Role
from inbox.consultations import consultation_versions
from inbox.contributions.optimistic_locking import NotThere
from inbox.models import Centre, Person
from inbox.records import history
from inbox.web.administration.consultation_values import free_slug
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import allow, require_person

pages = Blueprint("centres", __name__)

LONGEST = 128


@pages.get("/settings/centres")
@allow(Role.ADMINISTRATOR)
def index() -> ResponseReturnValue:
    """Every centre, how many people sign in for it, and for which consultations it collects."""
    return _page("", {})


@pages.post("/settings/centres")
@allow(Role.ADMINISTRATOR)
def add() -> ResponseReturnValue:
    """Add a centre."""
    name = _named("name")
    with store_of().write() as session:
        problem = _problem(session, name, None)
        if not problem:
            slug = free_slug(name, session.scalars(select(Centre.slug)).all())
            session.add(Centre(slug=slug, name=name))
            history.record_event(session, f"centre:{slug}", "centre_added", require_person().id)
    if problem:
        return _page(name, {0: problem}), 422
    flash(_("%(name)s is there. Give it to a consultation, so that its forms are counted there.", name=name), "success")
    return redirect(url_for("centres.index", _anchor="outcome"))


@pages.post("/settings/centres/<int:centre_id>")
@allow(Role.ADMINISTRATOR)
def rename(centre_id: int) -> ResponseReturnValue:
    """Correct a centre's name; everything that belongs to it stays with it."""
    name = _named("name")
    with store_of().write() as session:
        centre = session.get(Centre, centre_id)
        if centre is None:
            raise NotThere(f"centre {centre_id}")
        problem = _problem(session, name, centre_id)
        if not problem:
            centre.name = name
            history.record_event(session, f"centre:{centre.slug}", "centre_renamed", require_person().id)
    if problem:
        return _page("", {centre_id: problem}), 422
    flash(_("The name is changed."), "success")
    return redirect(url_for("centres.index", _anchor="outcome"))


def _named(field: str) -> str:
    return " ".join(request.form.get(field, "").split())


def _problem(session: Session, name: str, centre_id: int | None) -> str:
    if not name:
        return str(_("Write the centre’s name."))
    if len(name) > LONGEST:
        return str(_("This name is too long."))
    folded = name.casefold()
    for other_id, other in session.execute(select(Centre.id, Centre.name)):
        if other_id != centre_id and other.casefold() == folded:
            return str(_("There is a centre of this name already."))
    return ""


def _page(typed: str, problems: dict[int, str]) -> str:
    with store_of().read() as session:
        centres = session.execute(select(Centre.id, Centre.slug, Centre.name).order_by(Centre.name)).all()
        people = dict(
            session.execute(
                select(Person.centre_id, func.count())
                .where(Person.active, Person.centre_id.is_not(None))
                .group_by(Person.centre_id)
            ).all()
        )
        collects: dict[str, list[str]] = {}
        for version in consultation_versions.current_versions_by_slug(session):
            consultation = consultation_versions.as_consultation(version)
            for slug in consultation.addresses.centres:
                collects.setdefault(slug, []).append(consultation.title[consultation.language])
    return render_template(
        "administration/centres.html",
        centres=centres,
        people=people,
        collects=collects,
        typed=typed,
        problems=problems,
    )
