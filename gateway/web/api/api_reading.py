"""Reading by the API: consultations, their ledger, contributions a page at a time, and all of them as lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Response, request

from config.enums import Channel, Moderation, SetAsideReason
from config.wording.consultation import Consultation
from gateway.web.api.api_guard import (
    BASE,
    ProblemDetails,
    json_response,
    record_opening,
    require_token,
    token_visibility,
)
from inbox.accounts.api_tokens import ApiRight
from inbox.consultations import consultation_versions
from inbox.listings import api_rows
from inbox.listings.api_rows import ContributionRow
from inbox.listings.filters import ContributionFilter
from inbox.listings.kept_ledger import kept_ledger
from inbox.storage.unit_of_work import Session
from inbox.votes import counting
from inbox.web.base.app_context import store_of
from inbox.web.base.openings import EXPORTED, LISTED, SEEN
from inbox.web.base.row_ids import DIGITS

pages = Blueprint("api", __name__, url_prefix=BASE)

LARGEST = 10**DIGITS - 1
MOST_ROWS = 200
USUAL_ROWS = 50
_LINES_AT_ONCE = 500


@pages.get("/consultations")
@require_token(ApiRight.READ)
def consultations() -> Response:
    """Every consultation, the one that closes last first."""
    _only()
    with store_of().read() as session:
        found = [
            consultation_versions.as_consultation(one)
            for one in consultation_versions.current_versions_by_slug(session)
        ]
    return json_response(
        {"consultations": [_consultation(one) for one in sorted(found, key=lambda one: one.closes)[::-1]]}
    )


@pages.get("/consultations/<slug>")
@require_token(ApiRight.READ)
def consultation(slug: str) -> Response:
    """One consultation, with its projects' votes once they are counted."""
    _only()
    with store_of().read() as session:
        number, asked = _asked(session, slug)
        votes = counting.last_totals(session, number)
    table = _consultation(asked)
    table["votes"] = None if votes is None else {str(project): n for project, n in sorted(votes.voices.items())}
    return json_response(table)


@pages.get("/consultations/<slug>/ledger")
@require_token(ApiRight.READ)
def ledger(slug: str) -> Response:
    """Where everything stands that arrived for it."""
    _only()
    with store_of().read() as session:
        number, _one = _asked(session, slug)
        book = kept_ledger(session, number)
    counts = {bucket.value: count for bucket, count in book.counts.items()}
    return json_response({"arrived": book.units, "counts": counts, "balanced": book.balanced})


@pages.get("/contributions")
@require_token(ApiRight.READ)
def contributions() -> Response:
    """A page of what this token may see, the newest first."""
    _only("consultation", "channel", "moderation", "theme", "limit", "before")
    wanted, before = _wanted(), _number("before", 1, LARGEST)
    limit = _number("limit", 1, MOST_ROWS) or USUAL_ROWS
    with store_of().read() as session:
        page = api_rows.api_page(session, wanted, token_visibility(), before=before, limit=limit)
    record_opening(LISTED, "contributions", len(page.rows))
    return json_response({"contributions": [_contribution(one) for one in page.rows], "next_before": page.older})


@pages.get("/contributions/<int:contribution_id>")
@require_token(ApiRight.READ)
def contribution(contribution_id: int) -> Response:
    """One contribution."""
    _only()
    with store_of().read() as session:
        found = api_rows.api_row(session, contribution_id, token_visibility()) if contribution_id <= LARGEST else None
    if found is None:
        raise ProblemDetails(404, "There is no such contribution", "It may be erased, or not to be seen in this role.")
    record_opening(SEEN, f"contribution:{contribution_id}")
    return json_response(_contribution(found))


@pages.get("/export")
@require_token(ApiRight.EXPORT)
def export() -> Response:
    """All that fits, as JSON lines."""
    _only("consultation", "channel", "moderation", "theme")
    wanted, sees = _wanted(), token_visibility()
    record_opening(EXPORTED, "contributions")

    def lines() -> Iterator[str]:
        before: int | None = None
        while True:
            with store.read() as session:
                page = api_rows.api_page(session, wanted, sees, before=before, limit=_LINES_AT_ONCE)
            yield from (json.dumps(_contribution(one), ensure_ascii=False) + "\n" for one in page.rows)
            before = page.older
            if before is None:
                return

    store = store_of()
    return Response(lines(), mimetype="application/x-ndjson")


# --- inside -------------------------------------------------------------------------------------


def _asked(session: Session, slug: str) -> tuple[int, Consultation]:
    version = None if "\0" in slug else consultation_versions.current_version(session, slug)
    if version is None:
        raise ProblemDetails(404, "There is no such consultation")
    return version.consultation_id, consultation_versions.as_consultation(version)


def _only(*names: str) -> None:
    """Refuse what is not known, so that a slip in a name does not widen a search."""
    if unknown := sorted(set(request.args) - set(names)):
        raise ProblemDetails(400, "There is no such parameter", ", ".join(unknown)[:200])
    if twice := sorted(name for name in names if len(request.args.getlist(name)) > 1):
        raise ProblemDetails(400, "A parameter stands twice", ", ".join(twice))


def _wanted() -> ContributionFilter:
    channel, moderation = request.args.get("channel"), request.args.get("moderation")
    if channel is not None and channel not in set(Channel):
        raise ProblemDetails(400, "There is no such channel", f"One of {', '.join(Channel)}.")
    if moderation is not None and moderation not in set(Moderation):
        raise ProblemDetails(400, "There is no such state", f"One of {', '.join(Moderation)}.")
    for name in ("consultation", "theme"):
        value = request.args.get(name)
        if value is not None and (not value or len(value) > 64 or "\0" in value):
            raise ProblemDetails(400, "This is no short name", f"{name} has 1 to 64 characters.")
    return ContributionFilter(
        channel=Channel(channel) if channel else None,
        moderation=Moderation(moderation) if moderation else None,
        theme=request.args.get("theme"),
        consultation=request.args.get("consultation"),
    )


def _number(name: str, least: int, most: int) -> int | None:
    said = request.args.get(name)
    if said is None:
        return None
    if not (said.isascii() and said.isdecimal() and len(said) < 12 and least <= int(said) <= most):
        raise ProblemDetails(400, "This is no number that fits", f"{name} is a whole number from {least} to {most}.")
    return int(said)


def _consultation(one: Consultation) -> dict[str, Any]:
    return {
        "slug": one.slug,
        "town": one.town_name,
        "languages": list(one.languages),
        "title": dict(one.title),
        "question": dict(one.question),
        "opens": one.opens.isoformat(),
        "closes": one.closes.isoformat(),
        "answer_by": one.answer_by.isoformat() if one.answer_by else None,
        "themes": [{"key": theme.key, "label": dict(theme.label)} for theme in one.themes],
        "projects": [{"number": project.number, "label": dict(project.label)} for project in one.projects],
    }


def _contribution(row: ContributionRow) -> Mapping[str, Any]:
    reason: SetAsideReason | None = row.set_aside_reason
    return {
        "id": row.id,
        "reference": row.reference,
        "consultation": row.consultation,
        "channel": row.channel.value,
        "moderation": row.moderation.value,
        "set_aside_reason": reason.value if reason else None,
        "text": row.text,
        "read_by_machine": row.is_machine,
        "language": row.language,
        "themes": list(row.themes),
        "received_at": row.received_at.isoformat(),
    }
