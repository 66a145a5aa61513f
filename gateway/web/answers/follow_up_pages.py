"""Results and follow-up of a consultation, and concluding it."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from config.answer_states import FollowUpKind
from config.enums import Role
from inbox.answers import concluding, owed_answers
from inbox.answers.owed_answers import OwedAnswers
from inbox.consultations import consultation_versions
from inbox.errors import InboxError
from inbox.models import FollowUp
from inbox.models.column_types import utc_now
from inbox.storage.unit_of_work import Session
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import allow, require_person
from inbox.web.base.page_language import choose_language
from inbox.web.base.row_ids import number_in
from inbox.web.contributions import answer_labels as labels

pages = Blueprint("follow_ups", __name__, template_folder="../../templates")

PUBLISH = (Role.OFFICIAL, Role.MODERATOR, Role.ADMINISTRATOR)


@pages.get("/results/<slug>")
@allow(*PUBLISH)
def show(slug: str) -> str:
    """What is published of a consultation, what may be added, and whether it can be concluded."""
    with store_of().read() as rows:
        one = _owed(rows, slug)
        return render_template(
            "gateway/follow_ups.html",
            one=one,
            closing=concluding.closing_message_of(rows, one.consultation_id),
            published=concluding.published_follow_ups(rows, one.consultation_id),
            says=labels,
            tongue=choose_language(),
            longest=concluding.LONGEST,
        )


@pages.post("/results/<slug>")
@allow(*PUBLISH)
def publish(slug: str) -> ResponseReturnValue:
    """Publish results or a follow-up, take one off, conclude the consultation, or take that back."""
    person = require_person().id
    try:
        with store_of().write() as session:
            one = _owed(session, slug)
            match request.form.get("do"):
                case "publish":
                    _publish(session, one, person)
                    flash(_("It stands on the public page."), "success")
                case "withdraw":
                    _withdraw(session, one, person)
                    flash(_("It is taken off the public page."), "success")
                case "conclude":
                    today = utc_now().astimezone(settings_of().zone).date()
                    concluding.conclude_consultation(session, one.consultation_id, one.consultation, person, today)
                    flash(_("The consultation is concluded."), "success")
                case "closing":
                    today = utc_now().astimezone(settings_of().zone).date()
                    made = concluding.draft_closing_message(
                        session, one.consultation_id, one.consultation, person, require_person().sight, today
                    )
                    return redirect(url_for("answers.show", answer_id=made))
                case "reopen":
                    concluding.reopen_consultation(session, one.consultation_id, person)
                    flash(_("The conclusion is taken back."), "success")
                case _:
                    abort(400)
    except InboxError as error:
        flash(_told(error), "error")
    return redirect(url_for("follow_ups.show", slug=slug, _anchor="outcome"))


def _publish(session: Session, one: OwedAnswers, person: int) -> None:
    words = {language: request.form.get(f"words-{language}", "") for language in one.consultation.languages}
    kind = request.form.get("kind", "")
    concluding.publish_follow_up(
        session,
        one.consultation_id,
        FollowUpKind(kind) if kind in set(FollowUpKind) else FollowUpKind.FOLLOW_UP,
        words,
        person,
    )


def _withdraw(session: Session, one: OwedAnswers, person: int) -> None:
    number = number_in(request.form, "follow_up")
    found = session.get(FollowUp, number) if number is not None else None
    if found is None or found.consultation_id != one.consultation_id:
        abort(404)
    concluding.withdraw_follow_up(session, found.id, person)


def _owed(session: Session, slug: str) -> OwedAnswers:
    version = consultation_versions.current_version(session, slug)
    if version is None:
        abort(404)
    today = utc_now().astimezone(settings_of().zone).date()
    return owed_answers.owed_answers_of(
        session, version.consultation_id, consultation_versions.as_consultation(version), today
    )


def _told(error: InboxError) -> str:
    told = {
        concluding.NothingPublished: _(
            "Publish the results first: a consultation is concluded when people can read what came of it."
        ),
        concluding.StillOpen: _("It still listens: it can be concluded once it has closed."),
        concluding.NothingToPublish: _("Write what is to be published."),
    }
    return str(told.get(type(error), _("Something went wrong on our side")))
