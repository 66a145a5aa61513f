"""Requests: the list with its clock, a new one, and the page of one: identity, what is found, what is done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from config.enums import Channel, Moderation, Role
from config.rights_states import IdentityCheck, RightsKind, RightsState, RightsWay
from inbox.contributions import text_versions
from inbox.errors import InboxError
from inbox.models import Contribution, RightsRequest
from inbox.models.column_types import utc_now
from inbox.records import history, references
from inbox.rights import person_search, rights_requests
from inbox.web.base import openings
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.error_pages import error_message
from inbox.web.base.form_fields import HouseForm
from inbox.web.base.guard import allow, require_person
from inbox.web.rights.rights_words import (
    ACTIONS,
    CHECKS,
    KINDS,
    STATES,
    WAYS,
    AnswerForm,
    ConfirmationForm,
    IdentityForm,
    NewRequestForm,
    ObjectForm,
    PersonSearchForm,
    ReasonForm,
    RectifyForm,
)

pages = Blueprint("rights", __name__)

OFFICERS = (Role.ADMINISTRATOR, Role.DATA_PROTECTION)
"""Who answers residents about their data."""
SOON_DAYS = 7


@dataclass(frozen=True)
class ShownRequest:
    """A request on the pages."""

    row: RightsRequest
    about: rights_requests.RequestSubject
    days_left: int

    @property
    def is_open(self) -> bool:
        """Whether it is still to be answered."""
        return self.row.state is RightsState.OPEN

    @property
    def is_late(self) -> bool:
        """Whether its last day is over."""
        return self.is_open and self.days_left < 0

    @property
    def is_soon(self) -> bool:
        """Whether its last day is near."""
        return self.is_open and 0 <= self.days_left <= SOON_DAYS


@dataclass(frozen=True)
class FoundContribution:
    """A contribution that a request is about."""

    id: int
    reference: str
    channel: Channel
    at: datetime
    moderation: Moderation
    erased: bool
    text: str
    """What it says; empty until who asks was recognised."""


def today() -> date:
    """The day it is in the town."""
    return utc_now().astimezone(settings_of().zone).date()


@pages.get("/rights")
@allow(*OFFICERS)
def index() -> ResponseReturnValue:
    """Every request, the most urgent first."""
    with store_of().read() as rows:
        shown = [_shown(rows, row) for row in rights_requests.list_by_urgency(rows)]
    openings.note_list_length(len(shown))
    return render_template("rights/list.html", requests=shown, kinds=KINDS, ways=WAYS, states=STATES)


def _shown(rows: Session, row: RightsRequest) -> ShownRequest:
    about = rights_requests.read_request_subject(rows, row)
    rows.expunge(row)  # the page is made after the snapshot has ended
    return ShownRequest(row, about, (row.due_on - today()).days)


@pages.get("/rights/new")
@allow(*OFFICERS)
def new() -> ResponseReturnValue:
    """The form with which a request is recorded."""
    return render_template("rights/new.html", form=NewRequestForm(received_on=today()))


@pages.post("/rights/new")
@allow(*OFFICERS)
def record() -> ResponseReturnValue:
    """Record a request; the month runs from the day it came."""
    form = NewRequestForm()
    if not form.validate():
        return render_template("rights/new.html", form=form), 422
    with store_of().write() as rows:
        kind, way = RightsKind(form.kind.data), RightsWay(form.way.data)
        made = rights_requests.record_request(
            rows, kind, way, form.received_on.data, form.who.data, require_person().id
        )
        number = made.id
    flash(_("The request is recorded."), "success")
    return redirect(url_for("rights.show", request_id=number))


@pages.get("/rights/<int:request_id>")
@allow(*OFFICERS)
def show(request_id: int) -> ResponseReturnValue:
    """One request."""
    return request_page(request_id)


def request_page(request_id: int, **forms: HouseForm) -> str:
    """One request, with a form as it was filled in where something in it is wrong."""
    with store_of().read() as rows:
        row = rows.get(RightsRequest, request_id)
        if row is None:
            abort(404)
        shown = _shown(rows, row)
        found = [_found(rows, number, row) for number in rights_requests.contributions_of(rows, request_id)]
        past = history.history_of(rows, rights_requests.subject_of(request_id))
    made: dict[str, Any] = {
        "identity_form": IdentityForm(formdata=None),
        "find_form": PersonSearchForm(formdata=None),
        "extend_form": ReasonForm(formdata=None, prefix="extend-"),
        "refuse_form": ReasonForm(formdata=None, prefix="refuse-"),
        "object_form": ObjectForm(formdata=None, prefix="object-"),
        "sure_form": ConfirmationForm(formdata=None, prefix="erase-"),
        "answer_form": AnswerForm(formdata=None, prefix="answer-"),
        **forms,
    }
    wrong = made.get("rectify_form")
    rectify = {one.id: RectifyForm(formdata=None, prefix=f"rectify-{one.id}-", body=one.text) for one in found}
    if wrong is not None:
        rectify[int(wrong.body.name.split("-")[1])] = wrong
    return render_template(
        "rights/request.html",
        one=shown,
        found=found,
        past=past,
        kinds=KINDS,
        ways=WAYS,
        states=STATES,
        checks=CHECKS,
        actions_of=ACTIONS,
        rectify_forms=rectify,
        may_extend=shown.is_open and row.extended_at is None and shown.days_left >= 0,
        **made,
    )


def _found(rows: Session, number: int, request_row: RightsRequest) -> FoundContribution:
    row = rows.get_one(Contribution, number)
    said = text_versions.current_text(rows, row) if request_row.identity is not None and not row.erased_at else None
    return FoundContribution(
        id=row.id,
        reference=references.references_of(rows, [number]).get(number, ""),
        channel=row.channel,
        at=row.created_at,
        moderation=row.moderation,
        erased=row.erased_at is not None,
        text=said.body if said is not None else "",
    )


Change = Callable[[Session, int], object]


def act_on_request(request_id: int, change: Change, success: str) -> ResponseReturnValue:
    """Do something to a request in one transaction, and go back to its page, saying how it ended."""
    try:
        with store_of().write() as rows:
            change(rows, require_person().id)
    except rights_requests.NoSuchRequest:
        abort(404)
    except InboxError as error:
        flash(error_message(error), "error")
    else:
        flash(success, "success")
    return redirect(url_for("rights.show", request_id=request_id, _anchor="outcome"))


@pages.post("/rights/<int:request_id>/identity")
@allow(*OFFICERS)
def recognise(request_id: int) -> ResponseReturnValue:
    """Say how it was made sure who asks."""
    form = IdentityForm()
    if not form.validate():
        return request_page(request_id, identity_form=form), 422
    how = IdentityCheck(form.how.data)
    return act_on_request(
        request_id, lambda rows, by: rights_requests.record_identity_check(rows, request_id, how, by), _("It is noted.")
    )


@pages.post("/rights/<int:request_id>/find")
@allow(*OFFICERS)
def find(request_id: int) -> ResponseReturnValue:
    """Look for what somebody contributed, and add it to the request."""
    form = PersonSearchForm()
    if not form.validate():
        return request_page(request_id, find_form=form), 422
    try:
        with store_of().write() as rows:
            row = rights_requests.lock_open_request(rows, request_id)
            count = person_search.add_findings(rows, row, form.said.data, require_person().id)
    except rights_requests.NoSuchRequest:
        abort(404)
    except InboxError as error:
        flash(error_message(error), "error")
    else:
        text = ngettext("%(num)d contribution was found.", "%(num)d contributions were found.", count)
        flash(text if count else _("Nothing new was found under it."), "success" if count else "warning")
    return redirect(url_for("rights.show", request_id=request_id, _anchor="outcome"))


@pages.post("/rights/<int:request_id>/leave-out/<int:contribution_id>")
@allow(*OFFICERS)
def leave_out(request_id: int, contribution_id: int) -> ResponseReturnValue:
    """Say that a contribution is another person's."""
    return act_on_request(
        request_id,
        lambda rows, by: rights_requests.leave_out(rows, request_id, contribution_id, by),
        _("It is left out."),
    )


