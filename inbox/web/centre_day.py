"""Where a volunteer of a centre begins: what to do, in their words, and the day's box at a glance."""

from __future__ import annotations

from datetime import datetime, time

from flask import Blueprint, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from config.enums import ArrivalKind, Role
from inbox.listings.batches import list_batches
from inbox.models import Arrival, Intake
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import allow, require_person
from inbox.web.base.labels import Label
from inbox.web.batch_pages import visible_to_person_condition

pages = Blueprint("centre_day", __name__)

MOST = 50
"""How many of the day's batches are shown."""

DOING: tuple[tuple[str, str, Label, Label], ...] = (
    ("forms.forms", "print", _l("Print forms"), _l("To put beside the box, each with its own number.")),
    (
        "uploads.upload",
        "upload",
        _l("Hand in scans"),
        _l("Several at once; the copier can also send them itself."),
    ),
    ("desk.overview", "pen", _l("Check and type in"), _l("What no machine could read on your forms.")),
    ("batches.index", "paper", _l("Print the slips"), _l("The numbers to hand back to people, batch by batch.")),
    ("entry.enter", "person", _l("Write down for somebody"), _l("A letter, or what somebody tells you.")),
)
"""What a volunteer does, in the order of a day."""


@pages.get("/today")
@allow(Role.CENTRE)
def show() -> ResponseReturnValue:
    """What can be done here, and what came in today."""
    begins = datetime.combine(datetime.now(settings_of().zone).date(), time(), settings_of().zone)
    me = require_person()
    mine = visible_to_person_condition(me)
    with store_of().read() as session:
        batches = [one for one in list_batches(session, *mine, limit=MOST).batches if one.received_at >= begins]
        letters = session.scalar(
            select(func.count(Intake.id))
            .join(Arrival, Arrival.intake_id == Intake.id)
            .where(*mine, Arrival.kind == ArrivalKind.ENTRY, Intake.received_at >= begins, Intake.erased_at.is_(None))
        )
    return render_template(
        "centre_day.html",
        centre=me.centre,
        doing=[
            (url_for(endpoint), icon, label, hint)
            for endpoint, icon, label, hint in DOING
            if endpoint in current_app.view_functions
        ],
        batches=batches,
        forms=sum(one.forms for one in batches),
        letters=letters or 0,
    )
