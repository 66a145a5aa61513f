"""A consultation's report, loaded for a page or a file."""

from __future__ import annotations

from flask import abort
from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from inbox.consultations import consultation_versions
from inbox.models import ConsultationVersion
from inbox.records import references
from inbox.reports import report_editing, report_quotations, report_versions
from inbox.reports.figures import report_figures
from inbox.reports.report_versions import NoVersion, OpenedReportVersion
from inbox.web.reports.composition import ComposedReport


def consultation_or_404(rows: Session, slug: str) -> ConsultationVersion:
    """The consultation of a page's address; else the page is not there (404)."""
    found = consultation_versions.current_version(rows, slug)
    if found is None:
        abort(404)
    return found


def living_report(rows: Session, slug: str, language: str) -> ComposedReport:
    """The report as it now stands."""
    version = consultation_or_404(rows, slug)
    edit, _revision = report_editing.arrangement_of(rows, version.consultation_id)
    return ComposedReport(
        slug=slug,
        consultation=consultation_versions.as_consultation(version),
        figures=report_figures(rows, version),
        quoted=report_quotations.quotations_of(rows, version.consultation_id),
        edit=edit,
        references=references.references_of(rows, [one for own in edit.sentences for one in own.voices]),
        language=language,
    )


def kept_report(
    rows: Session, slug: str, number: int, language: str, *, for_all: bool = False
) -> tuple[ComposedReport, OpenedReportVersion]:
    """A version of the report, ``for_all`` as everybody reads it, and all about it; else it is not there (404)."""
    current = consultation_or_404(rows, slug)
    try:
        version = report_versions.open_version(rows, current.consultation_id, number)
    except NoVersion:
        abort(404)
    report = ComposedReport(
        slug=slug,
        consultation=consultation_versions.as_consultation(current),
        figures=version.figures.as_released() if for_all else version.figures,
        quoted=version.quoted,
        edit=version.edit,
        references=references.references_of(rows, [one for own in version.edit.sentences for one in own.voices]),
        language=language,
        kept=public_caption(version) if for_all else version_caption(version),
        for_all=for_all,
    )
    return report, version


def public_caption(version: OpenedReportVersion) -> str:
    """Which version it is, for everybody."""
    when = format_datetime(version.public_at or version.made_at, "d MMMM yyyy")
    return str(_("Version %(number)s, published on %(when)s", number=version.number, when=when))


def version_caption(version: OpenedReportVersion) -> str:
    """Which version it is, by whom, and whether somebody has signed it."""
    made = _(
        "Version %(number)s, kept by %(name)s on %(when)s",
        number=version.number,
        name=version.made_by,
        when=format_datetime(version.made_at, "d MMMM yyyy, HH:mm"),
    )
    if version.signed_at is None:
        unsigned = _("not signed")
        return f"{made}; {unsigned}"
    signed = _(
        "signed by %(name)s on %(when)s",
        name=version.signed_by,
        when=format_datetime(version.signed_at, "d MMMM yyyy, HH:mm"),
    )
    return f"{made}; {signed}"
