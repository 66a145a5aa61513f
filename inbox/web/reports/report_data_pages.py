"""The data behind a report, to be fetched: raw, for staff; anonymised, for everybody; and what each column means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from inbox.consultations import consultation_versions
from inbox.export import consul, csv_export, data_fetches, decidim
from inbox.export.data_dictionary import data_dictionary, dcat_description
from inbox.export.data_fetches import FetchProgress
from inbox.export.json_lines_export import KEYS, NUMBERS, json_objects
from inbox.export.ods_export import ods_pieces
from inbox.export.parquet_export import parquet_pieces
from inbox.export.xlsx_export import xlsx_pieces
from inbox.listings.filters import ContributionFilter
from inbox.records import history, tallies
from inbox.reports import open_data
from inbox.reports.document_blocks import AreaMap, ReportTable
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.formats import number
from inbox.web.base.guard import allow, require_person
from inbox.web.base.page_language import choose_language
from inbox.web.contributions.theme_labels import title_of
from inbox.web.reports import report_loading
from inbox.web.reports.composition import ComposedReport, compose_report
from inbox.web.reports.report_pages import ARRANGE, READ

pages = Blueprint("report_data", __name__)

Batches = Iterator[list[list[str]]]
FILE_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "jsonl": "application/jsonl; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}


@pages.get("/reports/<slug>/data")
@allow(*READ)
def index(slug: str) -> ResponseReturnValue:
    """Every file there is of a consultation."""
    language = choose_language()
    words = csv_export.spreadsheet_words(language)
    with store_of().read() as rows:
        consultation_id = report_loading.consultation_or_404(rows, slug).consultation_id
        released = open_data.count_released(rows, consultation_id)
        report = report_loading.living_report(rows, slug, language)
        newest = data_fetches.newest_fetch(rows, require_person().id, consultation_id)
    return render_template(
        "report_data.html",
        slug=slug,
        released=released,
        kinds=tuple(FILE_TYPES),
        pictures=_pictures(report),
        newest=newest,
        fetch_line=_fetch_line(newest) if newest else "",
        columns=data_dictionary(language, dict(zip(KEYS, words.columns, strict=True))),
        may_release=require_person().may(*ARRANGE),
    )


def _fetch_line(one: FetchProgress) -> str:
    if one.ended_at is not None:
        written = _("%(kind)s: written, %(done)s rows.", kind=one.kind.upper(), done=number(one.done))
        return str(written)
    return str(
        _(
            "%(kind)s: %(done)s of about %(all)s rows written.",
            kind=one.kind.upper(),
            done=number(one.done),
            all=number(one.of_all),
        )
    )


@pages.get("/reports/<slug>/data/progress")
@allow(*READ)
def progress(slug: str) -> ResponseReturnValue:
    """How far the file is that this person fetched last."""
    with store_of().read() as rows:
        consultation_id = report_loading.consultation_or_404(rows, slug).consultation_id
        newest = data_fetches.newest_fetch(rows, require_person().id, consultation_id)
    if newest is None:
        return {"id": 0}
    said = {"id": newest.id, "done": newest.done, "of_all": newest.of_all, "ended": newest.ended_at is not None}
    return {**said, "said": _fetch_line(newest)}


def _pictures(report: ComposedReport) -> list[str]:
    """What the charts and maps show that another room makes files of, in the report's order."""
    if "report_files.picture" not in current_app.view_functions:
        return []
    blocks = [block for _level, section in compose_report(report).printed() for block in section.blocks]
    charts = [one for one in blocks if isinstance(one, ReportTable) and one.is_chart and len(one.lines) > 1]
    return [one.caption for one in blocks if one in charts or isinstance(one, AreaMap)]


@pages.get("/reports/<slug>/data/contributions.<kind>")
@allow(*READ, confirmed=True)
def raw(slug: str, kind: str) -> ResponseReturnValue:
    """One row a contribution, as this person may see it; that it was fetched stands in the history."""
    language, sight, zone = choose_language(), require_person().sight, settings_of().zone
    words = csv_export.spreadsheet_words(language)
    with store_of().write() as rows:
        version = report_loading.consultation_or_404(rows, slug)
        title = title_of(version, language)
        subject = f"consultation:{version.consultation_id}"
        history.record_event(rows, subject, "data_fetched", require_person().id, {"kind": kind})
        kept = [one for one in tallies.contribution_tallies(rows) if one.consultation_id == version.consultation_id]
        of_all = sum(one.count for one in kept)
        fetch = data_fetches.begin_fetch(rows, require_person().id, version.consultation_id, kind, of_all)
    store = store_of()

    def batches() -> Batches:
        with store.read() as opened:
            every = csv_export.spreadsheet_batches(opened, ContributionFilter(consultation=slug), sight, language, zone)
            yield from data_fetches.counted_batches(store, fetch, every)

    return _file(kind, words.columns, KEYS, batches, title, slug, words.cut)


