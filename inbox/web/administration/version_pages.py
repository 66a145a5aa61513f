"""The versions of a consultation with their differences, and a consultation as a file, out and in."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from config.enums import Role
from config.wording.consultation import ConsultationError, read_consultation
from config.wording.consultation_writing import consultation_as_toml
from inbox.consultations import consultation_versions
from inbox.consultations.consultation_versions import AddressTaken, NumberTaken
from inbox.models import Person
from inbox.web.administration.consultation_pages import (
    current_version_or_404,
    read_current_version,
    shown_version,
    today,
)
from inbox.web.administration.version_differences import differences
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import allow, require_person

pages = Blueprint("consultation_versions", __name__)

LARGEST_FILE = 2_000_000
"""Bytes of a consultation file that is taken in."""


@pages.get("/settings/consultations/<slug>/versions")
@allow(Role.ADMINISTRATOR)
def index(slug: str) -> ResponseReturnValue:
    """Every version, each with what it changed."""
    with store_of().read() as session:
        current_version_or_404(session, slug)
        versions = [shown_version(version) for version in consultation_versions.versions_of(session, slug)]
        names = dict(session.execute(select(Person.id, Person.name)).all())
    bodies = [*(version.body for version in versions[1:]), None]
    shown = [
        (version, names.get(version.by or 0), differences(before, version.body) if before else None)
        for version, before in zip(versions, bodies, strict=True)
    ]
    return render_template("administration/versions.html", slug=slug, shown=shown)


@pages.get("/settings/consultations/<slug>/consultation.toml")
@allow(Role.ADMINISTRATOR)
def export(slug: str) -> ResponseReturnValue:
    """The version in force as a consultation file."""
    text = consultation_as_toml(read_current_version(slug).one)
    headers = {"Content-Disposition": f'attachment; filename="{slug}.toml"'}
    return Response(text, mimetype="application/toml", headers=headers)


@pages.get("/settings/consultations/import")
@allow(Role.ADMINISTRATOR)
def import_form() -> ResponseReturnValue:
    """Where a consultation file is handed in."""
    return render_template("administration/consultation_import.html", problems=())


@pages.post("/settings/consultations/import")
@allow(Role.ADMINISTRATOR)
def take_in() -> ResponseReturnValue:
    """Take a consultation file in as a new version, or say what is wrong in which line."""
    file = request.files.get("file")
    content = file.stream.read(LARGEST_FILE + 1) if file else b""
    problems: tuple[str, ...] = ()
    if not content:
        problems = (_("Choose at least one file."),)
    elif len(content) > LARGEST_FILE:
        problems = (_("This is too large"),)
    if not problems:
        try:
            consultation = read_consultation(content)
            with store_of().write() as session:
                by = require_person().id
                version = consultation_versions.import_file(session, consultation, by, today())
        except ConsultationError as error:
            problems = error.problems
        except AddressTaken as taken:
            problems = (_("%(address)s belongs to another consultation that is open.", address=taken.value),)
        except NumberTaken as taken:
            problems = (
                _("The number %(number)s is that of a published opinion: choose another.", number=taken.number),
            )
        else:
            flash(_("The file is taken in: version %(number)s.", number=version.number), "success")
            return redirect(url_for("consultations.show", slug=consultation.slug))
    return render_template("administration/consultation_import.html", problems=problems), 422
