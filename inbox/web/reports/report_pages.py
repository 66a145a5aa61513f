"""The report of each consultation: living, and in versions."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from config.enums import Role
from inbox.consultations import consultation_versions
from inbox.errors import InboxError
from inbox.records import tallies
from inbox.reports import report_comments, report_versions
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.error_pages import error_message
from inbox.web.base.guard import allow, require_person
from inbox.web.base.page_language import choose_language
from inbox.web.base.security_headers import allow_pictures_of
from inbox.web.contributions.theme_labels import title_of
from inbox.web.reports import report_loading
from inbox.web.reports.composition import compose_report, key_figures
from inbox.web.reports.report_labels import SECTIONS

pages = Blueprint("reports", __name__)

READ = (Role.MODERATOR, Role.OFFICIAL, Role.ADMINISTRATOR)
ARRANGE = (Role.OFFICIAL, Role.ADMINISTRATOR)

FORMATS = ("docx", "odt", "pdf", "html")
"""Of the documents that other rooms make of a report."""


def _allow_map_tiles() -> None:
    if settings_of().map_tiles:
        allow_pictures_of(settings_of().map_tiles)


def _formats() -> tuple[str, ...]:
    return FORMATS if "report_files.document" in current_app.view_functions else ()


@dataclass(frozen=True)
class ReportListLine:
    """One consultation in the list of reports."""

    slug: str
    title: str
    published: int
    versions: int


@pages.get("/reports")
@allow(*READ)
def index() -> ResponseReturnValue:
    """The report of each consultation; straight to it where there is only one."""
    language = choose_language()
    with store_of().read() as rows:
        kept = tallies.contribution_tallies(rows)
        listed = [
            ReportListLine(
                version.consultation.slug,
                title_of(version, language),
                sum(
                    one.count
                    for one in kept
                    if one.consultation_id == version.consultation_id and one.moderation.value == "published"
                ),
                len(report_versions.versions_of(rows, version.consultation_id)),
            )
            for version in consultation_versions.current_versions_by_slug(rows)
        ]
    if len(listed) == 1:
        return redirect(url_for("reports.show", slug=listed[0].slug))
    return render_template("reports.html", listed=listed)


@pages.get("/reports/<slug>")
@allow(*READ)
def show(slug: str) -> ResponseReturnValue:
    """The report as it now stands."""
    with store_of().read() as rows:
        report = report_loading.living_report(rows, slug, choose_language())
        versions = report_versions.versions_of(rows, report.figures.consultation_id)
        comments = report_comments.comments_of(rows, report.figures.consultation_id, report_comments.LIVING)
    _allow_map_tiles()
    return render_template(
        "report.html",
        slug=slug,
        document=compose_report(report),
        brief=key_figures(report),
        versions=versions,
        version=None,
        formats=_formats(),
        may_arrange=require_person().may(*ARRANGE),
        may_decide=require_person().may(Role.MODERATOR, Role.ADMINISTRATOR),
        comments=comments,
        section_labels=SECTIONS,
        about=report_loading.version_caption,
    )


@pages.get("/reports/<slug>/versions/<int:number>")
@allow(*READ)
def version(slug: str, number: int) -> ResponseReturnValue:
    """One version, as it stood; quotations that are no longer published are not shown any more."""
    with store_of().read() as rows:
        report, found = report_loading.kept_report(rows, slug, number, choose_language())
        comments = report_comments.comments_of(rows, report.figures.consultation_id, number)
    _allow_map_tiles()
    return render_template(
        "report.html",
        slug=slug,
        document=compose_report(report),
        brief=key_figures(report),
        versions=[],
        version=found,
        formats=_formats(),
        may_arrange=require_person().may(*ARRANGE),
        may_decide=False,
        comments=comments,
        section_labels=SECTIONS,
        about=report_loading.version_caption,
    )


@pages.post("/reports/<slug>/versions")
@allow(*ARRANGE)
def keep(slug: str) -> ResponseReturnValue:
    """Keep the report as it now stands."""
    with store_of().read() as rows:
        report = report_loading.living_report(rows, slug, choose_language())
    comment = request.form.get("comment", "")
    with store_of().write() as rows:
        number = report_versions.save_version(
            rows,
            report.figures.consultation_id,
            report.figures,
            report.quoted,
            report.edit,
            comment,
            require_person().id,
        )
    flash(
        _("Kept as version %(number)s. What is published from now on is counted beside it.", number=number), "success"
    )
    return redirect(url_for("reports.version", slug=slug, number=number, _anchor="outcome"))


@pages.post("/reports/<slug>/versions/<int:number>/sign")
@allow(*ARRANGE)
def sign(slug: str, number: int) -> ResponseReturnValue:
    """Put one's name under a version."""
    with store_of().read() as rows:
        consultation_id = report_loading.consultation_or_404(rows, slug).consultation_id
    try:
        with store_of().write() as rows:
            report_versions.sign_version(rows, consultation_id, number, require_person().id)
    except InboxError as error:
        flash(error_message(error), "error")
    else:
        flash(_("Signed: your name stands under this version."), "success")
    return redirect(url_for("reports.version", slug=slug, number=number, _anchor="outcome"))


