"""A consultation for everybody: the question, how to take part, what was said, counted and answered."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import segno
from flask import Blueprint, Response, abort, current_app, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from config import phone_numbers
from config.enums import Channel
from config.settings.sections.setting_types import can_receive
from config.wording.consultation import Consultation
from config.wording.message_catalog import resident_text
from inbox.answers import concluding, owed_answers, published_view
from inbox.answers.owed_answers import OwedAnswers
from inbox.models.column_types import utc_now
from inbox.reports import report_versions
from inbox.votes import counting, supported_contributions
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import open_to_all
from inbox.web.base.page_language import choose_language
from inbox.web.base.row_ids import number_in
from inbox.web.public.public_frame import KEPT_SECONDS, localised_text, non_breaking_marks, public_link, public_page
from inbox.web.public.public_labels import OUTCOMES, VOTERS

pages = Blueprint("public", __name__)

LATEST = 3
"""Published voices on the consultation's own page."""
LONGEST_QUERY = 100


@dataclass(frozen=True)
class TakingPart:
    """How to take part: each is empty where there is no such way."""

    number: str
    """As people write it."""
    call: str
    """As a telephone dials it."""
    code: Markup
    """A QR code that calls it."""
    texts: str
    mails: Sequence[str]
    on_paper: bool
    free: bool


@pages.get("/consultations")
@open_to_all
def index() -> ResponseReturnValue:
    """The public consultations; where there is one only, that one."""
    with store_of().read() as rows:
        found = published_view.list_public_consultations(rows)
        if len(found) == 1:
            return redirect(public_link("public.consultation", slug=found[0][1].slug))
        phases = {
            one.slug: owed_answers.consultation_phase(rows, row.consultation_id, one, _today()) for row, one in found
        }
    shown = [
        (one, *localised_text(one.title, one), localised_text(one.question, one)[1], phases[one.slug])
        for _row, one in found
    ]
    return public_page("public/consultations.html", consultations=shown)


@pages.get("/consultations/<slug>")
@open_to_all
def consultation(slug: str) -> Response:
    """One consultation."""
    with store_of().read() as rows:
        number, asked = public_consultation(rows, slug)
        due = _owed(rows, number, asked)
        counted = published_view.read_published_numbers(rows, number)
        latest = published_view.list_published_voices(rows, slug, limit=LATEST)
        answered = published_view.list_published_answers(rows, number, theme_labels(asked))
        published = concluding.published_follow_ups(rows, number)
        has_report = report_versions.public_version(rows, number) is not None
        votes = counting.last_totals(rows, number) if asked.projects else None
        supported = _supported(rows, slug, asked)
    return public_page(
        "public/consultation.html",
        votes=votes,
        supported=supported,
        voters=VOTERS,
        has_report=has_report,
        asked=asked,
        due=due,
        part=taking_part(asked),
        numbers=counted,
        latest=latest.voices,
        answers=answered,
        follow_ups=published,
        themes=theme_labels(asked),
        outcomes=OUTCOMES,
        own=lambda words: localised_text(words, asked),
        promise=non_breaking_marks(
            resident_text(f"promise_{asked.answers.name.lower()}", choose_language(), asked), choose_language()
        ),
    )


@pages.get("/consultations/<slug>/published")
@open_to_all
def published(slug: str) -> Response:
    """What was published, by theme, channel and words."""
    words = request.args.get("q", "").strip()[:LONGEST_QUERY].replace("\0", "")
    theme, channel = request.args.get("theme", "")[:64].replace("\0", ""), request.args.get("channel", "")
    quarter = request.args.get("quarter", "").strip()[:64].replace("\0", "")
    with store_of().read() as rows:
        _number, asked = public_consultation(rows, slug)
        labels = theme_labels(asked)
        found = published_view.list_published_voices(
            rows,
            slug,
            words=words,
            theme=theme if theme in labels else "",
            channel=Channel(channel) if channel in set(Channel) else None,
            quarter=quarter,
            before=number_in(request.args, "before"),
            after=number_in(request.args, "after"),
        )
    query = {
        name: value
        for name, value in (("q", words), ("theme", theme), ("channel", channel), ("quarter", quarter))
        if value
    }
    return public_page(
        "public/published.html",
        asked=asked,
        found=found,
        query=query,
        themes=labels,
        outcomes=OUTCOMES,
        own=lambda said: localised_text(said, asked),
    )


