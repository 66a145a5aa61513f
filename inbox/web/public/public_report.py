"""The report for everybody: the newest version that somebody signed and made public, without one reference."""

from __future__ import annotations

from flask import Blueprint, Response, abort
from sqlalchemy.orm import Session

from config.wording.consultation import Consultation
from inbox.reports import report_versions
from inbox.reports.document_blocks import ReportDocument
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import open_to_all
from inbox.web.base.page_language import choose_language
from inbox.web.public.public_consultation import public_consultation
from inbox.web.public.public_frame import localised_text, public_page
from inbox.web.reports import report_loading
from inbox.web.reports.composition import compose_report, key_figures

pages = Blueprint("public_report", __name__)


@pages.get("/consultations/<slug>/report")
@open_to_all
def show(slug: str) -> Response:
    """The report."""
    with store_of().read() as rows:
        asked, document, brief = public_report(rows, slug)
    return public_page(
        "public/report.html",
        asked=asked,
        own=lambda words: localised_text(words, asked),
        document=document,
        brief=brief,
    )


def public_report(
    rows: Session, slug: str, *, absolute: bool = False
) -> tuple[Consultation, ReportDocument, list[tuple[str, str]]]:
    """The consultation, its public report, and the figures at its head; else the page is not there (404)."""
    consultation_id, asked = public_consultation(rows, slug)
    number = report_versions.public_version(rows, consultation_id)
    if number is None:
        abort(404)
    report, _version = report_loading.kept_report(rows, slug, number, choose_language(), for_all=True)
    return asked, compose_report(report, absolute=absolute), key_figures(report)
