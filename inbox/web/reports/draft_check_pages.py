"""Checking a draft, whoever wrote it: what can be proved may go into the report, what cannot is struck and shown."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from sqlalchemy.orm import Session

from inbox.administration import errands
from inbox.administration.errands import ErrandKind, ErrandStatus
from inbox.errors import InboxError
from inbox.listings import contribution_list
from inbox.models import Contribution
from inbox.records import references
from inbox.reports import report_editing
from inbox.reports.draft_check import CheckedSentence, DraftFacts, DraftFault, Quotable, check_draft, permitted_forms
from inbox.reports.report_quotations import MODERATED
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.error_pages import error_message
from inbox.web.base.guard import allow, require_person
from inbox.web.base.labels import CHANNELS, Label
from inbox.web.base.page_language import choose_language
from inbox.web.contributions.theme_labels import theme_label
from inbox.web.reports import draft_prompt, report_loading
from inbox.web.reports.composition import ComposedReport
from inbox.web.reports.report_pages import ARRANGE

pages = Blueprint("draft_checks", __name__)

LONGEST = 50_000

FAULTS: dict[DraftFault, Label] = {
    DraftFault.FORM: _l("Not of a listed form: nothing in it can be proved."),
    DraftFault.FIGURE: _l("The figure is another one."),
    DraftFault.QUOTATION: _l("Not word for word, or not a whole sentence."),
    DraftFault.REFERENCE: _l("No published contribution has this reference."),
    DraftFault.THEME: _l("The contribution does not have this theme."),
}


@pages.get("/reports/<slug>/draft")
@allow(*ARRANGE)
def draft(slug: str) -> ResponseReturnValue:
    """Where a draft is put to be checked; the model's own stands there when it has written one."""
    with store_of().read() as rows:
        written = _newest(rows, slug)
        words = errands.words_of(rows, written.id) if written is not None and written.succeeded else ""
    return _shown(slug, words)


@pages.post("/reports/<slug>/draft/model")
@allow(*ARRANGE)
def write(slug: str) -> ResponseReturnValue:
    """Have the language model on the town's own machine write a draft; it is checked like anybody's."""
    if not settings_of().draft_model.url:
        abort(404)
    with store_of().read() as rows:
        report = report_loading.living_report(rows, slug, choose_language())
        prompt = draft_prompt.prompt(report)
        newest = _newest(rows, slug)
    if newest is None or not newest.is_open:
        with store_of().write() as rows:
            errands.request_errand(rows, ErrandKind.DRAFT, about=_about(slug), to=prompt, by=require_person().id)
    flash(_("Asked for: it stands here when it is written. Open the page again in a minute."), "success")
    return redirect(url_for("draft_checks.draft", slug=slug, _anchor="outcome"))


def _about(slug: str) -> str:
    return f"{slug} {choose_language()}"[:255]


def _newest(rows: Session, slug: str) -> ErrandStatus | None:
    return next(iter(errands.newest_errands(rows, ErrandKind.DRAFT, _about(slug))), None)


@pages.post("/reports/<slug>/draft")
@allow(*ARRANGE)
def look_over(slug: str) -> ResponseReturnValue:
    """Check a draft; with a second button, put what was kept into the report."""
    text = request.form.get("draft", "")[:LONGEST]
    if request.form.get("do") != "add":
        return _shown(slug, text)
    report, checked = _checked(slug, text)
    return _add(slug, report, [one for one in checked if one.fault is None])


def _shown(slug: str, text: str) -> str:
    report, checked = _checked(slug, text)
    with store_of().read() as rows:
        newest = _newest(rows, slug)
    return render_template(
        "draft_check.html",
        slug=slug,
        draft=text,
        checked=checked,
        faults=FAULTS,
        forms=permitted_forms(report.language),
        has_model=bool(settings_of().draft_model.url),
        newest=newest,
    )


def _checked(slug: str, text: str) -> tuple[ComposedReport, list[CheckedSentence]]:
    with store_of().read() as rows:
        report = report_loading.living_report(rows, slug, choose_language())
        return report, check_draft(text, _facts(rows, report)) if text.strip() else []


def _facts(rows: Session, report: ComposedReport) -> DraftFacts:
    consultation_id = report.figures.consultation_id

    def find(number: str) -> Quotable | None:
        contribution_id = references.contribution_of(rows, number)
        one = rows.get(Contribution, contribution_id) if contribution_id else None
        if one is None or not one.listed or one.consultation_id != consultation_id:
            return None
        text = contribution_list.current_texts_of(rows, [one], MODERATED).get(one.id)
        if text is None:
            return None
        tags = contribution_list.visible_tags_of(rows, [one], MODERATED)[one.id]
        return Quotable(one.id, text.body, frozenset(tag.name for tag in tags))

    return DraftFacts(
        language=report.language,
        figures=report.figures,
        themes={theme_label(one.key, report.consultation, report.language): one.key for one in report.figures.themes},
        channels={str(label): channel for channel, label in CHANNELS.items()},
        find=find,
    )


def _add(slug: str, report: ComposedReport, kept: list[CheckedSentence]) -> ResponseReturnValue:
    person = require_person()
    try:
        with store_of().write() as rows:
            edit, revision = report_editing.arrangement_of(rows, report.figures.consultation_id)
            for one in kept:
                spoken = ",".join(references.references_of(rows, list(one.voices)).values())
                edit = report_editing.with_sentence(
                    rows, report.figures.consultation_id, edit, one.section, one.text, spoken, (person.id, person.name)
                )
            report_editing.save_arrangement(rows, report.figures.consultation_id, edit, person.id, revision)
    except InboxError as error:
        flash(error_message(error), "error")
    else:
        said = ngettext("%(num)d sentence stands in the report.", "%(num)d sentences stand in the report.", len(kept))
        flash(said if kept else _("Nothing was kept."), "success" if kept else "warning")
    return redirect(url_for("reports.show", slug=slug, _anchor="outcome"))
