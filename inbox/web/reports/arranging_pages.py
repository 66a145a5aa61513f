"""Arranging a report: order, headings, what is left out, sentences of one's own, which voices are quoted."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from inbox.errors import InboxError
from inbox.records import references
from inbox.reports import report_editing, report_quotations
from inbox.reports.document_blocks import ReportDocument, ReportSection
from inbox.reports.report_editing import BadSentence, ReportArrangement
from inbox.reports.report_quotations import NotQuotable
from inbox.web.base.app_context import store_of
from inbox.web.base.error_pages import error_message
from inbox.web.base.guard import SignedIn, allow, require_person
from inbox.web.base.page_language import choose_language
from inbox.web.base.row_ids import number_in
from inbox.web.reports import report_loading
from inbox.web.reports.composition import compose_report
from inbox.web.reports.report_pages import ARRANGE

pages = Blueprint("arranging", __name__)


@pages.get("/reports/<slug>/arrange")
@allow(*ARRANGE)
def desk(slug: str) -> ResponseReturnValue:
    """The report with the tools to arrange it."""
    return _desk(slug)


def _desk(slug: str, typed: Mapping[str, str] | None = None, problem: str = "") -> str:
    with store_of().read() as rows:
        report = report_loading.living_report(rows, slug, choose_language())
        _edit, revision = report_editing.arrangement_of(rows, report.figures.consultation_id)
    return render_template(
        "arrange_report.html",
        slug=slug,
        document=compose_report(report),
        edit=report.edit,
        revision=revision,
        typed=typed or {},
        problem=problem,
    )


@pages.post("/reports/<slug>/arrange")
@allow(*ARRANGE)
def arrange(slug: str) -> ResponseReturnValue:
    """One change; a refused one is handed back with what was typed."""
    form, person = request.form, require_person()
    with store_of().read() as rows:
        report = report_loading.living_report(rows, slug, choose_language())
    document = compose_report(report)
    try:
        with store_of().write() as rows:
            _apply(rows, report.figures.consultation_id, document, form, person)
    except InboxError as error:
        return _desk(slug, form, error_message(error)), 422
    flash(_("Done."), "success")
    key = form.get("section", "")
    return redirect(url_for("arranging.desk", slug=slug, _anchor=f"section-{key}" if key else "outcome"))


Change = Callable[
    [Session, int, ReportArrangement, ReportDocument, Mapping[str, str], SignedIn], ReportArrangement | None
]


def _apply(
    rows: Session, consultation_id: int, document: ReportDocument, form: Mapping[str, str], person: SignedIn
) -> None:
    edit, _revision = report_editing.arrangement_of(rows, consultation_id)
    change = _CHANGES.get(form.get("do", ""))
    changed = change(rows, consultation_id, edit, document, form, person) if change else None
    if changed is not None and changed != edit:
        report_editing.save_arrangement(rows, consultation_id, changed, person.id, number_in(form, "revision") or 0)


def _siblings(document: ReportDocument, key: str) -> list[str]:
    """The sections among which one is moved."""
    within: tuple[ReportSection, ...] = document.sections
    for section in document.sections:
        if any(inner.key == key for inner in section.sections):
            within = section.sections
    return [section.key for section in within]


def _move(by: int) -> Change:
    return lambda _rows, _id, edit, document, form, _person: report_editing.move_section(
        edit, _siblings(document, form.get("section", "")), form.get("section", ""), by
    )


def _sentence(
    rows: Session,
    consultation_id: int,
    edit: ReportArrangement,
    _document: ReportDocument,
    form: Mapping[str, str],
    person: SignedIn,
) -> ReportArrangement:
    return report_editing.with_sentence(
        rows,
        consultation_id,
        edit,
        form.get("section", ""),
        form.get("text", ""),
        form.get("voices", ""),
        (person.id, person.name),
    )


def _quote(
    rows: Session,
    consultation_id: int,
    _edit: ReportArrangement,
    _document: ReportDocument,
    form: Mapping[str, str],
    person: SignedIn,
) -> None:
    number = references.parse_reference(form.get("reference", ""))
    found = references.contribution_of(rows, number) if number else None
    if found is None:
        raise NotQuotable("no contribution has this reference")
    theme = form.get("section", "").removeprefix("theme:")
    report_quotations.add_quotation(rows, consultation_id, theme, found, form.get("passage", ""), person.id)


def _leave_out(
    rows: Session,
    consultation_id: int,
    _edit: ReportArrangement,
    _document: ReportDocument,
    form: Mapping[str, str],
    person: SignedIn,
) -> None:
    if (number := number_in(form, "quotation")) is not None:
        report_quotations.exclude_quotation(rows, consultation_id, number, person.id)


def _remove(
    _rows: Session,
    _id: int,
    edit: ReportArrangement,
    _document: ReportDocument,
    form: Mapping[str, str],
    _person: SignedIn,
) -> ReportArrangement:
    number = number_in(form, "sentence")
    if number is None:
        raise BadSentence("no sentence was named")
    return report_editing.without_sentence(edit, number)


_CHANGES: dict[str, Change] = {
    "up": _move(-1),
    "down": _move(1),
    "hide": lambda _r, _i, edit, _d, form, _p: report_editing.toggle_section(
        edit, form.get("section", ""), is_hidden=True
    ),
    "show": lambda _r, _i, edit, _d, form, _p: report_editing.toggle_section(
        edit, form.get("section", ""), is_hidden=False
    ),
    "heading": lambda _r, _i, edit, _d, form, _p: report_editing.rename_section(
        edit, form.get("section", ""), form.get("heading", "")
    ),
    "title": lambda _r, _i, edit, _d, form, _p: edit.model_copy(
        update={"title": " ".join(form.get("title", "").split())[: report_editing.LONGEST_HEADING]}
    ),
    "sentence": _sentence,
    "remove": _remove,
    "quote": _quote,
    "leave_out": _leave_out,
}
