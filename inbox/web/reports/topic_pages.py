"""Topics: groups of texts that machines propose; a person names, joins, splits or drops them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from config.sense_states import Stance, TopicState
from inbox.errors import InboxError
from inbox.reports import topics
from inbox.reports.topic_figures import topics_of
from inbox.reports.topics import BadTopic
from inbox.web.base.app_context import store_of
from inbox.web.base.error_pages import error_message
from inbox.web.base.guard import allow, require_person
from inbox.web.base.row_ids import number_in
from inbox.web.reports import report_loading
from inbox.web.reports.report_labels import STANCES
from inbox.web.reports.report_pages import READ

pages = Blueprint("topics", __name__)

_SHOWN = 60


@pages.get("/reports/<slug>/topics")
@allow(*READ)
def index(slug: str) -> ResponseReturnValue:
    """What is proposed, and what people named."""
    with store_of().read() as rows:
        number = report_loading.consultation_or_404(rows, slug).consultation_id
        proposed = topics_of(rows, number, TopicState.PROPOSED)
        named = topics_of(rows, number, TopicState.NAMED)
    return render_template("topics.html", slug=slug, proposed=proposed, named=named)


@pages.get("/reports/<slug>/topics/<int:topic_id>")
@allow(*READ)
def show(slug: str, topic_id: int) -> ResponseReturnValue:
    """One topic with its contributions."""
    with store_of().read() as rows:
        number = report_loading.consultation_or_404(rows, slug).consultation_id
        every = topics_of(rows, number, TopicState.PROPOSED, TopicState.NAMED)
        topic = next((one for one in every if one.topic_id == topic_id), None)
        members = topics.members_of(rows, topic_id, _SHOWN) if topic else []
    if topic is None:
        abort(404)
    others = [one for one in every if one.topic_id != topic_id]
    return render_template(
        "topic.html", slug=slug, topic=topic, members=members, others=others, stances=STANCES, shown=_SHOWN
    )


Form = MultiDict[str, str]


@pages.post("/reports/<slug>/topics/<int:topic_id>")
@allow(*READ)
def change(slug: str, topic_id: int) -> ResponseReturnValue:
    """One decision about a topic or its members."""
    form, by = request.form, require_person().id
    do = _CHANGES.get(form.get("do", "").partition(":")[0])
    try:
        if do is None:
            raise BadTopic("no decision that is known")
        with store_of().write() as rows:
            number = report_loading.consultation_or_404(rows, slug).consultation_id
            if topics.the_topic(rows, topic_id).consultation_id != number:
                raise BadTopic("a topic of another consultation")
            leads_to = do(rows, topic_id, form, by)
    except InboxError as error:
        flash(error_message(error), "error")
        leads_to = topic_id
    else:
        flash(_("Done."), "success")
    if leads_to is None:
        return redirect(url_for("topics.index", slug=slug, _anchor="outcome"))
    return redirect(url_for("topics.show", slug=slug, topic_id=leads_to, _anchor="outcome"))


def _name(rows: Session, topic_id: int, form: Form, by: int) -> int:
    topics.name(rows, topic_id, form.get("name", ""), by, is_proposal="is_proposal" in form)
    return topic_id


def _throw_away(rows: Session, topic_id: int, _form: Form, by: int) -> None:
    topics.throw_away(rows, topic_id, by)


def _ticked(form: Form) -> list[int]:
    return [int(one) for one in form.getlist("ticked")[:_SHOWN] if one.isdecimal() and len(one) < 10]


def _split(rows: Session, topic_id: int, form: Form, by: int) -> int:
    return topics.split(rows, topic_id, _ticked(form), form.get("split_name", ""), by)


def _join(rows: Session, topic_id: int, form: Form, by: int) -> int:
    topics.join(rows, topic_id, number_in(form, "other") or 0, by)
    return topic_id


def _decide(keep: bool) -> Callable[[Session, int, Form, int], int]:
    def decided(rows: Session, topic_id: int, form: Form, by: int) -> int:
        topics.decide(rows, topic_id, _ticked(form), by, keep=keep)
        return topic_id

    return decided


def _stance(rows: Session, topic_id: int, form: Form, by: int) -> int:
    """``stance:<stance>:<contribution>``, the value of one button."""
    _do, stance, number = (*form.get("do", "").split(":"), "", "")[:3]
    if stance not in set(Stance) or not number.isdecimal() or int(number) not in topics.known_members(rows, topic_id):
        raise BadTopic("no stance of a member")
    topics.say_stance(rows, topic_id, int(number), Stance(stance), by)
    return topic_id


_CHANGES: Mapping[str, Callable[[Session, int, Form, int], int | None]] = {
    "name": _name,
    "throw_away": _throw_away,
    "split": _split,
    "join": _join,
    "keep": _decide(keep=True),
    "remove": _decide(keep=False),
    "stance": _stance,
}
