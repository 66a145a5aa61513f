"""The passages that are put into answers at a key: written, changed and taken away."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from gateway.web.answers.answer_pages import ANSWER
from inbox.answers import canned_passages
from inbox.answers.canned_passages import NothingInPassage
from inbox.consultations import consultation_versions
from inbox.models import Consultation
from inbox.storage.unit_of_work import Session
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import allow, require_person
from inbox.web.base.page_language import choose_language
from inbox.web.base.row_ids import number_in

pages = Blueprint("passages", __name__, template_folder="../../templates")


@pages.get("/answers/passages")
@allow(*ANSWER)
def index() -> str:
    """The passages there are; one of them to be changed, or a new one to be written."""
    wanted = number_in(request.args, "passage")
    with store_of().read() as rows:
        known = canned_passages.list_passages(rows)
        return render_template(
            "gateway/passages.html",
            passages=known,
            titles=_titles(rows),
            edited=next((one for one in known if one.id == wanted), None),
            tongues=settings_of().languages,
            longest=canned_passages.LONGEST,
            longest_name=canned_passages.LONGEST_NAME,
        )


@pages.post("/answers/passages")
@allow(*ANSWER)
def change() -> ResponseReturnValue:
    """Save one, or take one away."""
    number, person = number_in(request.form, "passage"), require_person().id
    try:
        with store_of().write() as session:
            if request.form.get("do") == "remove" and number is not None:
                canned_passages.remove_passage(session, number, person)
                flash(_("It is offered no more. Answers that hold it stay as they are."), "success")
            else:
                _save(session, number, person)
                flash(_("Saved. It can be put into any answer that is being written."), "success")
    except NothingInPassage:
        flash(_("Give it a name, and words in one language at least."), "error")
    return redirect(url_for("passages.index", _anchor="outcome"))


def _save(session: Session, number: int | None, person: int) -> None:
    words = {language: request.form.get(f"words-{language}", "") for language in settings_of().languages}
    consultation_id = number_in(request.form, "consultation")
    known = session.get(Consultation, consultation_id) if consultation_id is not None else None
    canned_passages.save_passage(
        session, known.id if known else None, request.form.get("name", ""), words, person, number
    )


def _titles(session: Session) -> dict[int, str]:
    """The consultations by their numbers, as the reader calls them."""
    found = {}
    for version in consultation_versions.current_versions_by_slug(session):
        asked = consultation_versions.as_consultation(version)
        found[version.consultation_id] = asked.title.get(choose_language()) or asked.title[asked.language]
    return found
