"""Speaking an answer: a sound file is handed in, or a code is given to speak it on the telephone."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from channels.providers import registry
from config.wording.digit_groups import group_by_three
from gateway.web.answers.answer_pages import ANSWER
from inbox.answers import answer_preview, answer_recordings
from inbox.answers.drafting import AnswerGone
from inbox.models import Answer
from inbox.storage.unit_of_work import Session
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import allow, require_person

pages = Blueprint("answer_recordings", __name__)

_LARGEST = answer_recordings.LARGEST_MB * 1024 * 1024


@pages.get("/answers/<int:answer_id>/recordings/<language>")
@allow(*ANSWER)
def listen(answer_id: int, language: str) -> Response:
    """What was spoken, as it will be played."""
    with store_of().read() as rows:
        number = answer_recordings.ready_recording(rows, answer_id, language)
        sound = answer_recordings.sound_of(rows, number) if number is not None else None
    if sound is None:
        abort(404)
    response = Response(sound, mimetype=answer_recordings.SOUND_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.post("/answers/<int:answer_id>/recordings/<language>")
@allow(*ANSWER)
def change(answer_id: int, language: str) -> ResponseReturnValue:
    """Hand in a sound file, get a code for the telephone, or take the recording away."""
    person = require_person().id
    try:
        with store_of().write() as session:
            _check(session, answer_id, language)
            match request.form.get("do"):
                case "remove":
                    answer_recordings.delete_recording(session, answer_id, language, person)
                    flash(_("It is read by the synthetic voice again."), "success")
                case "code":
                    _give_code(answer_recordings.issue_code(session, answer_id, language, person))
                case _:
                    _hand_in(session, answer_id, language, person)
    except AnswerGone:
        flash(_("It has left, or was withdrawn: write a new answer instead."), "error")
    return redirect(url_for("answers.show", answer_id=answer_id, _anchor="outcome"))


def _check(session: Session, answer_id: int, language: str) -> None:
    found = session.get(Answer, answer_id)
    said = answer_preview.answer_texts(session, found) if found is not None else None
    languages = said.consultation.languages if said and said.consultation else settings_of().languages
    if found is None or language not in languages:
        abort(404)


def _hand_in(session: Session, answer_id: int, language: str, person: int) -> None:
    file = request.files.get("sound")
    content = file.stream.read(_LARGEST + 1) if file else b""
    if not content:
        flash(_("Choose at least one file."), "error")
    elif len(content) > _LARGEST:
        flash(_("This file is too large: at most %(mb)d MB.", mb=answer_recordings.LARGEST_MB), "error")
    else:
        answer_recordings.save_source(session, answer_id, language, person, content=content)
        flash(_("Handed in. In a moment you can listen to it as it will be heard."), "success")


def _give_code(code: str) -> None:
    number = registry.call_provider(settings_of()).receives
    flash(
        _(
            "Call %(number)s, press 2, then key %(code)s and hash, and speak after the tone. The code holds for half an hour.",  # noqa: E501
            number=number or _("the town's number"),
            code=group_by_three(code),
        ),
        "success",
    )