@pages.get("/consultations/<slug>/published/<int:number>")
@open_to_all
def voice(slug: str, number: int) -> Response:
    """One published contribution, whole."""
    with store_of().read() as rows:
        _id, asked = public_consultation(rows, slug)
        found = published_view.find_published_voice(rows, slug, number)
        support = supported_contributions.number_of(asked, number)
    if found is None:
        abort(404)
    return public_page(
        "public/voice.html",
        support=support if asked.state_on(utc_now().astimezone(settings_of().zone).date()) == "open" else None,
        part=taking_part(asked),
        asked=asked,
        voice=found,
        themes=theme_labels(asked),
        outcomes=OUTCOMES,
        own=lambda said: localised_text(said, asked),
    )


def _supported(session: Session, slug: str, asked: Consultation) -> dict[int, published_view.PublishedVoice | None]:
    """The contributions that can be supported, by their numbers; None for one that is not published any more."""
    return {
        one.number: published_view.find_published_voice(session, slug, one.contribution)
        for one in asked.projects
        if one.contribution is not None
    }


@pages.get("/consultations/<slug>/feed.atom")
@open_to_all
def feed(slug: str) -> Response:
    """What is new, for readers of feeds (RFC 4287)."""
    with store_of().read() as rows:
        number, asked = public_consultation(rows, slug)
        latest = published_view.list_published_voices(rows, slug)
        answered = published_view.list_published_answers(rows, number, theme_labels(asked))
        published_ones = concluding.published_follow_ups(rows, number)
    response = public_page(
        "public/feed.xml",
        asked=asked,
        latest=latest.voices,
        answers=answered,
        follow_ups=published_ones,
        now=utc_now(),
        base=settings_of().public_url,
        own=lambda said: localised_text(said, asked),
    )
    response.content_type = "application/atom+xml; charset=utf-8"
    return response


# --- inside -------------------------------------------------------------------------------------


def public_consultation(session: Session, slug: str) -> tuple[int, Consultation]:
    """A public consultation; whoever asks for another one finds nothing."""
    found = published_view.find_public_consultation(session, slug)
    if found is None:
        abort(404)
    return found


def _owed(session: Session, number: int, asked: Consultation) -> OwedAnswers:
    """What is owed, counted once a minute: a page may be as old as that anyway, and counting looks at every row."""
    kept: dict[int, tuple[float, OwedAnswers]] = current_app.extensions["portevoix"].setdefault("owed", {})
    known = kept.get(number)
    if known is None or time.monotonic() - known[0] > KEPT_SECONDS:
        known = kept[number] = (time.monotonic(), owed_answers.owed_answers_of(session, number, asked, _today()))
    return known[1]


def theme_labels(asked: Consultation) -> Mapping[str, str]:
    """The themes in the reader's language, by key."""
    return {theme.key: localised_text(theme.label, asked)[1] for theme in asked.themes}


def taking_part(asked: Consultation) -> TakingPart:
    """How to take part in it."""
    phones = asked.addresses.phones
    call = phones[0] if phones else ""
    return TakingPart(
        number=phone_numbers.national_format(call).replace(" ", "\u00a0") if call else "",
        call=call,
        code=_code(f"tel:{call}") if call else Markup(),
        texts=call if call and can_receive(call) else "",
        mails=asked.addresses.mailboxes,
        on_paper=bool(asked.addresses.centres or asked.addresses.folders),
        free=asked.free_call,
    )


def _code(content: str) -> Markup:
    """A QR code as a picture in the page itself, drawn by rectangles alone; what it opens is written beside it."""
    drawn = segno.make(content, error="m", micro=False).svg_inline(
        scale=4, border=2, svgclass="code", lineclass=None, dark="#000", light="#fff", omitsize=True
    )
    named = Markup('<svg role="img" aria-label="{}" ').format(_("A square to aim at with a telephone: it calls."))
    # It holds digits of ours alone, drawn by a library.
    return named + Markup(drawn.removeprefix("<svg "))  # noqa: S704


def _today() -> date:
    return utc_now().astimezone(settings_of().zone).date()
