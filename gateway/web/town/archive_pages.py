"""The archive of a concluded consultation: what lies there, moved there, brought back."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from config.enums import Role
from gateway.web.town.errand_words import ShownErrand, shown_errand
from inbox.administration import errands
from inbox.administration.errands import ErrandKind
from inbox.consultations import archives, consultation_versions
from inbox.web.administration.consultation_pages import current_version_or_404, today
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import allow, require_person

blueprint = Blueprint("archives", __name__, template_folder="../../templates")

_KINDS = (ErrandKind.ARCHIVE, ErrandKind.UNARCHIVE)


@blueprint.get("/settings/consultations/<slug>/archive")
@allow(Role.ADMINISTRATOR)
def show(slug: str) -> ResponseReturnValue:
    """What lies there, and whether it can be moved."""
    with store_of().read() as session:
        version = current_version_or_404(session, slug)
        held = archives.archive_summary(session, version.consultation_id)
        is_left = archives.is_anything_left(session, version.consultation_id)
        waiting = archives.undecided(session, version.consultation_id)
        asked = [one for kind in _KINDS for one in errands.newest_errands(session, kind, slug)[:1]]
        consultation = consultation_versions.as_consultation(version)
    newest = max(asked, key=lambda one: one.id, default=None)
    moving: ShownErrand | None = shown_errand(newest) if newest else None
    return render_template(
        "gateway/town/archive.html",
        slug=slug,
        one=consultation,
        held=held,
        is_left=is_left,
        waiting=waiting,
        moving=moving,
        is_closed=consultation.state_on(today()) == "closed",
    )


@blueprint.post("/settings/consultations/<slug>/archive")
@allow(Role.ADMINISTRATOR, confirmed=True)
def archive(slug: str) -> ResponseReturnValue:
    """Have it moved there; everything goes on meanwhile."""
    return _ask(ErrandKind.ARCHIVE, slug)


@blueprint.post("/settings/consultations/<slug>/unarchive")
@allow(Role.ADMINISTRATOR)
def unarchive(slug: str) -> ResponseReturnValue:
    """Have it brought back."""
    return _ask(ErrandKind.UNARCHIVE, slug)


def _ask(kind: ErrandKind, slug: str) -> ResponseReturnValue:
    with store_of().write() as session:
        current_version_or_404(session, slug)
        errands.request_errand(session, kind, about=slug, by=require_person().id)
    return redirect(url_for("archives.show", slug=slug, _anchor="outcome"))
