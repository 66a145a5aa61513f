"""Remarks of colleagues on a report: written, and settled."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from inbox.errors import InboxError
from inbox.reports import report_comments, report_versions
from inbox.reports.report_comments import LIVING
from inbox.web.base.app_context import store_of
from inbox.web.base.error_pages import error_message
from inbox.web.base.guard import allow, require_person
from inbox.web.reports import report_loading
from inbox.web.reports.report_labels import SECTIONS
from inbox.web.reports.report_pages import READ

pages = Blueprint("report_comments", __name__)


@pages.post("/reports/<slug>/comments")
@allow(*READ)
def add(slug: str) -> ResponseReturnValue:
    """Remark something on the report, or on one of its versions."""
    version = request.form.get("version", LIVING, type=int)
    section = request.form.get("section", "")
    try:
        with store_of().write() as rows:
            consultation_id = report_loading.consultation_or_404(rows, slug).consultation_id
            if version != LIVING:
                report_versions.open_version(rows, consultation_id, version)
            report_comments.add_comment(
                rows,
                consultation_id,
                version,
                section if section in SECTIONS else "",
                request.form.get("body", ""),
                require_person().id,
            )
    except InboxError as error:
        flash(error_message(error), "error")
    else:
        flash(_("Noted: your colleagues see it here."), "success")
    return _back(slug, version)


@pages.post("/reports/<slug>/comments/<int:number>/settle")
@allow(*READ)
def settle(slug: str, number: int) -> ResponseReturnValue:
    """Note that a remark is settled."""
    try:
        with store_of().write() as rows:
            consultation_id = report_loading.consultation_or_404(rows, slug).consultation_id
            report_comments.settle_comment(rows, consultation_id, number, require_person().id)
    except InboxError as error:
        flash(error_message(error), "error")
    else:
        flash(_("Settled."), "success")
    return _back(slug, request.form.get("version", LIVING, type=int))


def _back(slug: str, version: int) -> ResponseReturnValue:
    if version == LIVING:
        return redirect(url_for("reports.show", slug=slug, _anchor="outcome"))
    return redirect(url_for("reports.version", slug=slug, number=version, _anchor="outcome"))