@pages.post("/reports/<slug>/versions/<int:number>/publish")
@allow(*ARRANGE)
def publish(slug: str, number: int) -> ResponseReturnValue:
    """Let everybody read a signed version on the public page."""
    return _let_read(slug, number, _("Everybody can read it."), public=True)


@pages.post("/reports/<slug>/versions/<int:number>/withdraw")
@allow(*ARRANGE)
def withdraw(slug: str, number: int) -> ResponseReturnValue:
    """Let nobody outside read a version any more."""
    return _let_read(slug, number, _("Nobody outside can read it any more."), public=False)


def _let_read(slug: str, number: int, said: str, *, public: bool) -> ResponseReturnValue:
    with store_of().read() as rows:
        consultation_id = report_loading.consultation_or_404(rows, slug).consultation_id
    try:
        with store_of().write() as rows:
            by, zone = require_person().id, settings_of().zone
            report_versions.publish_version(rows, consultation_id, number, by, zone, public=public)
    except InboxError as error:
        flash(error_message(error), "error")
    else:
        flash(said, "success")
    return redirect(url_for("reports.version", slug=slug, number=number, _anchor="outcome"))


@pages.post("/reports/<slug>/comments")
@allow(*READ)
def add_comment(slug: str) -> ResponseReturnValue:
    """Remark something on the report, or on one of its versions."""
    number = request.form.get("version", report_comments.LIVING, type=int)
    section = request.form.get("section", "")
    try:
        with store_of().write() as rows:
            consultation_id = report_loading.consultation_or_404(rows, slug).consultation_id
            if number != report_comments.LIVING:
                report_versions.open_version(rows, consultation_id, number)
            report_comments.add_comment(
                rows,
                consultation_id,
                number,
                section if section in SECTIONS else "",
                request.form.get("body", ""),
                require_person().id,
            )
    except InboxError as error:
        flash(error_message(error), "error")
    else:
        flash(_("Noted: your colleagues see it here."), "success")
    return _back_to(slug, number)


@pages.post("/reports/<slug>/comments/<int:number>/settle")
@allow(*READ)
def settle_comment(slug: str, number: int) -> ResponseReturnValue:
    """Note that a remark is settled."""
    try:
        with store_of().write() as rows:
            consultation_id = report_loading.consultation_or_404(rows, slug).consultation_id
            report_comments.settle_comment(rows, consultation_id, number, require_person().id)
    except InboxError as error:
        flash(error_message(error), "error")
    else:
        flash(_("Settled."), "success")
    return _back_to(slug, request.form.get("version", report_comments.LIVING, type=int))


def _back_to(slug: str, number: int) -> ResponseReturnValue:
    if number == report_comments.LIVING:
        return redirect(url_for("reports.show", slug=slug, _anchor="outcome"))
    return redirect(url_for("reports.version", slug=slug, number=number, _anchor="outcome"))