@pages.get("/reports/<slug>/data/decidim.csv")
@allow(*READ)
def for_decidim(slug: str) -> ResponseReturnValue:
    """What was published, as Decidim's import of proposals takes it."""
    with store_of().read() as rows:
        consultation = consultation_versions.as_consultation(report_loading.consultation_or_404(rows, slug))
    language = consultation.language
    title = consultation.title[language]
    return _import_file(
        lambda opened: decidim.proposals(opened, slug, language, title), FILE_TYPES["csv"], f"{slug}-decidim.csv"
    )


@pages.get("/reports/<slug>/data/consul.jsonl")
@allow(*READ)
def for_consul(slug: str) -> ResponseReturnValue:
    """What was published, as our script takes it into Consul Democracy."""
    with store_of().read() as rows:
        consultation = consultation_versions.as_consultation(report_loading.consultation_or_404(rows, slug))
    language = consultation.language
    title = consultation.title[language]
    labels = {theme.key: theme.label.get(language, theme.key) for theme in consultation.themes}
    return _import_file(
        lambda opened: consul.proposals(opened, slug, language, title, labels),
        "application/x-ndjson",
        f"{slug}-consul.jsonl",
    )


def _import_file(read: Callable[[Session], Iterator[bytes]], content_type: str, name: str) -> Response:
    """What was published, as it is read, in the form that another program imports."""

    def lines() -> Iterator[bytes]:
        with store_of().read() as opened:
            yield from read(opened)

    return Response(
        stream_with_context(lines()),
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@pages.get("/reports/<slug>/data/open-data.<kind>")
@allow(*READ)
def anonymised(slug: str, kind: str) -> ResponseReturnValue:
    """The open-data edition: what was released, without references."""
    with store_of().read() as rows:
        version = report_loading.consultation_or_404(rows, slug)
        consultation_id, title = version.consultation_id, title_of(version, choose_language())
    return edition_file(kind, consultation_id, title, slug)


def edition_file(kind: str, consultation_id: int, title: str, slug: str) -> Response:
    """The open-data edition as a file."""
    language = choose_language()
    words = csv_export.spreadsheet_words(language)

    def batches() -> Batches:
        with store_of().read() as opened:
            yield from open_data.edition_rows(opened, consultation_id, language)

    return _file(kind, open_data.COLUMNS, open_data.COLUMNS, batches, title, f"{slug}-open-data", words.cut)


def _file(
    kind: str,
    columns: Sequence[str],
    keys: Sequence[str],
    batches: Callable[[], Batches],
    title: str,
    name: str,
    cut: str,
) -> Response:
    if kind not in FILE_TYPES:
        abort(404)

    def rows() -> Iterator[list[str]]:
        return (row for batch in batches() for row in batch)

    makers: dict[str, Callable[[], Iterator[bytes]]] = {
        "csv": lambda: csv_export.csv_pieces(columns, batches(), csv_export.spreadsheet_words(choose_language())),
        "xlsx": lambda: xlsx_pieces(columns, rows(), title, cut),
        "ods": lambda: ods_pieces(columns, rows(), title, cut),
        "jsonl": lambda: json_objects(keys, batches()),
        "parquet": lambda: parquet_pieces(keys, batches(), NUMBERS),
    }
    return Response(
        stream_with_context(makers[kind]()),
        content_type=FILE_TYPES[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'},
    )


@pages.get("/reports/<slug>/data/open-data.dcat.json")
@allow(*READ)
def description(slug: str) -> ResponseReturnValue:
    """The description of the open-data edition for catalogues."""
    with store_of().read() as rows:
        consultation = consultation_versions.as_consultation(report_loading.consultation_or_404(rows, slug))
    files = {
        kind.partition(";")[0]: url_for("report_data.anonymised", slug=slug, kind=name, _external=True)
        for name, kind in FILE_TYPES.items()
    }
    address = url_for("report_data.index", slug=slug, _external=True)
    return dcat_description(consultation, address, files, datetime.now(UTC))


@pages.post("/reports/<slug>/data/release")
@allow(*ARRANGE)
def release(slug: str) -> ResponseReturnValue:
    """Release what has been published since the last edition."""
    with store_of().write() as rows:
        consultation_id = report_loading.consultation_or_404(rows, slug).consultation_id
        edition = open_data.release_edition(rows, consultation_id, settings_of().zone)
        details = {"cohort": edition.cohort, "released": edition.released}
        history.record_event(rows, f"consultation:{consultation_id}", "data_released", require_person().id, details)
    if edition.released:
        said = ngettext(
            "%(count)s contribution is new in the edition.",
            "%(count)s contributions are new in the edition.",
            edition.released,
            count=number(edition.released),
        )
        flash(said, "success")
    else:
        flash(_("Too few are new to be released without being recognised: they wait for the next edition."), "warning")
    return redirect(url_for("report_data.index", slug=slug, _anchor="outcome"))
