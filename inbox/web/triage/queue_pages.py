"""The desk: the queues with what is left in each, the way into one, and the keys."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from inbox.consultations import consultation_versions
from inbox.desk import desk_keys, language_routing, presence, queues, second_looks
from inbox.desk.desk_keys import BadKeys
from inbox.desk.queues import Queue, QueueKind
from inbox.records import tallies
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.error_pages import error_message
from inbox.web.base.guard import allow, require_person
from inbox.web.base.labels import Label
from inbox.web.base.page_language import choose_language, language_name
from inbox.web.base.safe_redirect import safe_target
from inbox.web.contributions.inbox_pages import DECIDE
from inbox.web.contributions.queue_navigation import address_in_queue, current_viewer, last_list_query
from inbox.web.contributions.theme_labels import all_labels, title_of
from inbox.web.sheet import queue_labels
from inbox.web.sheet.bar_view import ACTIONS, centre_names

pages = Blueprint("triage", __name__)

_PLAIN = (
    QueueKind.DANGER,
    QueueKind.UNREAD,
    QueueKind.NEW,
    QueueKind.DOUBTFUL,
    QueueKind.WAITING,
    QueueKind.MINE,
    QueueKind.APPEALS,
)

_RARE = QueueKind.UNREAD
"""Most towns read before they publish: where nothing is in it, it is not shown."""


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A queue on the page."""

    queue: Queue
    label: Label
    meaning: Label
    count: int | None
    """None where nobody has counted."""
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Guidance:
    """What a consultation says a moderator should know."""

    title: str
    question: str
    can_change: str
    cannot_change: str


@pages.get("/triage")
@allow(*DECIDE)
def overview() -> ResponseReturnValue:
    """The queues."""
    language = choose_language()
    with store_of().read() as rows:
        themes, centres = all_labels(rows, language), centre_names(rows)
        plain = [one for one in (_plain(rows, kind) for kind in _PLAIN) if one.count or one.queue.kind is not _RARE]
        of_themes = _of_themes(rows, themes)
        in_languages = _in_languages(rows)
        guidance = [_guidance(version, language) for version in consultation_versions.current_versions_by_slug(rows)]
        again = second_looks.count_second_looks(rows, require_person().id)
    ended = queues.find_queue(request.args.get("ended", ""))
    return render_template(
        "triage.html",
        queues=plain,
        of_themes=of_themes,
        of_centres=[QueueEntry(Queue(QueueKind.CENTRE, slug), name, "", None) for slug, name in centres.items()],
        in_languages=in_languages,
        guidance=guidance,
        second_looks=again,
        ended=queue_labels.queue_name(ended, themes, centres) if ended else "",
    )


def _plain(rows: Session, kind: QueueKind) -> QueueEntry:
    queue = Queue(kind)
    count, at_least = queues.count_queue(rows, queue, current_viewer())
    return QueueEntry(queue, queue_labels.KINDS[kind], queue_labels.MEANINGS[kind], count, at_least)


def _of_themes(rows: Session, themes: dict[str, str]) -> list[QueueEntry]:
    """The themes with something to review, by name."""
    found = []
    for key, label in sorted(themes.items(), key=lambda one: one[1]):
        count = sum(one.count for one in tallies.contribution_tallies(rows, key) if one.moderation == "in_review")
        if count:
            found.append(QueueEntry(Queue(QueueKind.THEME, key), label, "", count))
    return found


def _in_languages(rows: Session) -> list[QueueEntry]:
    """What is to be reviewed in a language in which no consultation asked, and who reads it."""
    known = {*settings_of().languages}
    for version in consultation_versions.current_versions_by_slug(rows):
        known |= {*consultation_versions.as_consultation(version).languages}
    found = []
    for one in language_routing.count_by_language(rows, known):
        names = ", ".join(name for _id, name in one.readers)
        meaning = (
            _("Read by %(names)s.", names=names) if names else _("Nobody here reads it. Say under People who does.")
        )
        label = language_name(one.language)
        found.append(QueueEntry(Queue(QueueKind.LANGUAGE, one.language), label, meaning, one.count))
    return found


def _guidance(version, language: str) -> Guidance:  # type: ignore[no-untyped-def]
    consultation = consultation_versions.as_consultation(version)

    def said(texts) -> str:  # type: ignore[no-untyped-def]
        return str(texts.get(language) or texts.get(consultation.language) or "")

    return Guidance(
        title=title_of(version, language),
        question=said(consultation.question),
        can_change=said(consultation.can_change),
        cannot_change=said(consultation.cannot_change),
    )


@pages.post("/triage/begin")
@allow(*DECIDE)
def begin() -> ResponseReturnValue:
    """Go to the first of a queue that nobody else looks at."""
    queue = queues.find_queue(request.form.get("queue", ""), last_list_query())
    if queue is None:
        return redirect(url_for("triage.overview"))
    with store_of().write() as rows:
        found = queues.claim_next(rows, queue, current_viewer(), None)
    if found is None:
        flash(_("There is nothing in it that nobody else looks at."), "warning")
        return redirect(url_for("triage.overview"))
    return redirect(address_in_queue(queue, found))


@pages.post("/triage/looking/<int:contribution_id>")
@allow(*DECIDE)
def looking(contribution_id: int) -> ResponseReturnValue:
    """An open page says that somebody is there, and hears who else is."""
    person = require_person()
    with store_of().write() as rows:
        presence.record_presence(rows, contribution_id, person.id)
        others = presence.others_looking(rows, contribution_id, person.id)
    said = _("%(names)s is looking at this, too.", names=", ".join(others)) if others else ""
    return {"others": others, "said": said}


@pages.get("/triage/keys")
@allow(*DECIDE)
def keys() -> ResponseReturnValue:
    """Which key does what, to be changed."""
    with store_of().read() as rows:
        mine = desk_keys.keys_of(rows, require_person().id)
    return render_template("triage_keys.html", mine=mine, key_actions=ACTIONS, back=_back())


@pages.post("/triage/keys")
@allow(*DECIDE)
def change_keys() -> ResponseReturnValue:
    """Keep somebody's own keys, or the usual ones again."""
    person, form = require_person(), request.form
    wanted = {} if "usual" in form else {action: form.get(f"key-{action}", "") for action in desk_keys.USUAL}
    if "only" in form:  # the switch of the help sheet, which shows no fields
        with store_of().read() as rows:
            wanted = dict(desk_keys.keys_of(rows, person.id).keys)
    try:
        with store_of().write() as rows:
            desk_keys.change_keys(rows, person.id, "shortcuts" in form or "usual" in form, wanted)
    except BadKeys as error:
        flash(error_message(error), "error")
        return redirect(url_for("triage.keys"))
    flash(_("Your keys are kept."), "success")
    return redirect(_back())


def _back() -> str:
    return safe_target(request.values.get("next")) or url_for("triage.keys")
