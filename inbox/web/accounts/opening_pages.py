"""« Consultations des données »: who saw, heard, searched or exported what, for who answers for the data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from config.enums import Role
from inbox.export.csv_export import csv_pieces, spreadsheet_words
from inbox.export.spreadsheet_cells import escape_formula
from inbox.keys.key_service import OPENED_BESIDE, OPENED_FOR
from inbox.models import Person
from inbox.models.column_types import utc_now
from inbox.records import references
from inbox.records.opened_subjects import subjects_of
from inbox.storage.opening_log import ERASED, KEPT, Opening, OpeningQuery
from inbox.web.base import openings
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import allow
from inbox.web.base.labels import Label
from inbox.web.base.page_language import choose_language
from inbox.web.base.row_ids import number_in

pages = Blueprint("openings", __name__)

PAGE_ROWS = 100
EXPORTED_AT_ONCE = 1000

ACTIONS: dict[str, Label] = {
    openings.SEEN: _l("saw"),
    openings.HEARD: _l("listened to"),
    openings.LISTED: _l("looked at the list of"),
    openings.SEARCHED: _l("searched in"),
    openings.EXPORTED: _l("exported"),
    ERASED: _l("erased"),
    OPENED_FOR: _l("had the key service open, for"),
    OPENED_BESIDE: _l("had the key service open what belongs to others, for"),
}
BY_MACHINES = (OPENED_FOR, OPENED_BESIDE)
"""Shown only where they are asked for: there are many, and nobody reads by them."""

COLUMNS: tuple[Label, ...] = (
    _l("Row"),
    _l("When"),
    _l("Who"),
    _l("What was done"),
    _l("With what"),
    _l("Words searched for"),
    _l("How many were shown"),
)

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
    "rights request": _l("request of a resident"),
    "rights requests": _l("requests of residents"),
    "person's data": _l("what is kept of a resident"),
    "step": _l("step"),
    "call": _l("call that goes on"),
    "search words": _l("words of searches that named what was erased:"),
}


@dataclass(frozen=True)
class OpeningLine:
    """An opening in words."""

    at: datetime
    person: str
    action: Label
    what: Label
    number: str
    words: str
    words_erased: bool
    count: int | None


@dataclass(frozen=True)
class OpeningSearch:
    """What the page's form asks for."""

    wanted: OpeningQuery
    contribution: str
    """Number or reference, as it was typed."""
    query: dict[str, str]
    """What of it stands in addresses."""


@pages.get("/openings")
@allow(Role.ADMINISTRATOR, Role.DATA_PROTECTION)
def index() -> ResponseReturnValue:
    """The newest openings, of everybody or of one person, of everything or of one contribution."""
    asked, people = _asked(), _people()
    newest = store_of().openings.find(asked.wanted, number_in(request.args, "before"), PAGE_ROWS)
    openings.note_list_length(len(newest))
    older = {**asked.query, "before": str(newest[-1].id)} if len(newest) == PAGE_ROWS else None
    return render_template(
        "openings.html",
        lines=[_line(one, people) for one in newest],
        people=people,
        actions=ACTIONS,
        asked=asked.query,
        older_url=f"{url_for('openings.index')}?{urlencode(older)}" if older else None,
        export_url=f"{url_for('openings.export')}?{urlencode(asked.query)}",
        days=KEPT.days,
    )


@pages.get("/openings/export.csv")
@allow(Role.ADMINISTRATOR, Role.DATA_PROTECTION, confirmed=True)
def export() -> ResponseReturnValue:
    """The same as a spreadsheet, for who is asked who has read somebody's data."""
    asked, people, zone = _asked(), _people(), settings_of().zone
    log = store_of().openings

    def batches() -> Iterator[list[list[str]]]:
        before: int | None = None
        while found := log.find(asked.wanted, before, EXPORTED_AT_ONCE):
            before = found[-1].id
            yield [_cells(one, people, zone) for one in found]

    columns = [str(label) for label in COLUMNS]
    return Response(
        stream_with_context(csv_pieces(columns, batches(), spreadsheet_words(choose_language()))),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="openings.csv"'},
    )


def _asked() -> OpeningSearch:
    """What is asked for; what cannot be read asks for nothing."""
    names = ("person", "action", "contribution", "from", "to")
    query = {name: value for name in names if (value := request.args.get(name, "").strip()[:32])}
    contribution = query.get("contribution", "")
    first, last = _day(query.get("from")), _day(query.get("to"))
    return OpeningSearch(
        OpeningQuery(
            person_id=number_in(request.args, "person"),
            action=query["action"] if query.get("action") in ACTIONS else None,
            without=() if query.get("action") in BY_MACHINES else BY_MACHINES,
            subjects=_subjects(contribution) if contribution else None,
            since=first,
            until=None if last is None else last + timedelta(days=1),
        ),
        contribution,
        query,
    )


def _day(written: str | None) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(written or ""), time(), settings_of().zone)
    except ValueError:
        return None


def _subjects(asked: str) -> list[str]:
    """What a contribution's openings are noted under: itself, its files, and what it came in."""
    with store_of().read() as rows:
        reference = references.parse_reference(asked)
        found = references.contribution_of(rows, reference) if reference is not None else None
        number = found if found is not None else int(asked) if asked.isdecimal() and len(asked) < 9 else None
        return [] if number is None else subjects_of(rows, [number])


def _people() -> dict[int, str]:
    with store_of().read() as rows:
        return {row.id: row.name for row in rows.execute(select(Person.id, Person.name).order_by(Person.name))}


def _line(one: Opening, people: dict[int, str]) -> OpeningLine:
    kind, _colon, number = one.subject.partition(":")
    return OpeningLine(
        at=one.at or utc_now(),
        person=people.get(one.person_id, str(_("the gateway"))),
        action=ACTIONS.get(one.action, one.action),
        what=KINDS.get(kind, kind),
        number=number,
        words=one.words,
        words_erased=one.words_erased,
        count=one.count,
    )


def _cells(one: Opening, people: dict[int, str], zone: tzinfo) -> list[str]:
    line = _line(one, people)
    return [
        str(one.id),
        line.at.astimezone(zone).isoformat(" ", "seconds"),
        escape_formula(line.person),
        str(line.action),
        f"{line.what} {line.number}".strip(),
        escape_formula(str(_("erased")) if line.words_erased else line.words),
        "" if line.count is None else str(line.count),
    ]
