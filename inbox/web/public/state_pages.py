"""/suivi: what a reference tells, and nothing else; the same answer, in the same time, for one that leads nowhere."""

from __future__ import annotations

import time

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from config.wording.message_catalog import resident_text
from inbox.answers import reference_state
from inbox.answers.reference_state import ReferenceState
from inbox.models.column_types import utc_now
from inbox.records import references, web_look_ups
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import open_to_all
from inbox.web.base.page_language import choose_language
from inbox.web.public.public_frame import non_breaking_marks, public_page

pages = Blueprint("public_state", __name__)

TAKES_SECONDS = 0.15
"""Every answer takes so long at least: how long looking took says nothing about what was found."""
LATER = "later"


@pages.get("/suivi")
@open_to_all
def ask() -> ResponseReturnValue:
    """The form."""
    return public_page("public/state.html", told=None, text="", number="")


@pages.post("/suivi")
@open_to_all
def answer() -> ResponseReturnValue:
    """What a number tells; posted, so that none stays in the history of a shared desk's browser."""
    return _answered(request.form.get("numero", ""))


@pages.get("/suivi/<number>")
@open_to_all
def show(number: str) -> ResponseReturnValue:
    """The same by an address, as it can stand in a message."""
    return _answered(number)


def _answered(written: str) -> Response:
    begun = time.monotonic()
    known = _looked_up(written[:40])
    language = choose_language()
    facts = {"reference": "", "reason": "", "received": "", **known.facts}
    text = resident_text(f"web_state_{known.name}", language, known.consultation, **facts)
    number = references.parse_reference(written[:40])
    told_page = public_page(
        "public/state.html",
        fresh=True,
        told=known.name,
        text=non_breaking_marks(text, language),
        number=references.format_reference(number) if number else "",
    )
    time.sleep(max(0.0, begun + TAKES_SECONDS - time.monotonic()))
    return told_page


def _looked_up(written: str) -> ReferenceState:
    """What a reference tells everybody; the same steps, and as many of them, whether it leads anywhere or not."""
    settings, now = settings_of(), utc_now()
    with store_of().write() as session:
        source = web_look_ups.source_key(session, request.remote_addr or "", now)
        asked = web_look_ups.count_look_up(session, source, now)
        missed = web_look_ups.look_ups_counted(session, web_look_ups.MISSED, now)
    if asked > settings.web.lookups_per_hour or missed >= settings.web.missed_lookups_per_hour:
        return ReferenceState(LATER)
    with store_of().read() as session:
        known = reference_state.state_by_reference(session, settings, written, choose_language())
    hidden = known.consultation is not None and not known.consultation.public
    if known.name in (reference_state.ERASED, reference_state.UNKNOWN) or hidden:
        known = ReferenceState(reference_state.UNKNOWN)
    with store_of().write() as session:
        led = web_look_ups.MISSED if known.name == reference_state.UNKNOWN else web_look_ups.FOUND
        web_look_ups.count_look_up(session, led, now)
    return known
