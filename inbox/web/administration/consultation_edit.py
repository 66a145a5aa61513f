"""Editing a consultation: everything but its themes and the texts residents get, on one page with one button."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from config.enums import Answers, Role
from config.wording.consultation import BadConsultation, Consultation, consultation_of
from inbox.consultations import consultation_versions
from inbox.consultations.consultation_versions import AddressTaken, EditedMeanwhile
from inbox.models import Centre
from inbox.web.administration import consultation_values
from inbox.web.administration.consultation_pages import read_current_version, today
from inbox.web.administration.problem_messages import problems_by_field
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import allow, require_person
from inbox.web.base.page_language import LANGUAGES

pages = Blueprint("consultation_edit", __name__)


@pages.get("/settings/consultations/<slug>/edit")
@allow(Role.ADMINISTRATOR)
def form(slug: str) -> ResponseReturnValue:
    """The page, filled with the version in force."""
    version = read_current_version(slug)
    return _page(slug, version.one.model_dump(mode="json"), version.number, {})


@pages.post("/settings/consultations/<slug>/edit")
@allow(Role.ADMINISTRATOR)
def save(slug: str) -> ResponseReturnValue:
    """Keep what was typed as a new version, or show it again with what is wrong beside each box."""
    version = read_current_version(slug)
    shown = request.form.get("version", 0, type=int)
    table = consultation_values.edited_table(request.form, version.one.model_dump(mode="json"), settings_of().region)
    try:
        save_edited_consultation(consultation_of(table), shown)
    except BadConsultation as bad:
        return _page(slug, table, shown, problems_by_field((loc, words) for loc, _value, words in bad.problems)), 422
    except AddressTaken as taken:
        words = _("%(address)s belongs to another consultation that is open.", address=taken.value)
        return _page(slug, table, shown, {"addresses": words}), 422
    except EditedMeanwhile:
        flash(_("Somebody else has changed it meanwhile: what you typed is still here. Compare, then save."), "warning")
        return _page(slug, table, version.number, {}), 409
    flash(_("Saved as a new version."), "success")
    return redirect(url_for("consultations.show", slug=slug))


def save_edited_consultation(consultation: Consultation, on_top_of: int) -> None:
    """Store what the person of this request edited; raises ``AddressTaken`` and ``EditedMeanwhile``."""
    with store_of().write() as session:
        consultation_versions.save_edited_version(session, consultation, require_person().id, on_top_of, today())


def _page(slug: str, table: Mapping[str, Any], number: int, problems: Mapping[str, str]) -> str:
    with store_of().read() as session:
        centres = session.execute(select(Centre.slug, Centre.name).order_by(Centre.name)).all()
    spoken = [str(one) for one in table.get("languages", ())]
    return render_template(
        "administration/consultation_edit.html",
        slug=slug,
        table=table,
        version=number,
        problems=problems,
        centres=centres,
        languages_offered=list(dict.fromkeys([*spoken, *LANGUAGES])),
        answers=[answer.value for answer in Answers],
    )
