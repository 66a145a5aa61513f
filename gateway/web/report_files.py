"""A report as a file: HTML, DOCX, ODT, PDF, of the living report or of a version."""

from __future__ import annotations

import logging
from collections.abc import Callable
from io import BytesIO

from flask import Blueprint, abort, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from config.sandbox.limited_process import LimitedError
from gateway.documents.docx_file import render_docx
from gateway.documents.html_file import render_html
from gateway.documents.odt_file import render_odt
from gateway.documents.report_pictures import pictures_of, png_of, svg_of
from gateway.documents.tagged_pdf import render_pdf
from inbox.reports.document_blocks import AreaMap, ReportDocument, ReportTable
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import allow, open_to_all
from inbox.web.base.page_language import choose_language
from inbox.web.base.row_ids import number_in
from inbox.web.public import public_report
from inbox.web.reports import report_loading
from inbox.web.reports.composition import compose_report
from inbox.web.reports.report_pages import READ

blueprint = Blueprint("report_files", __name__)
log = logging.getLogger(__name__)

WRITERS: dict[str, tuple[Callable[[ReportDocument], bytes], str]] = {
    "html": (render_html, "text/html; charset=utf-8"),
    "docx": (render_docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "odt": (render_odt, "application/vnd.oasis.opendocument.text"),
    "pdf": (render_pdf, "application/pdf"),
}


@blueprint.get("/reports/<slug>/document.<format>")
@allow(*READ)
def document(slug: str, format: str) -> ResponseReturnValue:  # noqa: A002 - as the address says it
    """The report in the language of the page, as a file."""
    if format not in WRITERS:
        abort(404)
    number = number_in(request.args, "version")
    with store_of().read() as rows:
        if number is None:
            report = report_loading.living_report(rows, slug, choose_language())
        else:
            report, _version = report_loading.kept_report(rows, slug, number, choose_language())
    return _file(compose_report(report, absolute=True), f"{slug}{f'-{number}' if number else ''}", format)


@blueprint.get("/consultations/<slug>/report.<format>")
@open_to_all
def public_document(slug: str, format: str) -> ResponseReturnValue:  # noqa: A002 - as the address says it
    """The public report as a file, for everybody."""
    if format not in WRITERS:
        abort(404)
    with store_of().read() as rows:
        _asked, made, _brief = public_report.public_report(rows, slug, absolute=True)
    return _file(made, slug, format)


def _file(made: ReportDocument, name: str, format: str) -> ResponseReturnValue:  # noqa: A002 - as the address says it
    write, kind = WRITERS[format]
    try:
        written = write(made)
    except LimitedError as error:
        log.error("a report could not be laid out as %s (%s)", format, error)
        problem = _("The file could not be made")
        remedy = _("Take it in another format, and tell your administrator: “portevoix doctor” says what is missing.")
        return render_template("error.html", problem=problem, remedy=remedy), 503
    return send_file(BytesIO(written), kind, as_attachment=True, download_name=f"{name}.{format}")


PICTURES: dict[str, tuple[Callable[[ReportTable | AreaMap], bytes], str]] = {
    "svg": (lambda block: str(svg_of(block)).encode(), "image/svg+xml"),
    "png": (png_of, "image/png"),
}


@blueprint.get("/reports/<slug>/pictures/<int:number>.<format>")
@allow(*READ)
def picture(slug: str, number: int, format: str) -> ResponseReturnValue:  # noqa: A002 - as the address says it
    """One chart or map of the living report, counted from 1 in the report's order."""
    with store_of().read() as rows:
        report = report_loading.living_report(rows, slug, choose_language())
    found = pictures_of(compose_report(report, absolute=True))
    if format not in PICTURES or not 1 <= number <= len(found):
        abort(404)
    write, kind = PICTURES[format]
    name = f"{slug}-{number}.{format}"
    return send_file(BytesIO(write(found[number - 1])), kind, as_attachment=True, download_name=name)
