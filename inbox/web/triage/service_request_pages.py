"""What was passed on to services: listed, and given out as a file that other systems read."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, url_for
from flask.json import dumps
from flask.typing import ResponseReturnValue

from inbox.export import open311
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import allow, require_person
from inbox.web.contributions.inbox_pages import DECIDE

pages = Blueprint("service_requests", __name__)


@pages.get("/service-requests")
@allow(*DECIDE)
def index() -> ResponseReturnValue:
    """The list of contributions, of those that were passed on."""
    return redirect(url_for("contributions.index", passed_on="1"))


@pages.get("/service-requests/requests.json")
@allow(*DECIDE, confirmed=True)
def requests() -> ResponseReturnValue:
    """Those that are published, as Open311 GeoReport v2."""
    with store_of().read() as rows:
        found = open311.service_requests(rows, require_person().sight, settings_of().zone)
    return Response(
        dumps(found, ensure_ascii=False),
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="requests.json"'},
    )
