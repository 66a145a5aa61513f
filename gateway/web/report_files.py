"""A report as a file: HTML, DOCX, ODT, PDF, of the living report or of a version."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from flask import Blueprint, abort, request, send_file
from flask.typing import ResponseReturnValue

from gateway.documents.docx_file import docx_of
from gateway.documents.html_file import html_of
from gateway.documents.odt_file import odt_of
from gateway.documents.pdf_file import pdf_of
from gateway.documents.report_pictures import pictures_of, png_of, svg_of
from inbox.reports.document_blocks import AreaMap, Document, Table
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import allow
from inbox.web.base.page_language import choose_language
from inbox.web.base.row_ids import number_in
from inbox.web.reports import report_loading
from inbox.web.reports.composition import compose
from inbox.web.reports.report_pages import READ

blueprint = Blueprint("report_files", __name__)

WRITERS: dict[str, tuple[Callable[[Document], bytes], str]] = {
    "html": (html_of, "text/html; charset=utf-8"),
    "docx": (docx_of, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "odt": (odt_of, "application/vnd.oasis.opendocument.text"),
    "pdf": (pdf_of, "application/pdf"),
}


@blueprint.get("/reports/<slug>/document.<format>")
@allow(*READ)
def document(slug: str, format: str) -> ResponseReturnValue:  # noqa: A002 - as the address says it
    """The report in the language of the page, as a file."""
    if format not in WRITERS:
        abort(404)
    write, kind = WRITERS[format]
    number = number_in(request.args, "version")
    with store_of().read() as rows:
        if number is None:
            report = report_loading.living(rows, slug, choose_language())
        else:
            report, _version = report_loading.kept(rows, slug, number, choose_language())
    name = f"{slug}{f'-{number}' if number else ''}.{format}"
    return send_file(BytesIO(write(compose(report, absolute=True))), kind, as_attachment=True, download_name=name)


PICTURES: dict[str, tuple[Callable[[Table | AreaMap], bytes], str]] = {
    "svg": (lambda block: str(svg_of(block)).encode(), "image/svg+xml"),
    "png": (png_of, "image/png"),
}


@blueprint.get("/reports/<slug>/pictures/<int:number>.<format>")
@allow(*READ)
def picture(slug: str, number: int, format: str) -> ResponseReturnValue:  # noqa: A002 - as the address says it
    """One chart or map of the living report, counted from 1 in the report's order."""
    with store_of().read() as rows:
        report = report_loading.living(rows, slug, choose_language())
    found = pictures_of(compose(report, absolute=True))
    if format not in PICTURES or not 1 <= number <= len(found):
        abort(404)
    write, kind = PICTURES[format]
    name = f"{slug}-{number}.{format}"
    return send_file(BytesIO(write(found[number - 1])), kind, as_attachment=True, download_name=name)
