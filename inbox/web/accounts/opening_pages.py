"""« Consultations des données »: who saw, heard, searched or exported what, for who answers for the data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from config.enums import Role
from inbox.models import Person
from inbox.models.column_types import utc_now
from inbox.records import references
from inbox.storage.opening_log import KEPT, Opening
from inbox.web.base import openings
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import allow
from inbox.web.base.labels import Label
from inbox.web.base.row_ids import number_in

pages = Blueprint("openings", __name__)

PAGE_ROWS = 100

ACTIONS: dict[str, Label] = {
    openings.SEEN: _l("saw"),
    openings.HEARD: _l("listened to"),
    openings.LISTED: _l("looked at the list of"),
    openings.SEARCHED: _l("searched in"),
    openings.EXPORTED: _l("exported"),
}

KINDS: dict[str, Label] = {
    "contribution": _l("contribution"),
    "contributions": _l("contributions"),
    "medium": _l("original file"),
    "original": _l("original as it arrived"),
    "batch": _l("batch of forms"),
    "not contribution": _l("what is no contribution"),
    "not contributions": _l("what is no contribution"),
    "quarantine": _l("quarantine"),
    "keying desk": _l("keying desk"),
    "reported texts": _l("texts that readers reported"),
    "answer": _l("answer to residents"),
    "openings": _l("this page"),
}


@dataclass(frozen=True)
class Line:
    """An opening in words."""

    at: datetime
    person: str
    action: Label
    what: Label
    number: str
    words: str
    count: int | None


@pages.get("/openings")
@allow(Role.ADMINISTRATOR, Role.DATA_PROTECTION)
def index() -> ResponseReturnValue:
    """The newest openings, of everybody or of one person, of everything or of one contribution."""
    person_id, before = number_in(request.args, "person"), number_in(request.args, "before")
    asked = request.args.get("contribution", "").strip()[:32]
    with store_of().read() as rows:
        people = {row.id: row.name for row in rows.execute(select(Person.id, Person.name).order_by(Person.name))}
        reference = references.parse_reference(asked)
        found = references.contribution_of(rows, reference) if reference is not None else None
    number = found if found is not None else int(asked) if asked.isdecimal() and len(asked) < 9 else None
    subject = None if not asked else f"contribution:{number}"
    newest = store_of().openings.newest(person_id=person_id, subject=subject, before=before, limit=PAGE_ROWS)
    openings.count(len(newest))
    before = newest[-1].id if newest else None
    return render_template(
        "openings.html",
        lines=[_line(one, people) for one in newest],
        people=people,
        person_id=person_id,
        asked=asked,
        older_url=url_for("openings.index", person=person_id, contribution=asked or None, before=before)
        if len(newest) == PAGE_ROWS
        else None,
        days=KEPT.days,
    )


def _line(one: Opening, people: dict[int, str]) -> Line:
    kind, _colon, number = one.subject.partition(":")
    return Line(
        at=one.at or utc_now(),
        person=people.get(one.person_id, ""),
        action=ACTIONS.get(one.action, one.action),
        what=KINDS.get(kind, kind),
        number=number,
        words=one.words,
        count=one.count,
    )
