"""Answering: whom, with which words, what it will cost, and letting it leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.datastructures import MultiDict

from channels.providers import registry
from config.answer_states import AnswerState, Outcome
from config.enums import Role
from gateway.receipts.compose_receipt import reply_number
from gateway.web.answers.answer_view import AnswerView, answer_view_of, list_answers
from inbox.answers import canned_passages, drafting, owed_answers
from inbox.answers.drafting import AnswerContent
from inbox.answers.selection import (
    RecipientSelection,
    SeveralConsultations,
    count_selected,
    selected_consultation,
)
from inbox.consultations import consultation_versions
from inbox.errors import InboxError
from inbox.models import Answer, CannedPassage
from inbox.models.column_types import utc_now
from inbox.storage.unit_of_work import Session
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import allow, require_person
from inbox.web.base.page_language import choose_language
from inbox.web.base.row_ids import number_in
from inbox.web.contributions import answer_labels as labels
from inbox.web.contributions.list_query import ListQuery

pages = Blueprint("answers", __name__, template_folder="../../templates")

ANSWER = (Role.MODERATOR, Role.OFFICIAL, Role.ADMINISTRATOR)
"""Who answers, and who approves what another has written."""


@pages.get("/answers")
@allow(*ANSWER)
def index() -> str:
    """What is owed, and the answers there are, the newest first."""
    with store_of().read() as rows:
        waiting = owed_answers.list_owed_answers(rows, utc_now().astimezone(settings_of().zone).date())
        found = list_answers(rows, before=number_in(request.args, "before"))
    return render_template("gateway/answers.html", owed=waiting, answers=found, says=labels, tongue=choose_language())


@pages.route("/answers/new", methods=["GET", "POST"])
@allow(*ANSWER)
def begin() -> ResponseReturnValue:
    """Say whom the answer is for; a draft begins."""
    chosen, sight = _chosen(request.values), require_person().sight
    try:
        if request.method == "GET":
            with store_of().read() as rows:
                size = count_selected(rows, chosen, sight)
                if size.count:
                    selected_consultation(rows, chosen, sight, size)
            if size.count:
                values = _flat(request.values)
                return render_template("gateway/answer_new.html", count=size.count, values=values, chosen=chosen)
        else:
            with store_of().write() as session:
                meant = AnswerContent({}, is_general=not chosen.is_single)
                answer_id = drafting.create_draft(session, chosen, meant, require_person().id, sight).id
            return redirect(url_for("answers.show", answer_id=answer_id))
    except SeveralConsultations:
        flash(_("These belong to several consultations, or to none. Choose one in the list, then answer."), "error")
        return redirect(url_for("contributions.index", **_query(request.values)))
    flash(_("Nobody is left to answer here: all of these have an answer already."), "warning")
    return redirect(url_for("answers.index"))


@pages.get("/answers/<int:answer_id>")
@allow(*ANSWER)
def show(answer_id: int) -> str:
    """One answer: a draft with what it would do, or what became of it."""
    return _page(answer_id)


@pages.post("/answers/<int:answer_id>")
@allow(*ANSWER)
def save(answer_id: int) -> ResponseReturnValue:
    """Save the words; with « send », let it leave, if the page showed just what is now saved."""
    try:
        with store_of().write() as session:
            answer = _answer(session, answer_id)
            before = (
                dict(drafting.current_wording(session, answer).words),
                answer.is_general,
                answer.outcome,
                answer.tells,
            )
            meant = _with_passage(session, _meant(session, answer))
            revision = number_in(request.form, "revision") or -1
            drafting.update_draft(session, answer_id, meant, require_person().id, revision)
            after = (
                dict(drafting.current_wording(session, answer).words),
                answer.is_general,
                answer.outcome,
                answer.tells,
            )
            if "send" in request.form and before == after:
                state = drafting.submit_answer(session, answer_id, require_person().id, answer.revision, _wait())
                flash(_sent(state), "success")
            elif "send" in request.form:
                flash(_("What you changed is saved. Look at what will leave, then send it."), "warning")
            else:
                flash(_("Saved. Nothing has left yet."), "success")
    except InboxError as error:
        flash(_told(error), "error")
    return redirect(url_for("answers.show", answer_id=answer_id, _anchor="outcome"))


@pages.post("/answers/<int:answer_id>/<any(approve, back, withdraw):step>")
@allow(*ANSWER)
def act(answer_id: int, step: str) -> ResponseReturnValue:
    """Approve it, send it back to its author, or stop it."""
    person, revision = require_person().id, number_in(request.form, "revision") or -1
    try:
        with store_of().write() as session:
            _answer(session, answer_id)
            if step == "approve":
                drafting.approve_answer(session, answer_id, person, revision, _wait())
                flash(_sent(AnswerState.LEAVING), "success")
            elif step == "back":
                drafting.return_to_draft(session, answer_id, person, revision)
                flash(_("It is a draft again."), "success")
            else:
                spared = drafting.withdraw_answer(session, answer_id, person)
                flash(_withdrawn(spared), "success")
    except InboxError as error:
        flash(_told(error), "error")
    return redirect(url_for("answers.show", answer_id=answer_id, _anchor="outcome"))


# --- inside -------------------------------------------------------------------------------------


def _page(answer_id: int) -> str:
    with store_of().read() as rows:
        answer = _answer(rows, answer_id)
        after = number_in(request.args, "after") or 0
        shown: AnswerView = answer_view_of(
            rows, settings_of(), answer, partial(reply_number, settings_of()), choose_language(), after
        )
    return render_template(
        "gateway/answer.html",
        answer=shown,
        says=labels,
        longest=drafting.LONGEST,
        may_dictate=registry.call_provider(settings_of()).configured,
        may_approve=require_person().id not in shown.authors,
        wait=settings_of().texting.answer_wait_minutes,
    )


def _answer(session: Session, answer_id: int) -> Answer:
    found = session.get(Answer, answer_id)
    if found is None:
        abort(404)
    return found


def _chosen(values: MultiDict[str, str]) -> RecipientSelection:
    """Whom an address asks to answer: ticked ones, or the search of the list."""
    again = values.get("again") == "1"
    ticked = tuple(sorted({int(one) for one in values.getlist("id") if one.isdecimal() and len(one) < 10}))
    if ticked:
        return RecipientSelection(numbers=ticked, again=again)
    wanted = ListQuery.from_query(values, require_person().sight).filter()
    return RecipientSelection(
        channel=wanted.channel,
        moderation=wanted.moderation,
        theme=wanted.theme,
        consultation=wanted.consultation,
        text=wanted.text,
        again=again,
    )


def _query(values: MultiDict[str, str]) -> dict[str, Any]:
    return ListQuery.from_query(values, require_person().sight).query()


def _flat(values: MultiDict[str, str]) -> list[tuple[str, str]]:
    kept = ("id", "view", "q", "channel", "theme", "consultation")
    return [(name, value) for name in kept for value in values.getlist(name)]


def _meant(session: Session, answer: Answer) -> AnswerContent:
    """What the form says."""
    outcome = request.form.get("outcome", "")
    words = {language: request.form.get(f"words-{language}", "") for language in _languages(session, answer)}
    return AnswerContent(
        words,
        is_general=request.form.get("general") == "1",
        outcome=Outcome(outcome) if outcome in set(Outcome) else None,
        tells=request.form.get("silent") != "1",
    )


def _with_passage(session: Session, meant: AnswerContent) -> AnswerContent:
    """A passage's button was pressed in a browser without scripts: it goes below the words."""
    number = number_in(request.form, "passage")
    passage = session.get(CannedPassage, number) if number is not None else None
    return meant if passage is None else replace(meant, words=canned_passages.append_passage(meant.words, passage))