@pages.post("/rights/<int:request_id>/extend")
@allow(*OFFICERS)
def extend(request_id: int) -> ResponseReturnValue:
    """Two more months, with the reason."""
    form = ReasonForm(prefix="extend-")
    if not form.validate():
        return request_page(request_id, extend_form=form), 422
    return act_on_request(
        request_id,
        lambda rows, by: rights_requests.extend_deadline(rows, request_id, form.reason.data, today(), by),
        _("It is extended. Tell the person so, with the reason, before the first month is over."),
    )


@pages.post("/rights/<int:request_id>/refuse")
@allow(*OFFICERS)
def refuse(request_id: int) -> ResponseReturnValue:
    """Refuse, with the reason that the person is told."""
    form = ReasonForm(prefix="refuse-")
    if not form.validate():
        return request_page(request_id, refuse_form=form), 422
    return act_on_request(
        request_id,
        lambda rows, by: rights_requests.refuse_request(rows, request_id, form.reason.data, by),
        _("It is refused. Tell the person the reason, and that they can complain to the supervisory authority."),
    )


@pages.post("/rights/<int:request_id>/answer")
@allow(*OFFICERS)
def answer(request_id: int) -> ResponseReturnValue:
    """Close a request whose person was answered."""
    form = AnswerForm(prefix="answer-")
    if not form.validate():
        return request_page(request_id, answer_form=form), 422
    return act_on_request(
        request_id,
        lambda rows, by: rights_requests.answer_request(rows, request_id, form.note.data or "", by),
        _("The request is answered."),
    )
