"""The figures and the data behind a report, to be fetched: what each file is, and for whom."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from inbox.web.base.app_context import store_of
from inbox.web.base.guard import allow
from inbox.web.reports import report_loading
from inbox.web.reports.report_pages import READ

pages = Blueprint("report_data", __name__)


@pages.get("/reports/<slug>/data")
@allow(*READ)
def index(slug: str) -> ResponseReturnValue:
    """Every file there is of a consultation."""
    with store_of().read() as rows:
        report_loading.version_in_force(rows, slug)
    return render_template("report_data.html", slug=slug)
