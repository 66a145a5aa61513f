"""Open data for everybody: the released edition as files, the numbers, and which quarters are spoken of."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, abort, request
from flask.json import dumps

from inbox.answers import published_view
from inbox.export.data_dictionary import COLUMN_MEANINGS, dcat_description
from inbox.models.column_types import utc_now
from inbox.records import web_look_ups
from inbox.reports import open_data
from inbox.reports.document_blocks import AreaMap
from inbox.reports.quarter_figures import quarters_of
from inbox.reports.suppression import SMALLEST_CELL
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import open_to_all
from inbox.web.base.page_language import choose_language
from inbox.web.public.public_consultation import public_consultation
from inbox.web.public.public_frame import KEPT_SECONDS, localised_text, public_page
from inbox.web.public.public_labels import CHANNELS
from inbox.web.reports import quarter_sections
from inbox.web.reports.report_data_pages import FILE_TYPES, edition_file

pages = Blueprint("public_data", __name__)

LICENCE = "https://www.etalab.gouv.fr/licence-ouverte-open-licence"
FILES_PER_HOUR = 30
"""Files of one address within an hour: each reads every released row."""


@pages.get("/consultations/<slug>/data")
@open_to_all
def index(slug: str) -> Response:
    """Which files there are, and what their columns mean."""
    language = choose_language()
    with store_of().read() as rows:
        number, asked = public_consultation(rows, slug)
        released = open_data.count_released(rows, number)
    columns = [(name, COLUMN_MEANINGS[name].get(language) or COLUMN_MEANINGS[name]["en"]) for name in open_data.COLUMNS]
    return public_page(
        "public/data.html",
        asked=asked,
        own=lambda words: localised_text(words, asked),
        released=released,
        kinds=tuple(FILE_TYPES) if released else (),
        columns=columns,
        licence=LICENCE,
        most=SMALLEST_CELL,
    )


@pages.get("/consultations/<slug>/data/open-data.<kind>")
@open_to_all
def edition(slug: str, kind: str) -> Response:
    """The released rows, as long as they are published."""
    if kind not in FILE_TYPES:
        abort(404)
    _check_limit()
    with store_of().read() as rows:
        number, asked = public_consultation(rows, slug)
        released = open_data.count_released(rows, number)
    if not released:
        abort(404)
    return _shared(edition_file(kind, number, localised_text(asked.title, asked)[1], slug))


@pages.get("/consultations/<slug>/data/open-data.dcat.json")
@open_to_all
def description(slug: str) -> Response:
    """The description of the edition for catalogues such as data.gouv.fr."""
    with store_of().read() as rows:
        _number, asked = public_consultation(rows, slug)
    address = f"{settings_of().public_url}/consultations/{slug}/data"
    files = {kind.partition(";")[0]: f"{address}/open-data.{name}" for name, kind in FILE_TYPES.items()}
    told = dcat_description(asked, address, files, datetime.now(UTC)) | {"dct:license": LICENCE}
    return _shared(Response(dumps(told, ensure_ascii=False), mimetype="application/ld+json"))


@pages.get("/consultations/<slug>/data/numbers.json")
@open_to_all
def numbers(slug: str) -> Response:
    """Everything that is counted, as the consultation's page shows it."""
    with store_of().read() as rows:
        number, asked = public_consultation(rows, slug)
        counted = published_view.read_published_numbers(rows, number)
    told = {
        "consultation": slug,
        "town": asked.town_name,
        "at": utc_now().astimezone(settings_of().zone).isoformat(timespec="seconds"),
        "arrived": counted.arrived,
        "buckets": counted.buckets,
        "published": counted.published,
        "by_channel": counted.by_channel,
        "set_aside": counted.reasons,
        "outcomes": counted.outcomes,
        "licence": LICENCE,
    }
    return _shared(Response(dumps(told, ensure_ascii=False), mimetype="application/json"))


@pages.get("/consultations/<slug>/map")
@open_to_all
def quarters(slug: str) -> Response:
    """Which quarters published opinions speak of: a table, and a picture where the town has outlines."""
    with store_of().read() as rows:
        number, asked = public_consultation(rows, slug)
        counted = published_view.read_published_numbers(rows, number)
        named = quarters_of(rows, number, counted.published)
    drawn = [one for one in quarter_sections.quarters(named, settings_of()) if isinstance(one, AreaMap)]
    return public_page(
        "public/map.html",
        asked=asked,
        own=lambda words: localised_text(words, asked),
        named=named,
        drawn=drawn[0] if drawn else None,
        channels=CHANNELS,
    )


def _shared(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _check_limit() -> None:
    now = utc_now()
    with store_of().write() as session:
        source = f"d{web_look_ups.source_key(session, request.remote_addr or '', now)}"[:32]
        if web_look_ups.count_look_up(session, source, now) > FILES_PER_HOUR:
            abort(429)