def _languages(session: Session, answer: Answer) -> tuple[str, ...]:
    version = consultation_versions.current_version_by_id(session, answer.consultation_id)
    return consultation_versions.as_consultation(version).languages if version else settings_of().languages


def _wait() -> timedelta:
    return timedelta(minutes=settings_of().texting.answer_wait_minutes)


def _sent(state: AnswerState) -> str:
    if state is AnswerState.TO_APPROVE:
        return str(_("It waits for a second person. Ask a colleague to open it here and approve it."))
    minutes = settings_of().texting.answer_wait_minutes
    if not minutes:
        return str(_("It leaves now."))
    return str(
        ngettext(
            "It leaves in %(num)d minute; until then it can be withdrawn whole.",
            "It leaves in %(num)d minutes; until then it can be withdrawn whole.",
            minutes,
        )
    )


def _withdrawn(spared: int) -> str:
    return str(
        ngettext(
            "Withdrawn: %(num)d person does not get it. What was sent before cannot come back.",
            "Withdrawn: %(num)d people do not get it. What was sent before cannot come back.",
            spared,
        )
    )


def _told(error: InboxError) -> str:
    told = {
        drafting.AnswerChanged: _("It has changed since you opened it. Nothing was saved: look at it as it is now."),
        drafting.AnswerGone: _("It has left, or was withdrawn: write a new answer instead."),
        drafting.NothingSaid: _("Write the answer first, or choose what becomes of the contributions."),
        drafting.NobodyChosen: _("Nobody is left to answer here: all of these have an answer already."),
        drafting.SecondPersonNeeded: _("You wrote it: a second person has to approve it."),
    }
    return str(told.get(type(error), _("Something went wrong on our side")))
