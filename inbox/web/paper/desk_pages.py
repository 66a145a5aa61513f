"""The keying desk: one small picture at a time, typed in or said yes or no to, by keys alone."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from config.enums import DeskKind, DeskSaid, Role
from config.wording.projects import CARD_ROW, MOST_EACH, vote_row
from inbox.consultations import consultation_versions
from inbox.models import DeskItem
from inbox.paper import desk_results, keying_desk
from inbox.paper.keying_desk import DeskScope
from inbox.votes import paper_voices
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import allow, current_person, require_person
from inbox.web.base.labels import Label
from inbox.web.base.navigation import MenuEntry
from inbox.web.base.page_language import choose_language
from inbox.web.base.row_ids import number_in
from inbox.web.batch_pages import SHEETS
from inbox.web.contributions.media_pages import answer_with

pages = Blueprint("desk", __name__)

AT_ONCE = 12
"""Things on one page: the first is shown, the pictures of the others are fetched meanwhile."""
MOST_TYPED = 20_000
"""Characters of one zone: no zone of a form holds more."""

HEAPS: dict[DeskKind, tuple[Label, Label]] = {
    DeskKind.ZONE: (_l("Writing to type in"), _l("Type what you see, word for word.")),
    DeskKind.CHARACTERS: (_l("Names and numbers in boxes"), _l("Type the characters, one after the other.")),
    DeskKind.BOX: (_l("Boxes to look at"), _l("Is the box in the middle ticked?")),
}
"""What a heap is called, and what is to be done."""

FIELDS: dict[str, Label] = {
    "telephone": _l("telephone"),
    "name": _l("name"),
    CARD_ROW: _l("number of the card"),
    **{vote_row(number): _l("number of a project") for number in range(1, MOST_EACH + 1)},
    "words": _l("what people wrote"),
    "opinion": _l("what people wrote"),
}

ANSWERS = {
    DeskKind.ZONE: (DeskSaid.KEYED, DeskSaid.CANNOT_READ),
    DeskKind.CHARACTERS: (DeskSaid.KEYED, DeskSaid.CANNOT_READ),
    DeskKind.BOX: (DeskSaid.TICKED, DeskSaid.EMPTY, DeskSaid.WITHDRAWN, DeskSaid.CANNOT_READ),
}


def _whose() -> DeskScope:
    person = require_person()
    if person.may(Role.MODERATOR, Role.ADMINISTRATOR):
        return DeskScope(everybody=True)
    return DeskScope(centre_id=person.centre_id, person_id=person.id)


def _count(rows: Session) -> int:
    person = current_person()
    return keying_desk.count_tasks(rows, _whose(), person.id) if person is not None else 0


ENTRY = MenuEntry("desk.overview", _l("Keying desk"), "zoom", _count)


@pages.get("/keying")
@allow(*SHEETS)
def overview() -> ResponseReturnValue:
    """The keying desk: what there is to do, and how far two people who typed the same agree."""
    with store_of().read() as rows:
        heaps = keying_desk.list_heaps(rows, _whose(), require_person().id)
        agreed = keying_desk.typing_agreement(rows, _whose())
        fields = _field_names(rows)
    return render_template("desk.html", heaps=heaps, agreed=agreed, names=HEAPS, fields=fields)


def _field_names(rows: Session) -> dict[str, Label]:
    """What fields of forms are called: zones that a consultation named, as its newest form does."""
    language = choose_language()
    named: dict[str, Label] = {}
    for version in consultation_versions.current_versions_newest_first(rows):
        consultation = consultation_versions.as_consultation(version)
        for zone in consultation.form.zones:
            named.setdefault(zone.key, zone.label.get(language) or zone.label[consultation.language])
    return {**named, **FIELDS}


@pages.get("/keying/work")
@allow(*SHEETS)
def work() -> ResponseReturnValue:
    """The next things of a heap; a script asks for more of them alone, and names those it has."""
    kind = _kind(request.args.get("kind", ""))
    field = request.args.get("field", "")
    more = "more" in request.args
    with store_of().write() as rows:
        most = keying_desk.MOST if more else AT_ONCE
        # Not in the middle of a row: what was just typed would be asked for again, and still be remembered.
        tasks = keying_desk.claim_tasks(rows, _whose(), require_person().id, kind, field, most, again=not more)
        fields = _field_names(rows)
    template = "_desk_tasks.html" if more else "desk_work.html"
    return render_template(template, tasks=tasks, kind=kind, field=field, names=HEAPS, fields=fields)


def _kind(value: str) -> DeskKind:
    if value not in set(DeskKind):
        abort(404)
    return DeskKind(value)


@pages.get("/keying/<int:item_id>/picture")
@allow(*SHEETS)
def picture(item_id: int) -> ResponseReturnValue:
    """The picture of one thing, and nothing else of its form."""
    with store_of().read() as rows:
        found = keying_desk.task_picture(rows, _whose(), item_id)
        if found is None:
            abort(404)
        answer: Response = answer_with(rows, *found)
    # The next ones are fetched while this one is typed; on a shared desk they must not outlast the session.
    answer.headers["Cache-Control"] = "private, max-age=300"
    return answer


@pages.post("/keying/<int:item_id>/draft")
@allow(*SHEETS)
def draft(item_id: int) -> ResponseReturnValue:
    """Keep what is being typed."""
    with store_of().write() as rows:
        item = _item(rows, item_id)
        kept = keying_desk.save_typing(
            rows,
            item,
            require_person().id,
            request.form.get("body", "")[:MOST_TYPED],
            number_in(request.form, "number") or 0,
        )
    return {"kept": kept}


@pages.post("/keying/<int:item_id>/say")
@allow(*SHEETS)
def say(item_id: int) -> ResponseReturnValue:
    """What somebody says of one thing: typed in, ticked, empty, withdrawn, or that it cannot be read."""
    said, body = request.form.get("said", ""), request.form.get("body", "").strip()[:MOST_TYPED]
    with store_of().write() as rows:
        item = _item(rows, item_id)
        kind, field = item.kind, item.field
        if said not in {str(one) for one in ANSWERS[kind]}:
            abort(400)
        if DeskSaid(said) is DeskSaid.KEYED and not body:
            return _next(kind, field)  # nothing was typed: it is asked again
        closed = keying_desk.submit_answer(
            rows, item, require_person().id, DeskSaid(said), body, has_name=bool(request.form.get("has_name"))
        )
        if closed:
            desk_results.apply_desk_result(rows, item, require_person().id)
            paper_voices.settle(rows, item.part_id)
    return _next(kind, field)


def _next(kind: DeskKind, field: str) -> ResponseReturnValue:
    if request.accept_mimetypes.best == "application/json":
        return {"said": True}
    return redirect(url_for("desk.work", kind=kind, field="" if kind is DeskKind.BOX else field))


def _item(rows: Session, item_id: int) -> DeskItem:
    item = keying_desk.find_task(rows, _whose(), item_id)
    if item is None:
        abort(404)
    return item
