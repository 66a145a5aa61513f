"""Pages of what counts as no contribution: why, with the original, and one click that makes it one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar, cast

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import pgettext

from channels.email.classify.diagnostic_headers import HEAD_BYTES, diagnostic_lines
from config.enums import ArrivalKind, Channel, NotContribution
from gateway.ingest.reclassification import make_contribution
from inbox.contributions import non_contributions
from inbox.contributions.non_contributions import NonContribution, UnitKind
from inbox.errors import Destroyed, InboxError, NotStored
from inbox.listings.contribution_list import excerpt
from inbox.listings.visibility import Aspect, who_sees
from inbox.models import Arrival, Part
from inbox.models.sealed_places import place_of
from inbox.records import history, intake_lookup
from inbox.storage.envelope_encryption import vault_of
from inbox.storage.unit_of_work import Session
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.error_pages import error_message
from inbox.web.base.guard import allow, require_person
from inbox.web.base.labels import CHANNELS, NOT_CONTRIBUTIONS, Label, options
from inbox.web.contributions.contribution_view import PartView, part_view
from inbox.web.contributions.history_view import HistoryEvent, history_events
from inbox.web.contributions.media_pages import SOURCE_SHOWN, raw_arrival
from inbox.web.contributions.reasons import translate_reason

Named = TypeVar("Named", NotContribution, Channel)

blueprint = Blueprint("judged", __name__, template_folder="../templates")

PAGE_ROWS = 30

WHY: dict[NotContribution, Label] = {
    NotContribution.KEYWORD: _l("The whole message is a keyword, which was obeyed."),
    NotContribution.BOUNCE: _l("A mail server says that a mail could not be delivered."),
    NotContribution.AUTOMATIC_REPLY: _l("A program answered, for instance because somebody is absent."),
    NotContribution.MAILING_LIST: _l("A mailing list sent it to many."),
    NotContribution.BLANK_PAGE: _l("No ink was found on the page."),
    NotContribution.FOREIGN_PAGE: _l("It is none of our forms."),
    NotContribution.DUPLICATE_PAGE: _l("The same page of the same form, with the same ink, was scanned before."),
    NotContribution.TEST_SHEET: _l("It is the filled sheet by which a copier is tried."),
    NotContribution.THANKS: _l("It only thanks for our receipt."),
    NotContribution.SUPERSEDED: _l("The file has grown since; what it says stands in its other forms."),
    NotContribution.REACTION: _l("A telephone tells that somebody likes a text of ours, and repeats that text."),
    NotContribution.ERASURE_WISH: _l(
        "It asks for something to be erased: its sender was told how, and it is not published."
    ),
    NotContribution.NO_MESSAGE: _l("The call ended before anything was recorded."),
    NotContribution.WITHDRAWN: _l("Whoever handed the file in took it back."),
    NotContribution.VOTE: _l("It supports a project: it is sealed, and counted when all is closed."),
}

# What a person looks at first in a list: not who sent it or what about, but what gives the machine away.
_IN_LIST = frozenset(
    {"Auto-Submitted", "Precedence", "List-Id", "X-Autoreply", "X-Autorespond", "X-Auto-Reply", "X-Failed-Recipients"}
)

_NO_ANSWER = ("Return-Path", "<>")


@dataclass(frozen=True, slots=True)
class NonContributionRow:
    """One line of the list."""

    judged: NonContribution
    label: Label
    why: Label
    evidence: tuple[tuple[str, str], ...]
    said: str
    url: str
    take_url: str
    about: str
    """What tells a screen reader which of several like buttons this is."""


@dataclass(frozen=True, slots=True)
class KindTab:
    """A kind, as a filter."""

    label: Label
    url: str
    count: int
    current: bool


@blueprint.get("/not-contributions")
@allow(*who_sees(Aspect.ORIGINALS))
def index() -> ResponseReturnValue:
    """All of it, newest first, by kind."""
    kind = _asked(NotContribution, request.args.get("kind", ""))
    channel = _asked(Channel, request.args.get("channel", ""))
    before, after = request.args.get("before"), request.args.get("after")
    with store_of().read() as rows:
        counts = non_contributions.counts_by_kind(rows)
        page = non_contributions.list_non_contributions(
            rows, kind=kind, channel=channel, before=before, after=after, limit=PAGE_ROWS
        )
        shown = _rows(rows, page.rows)
    here: dict[str, Any] = {"kind": kind, "channel": channel}
    return render_template(
        "gateway/judged.html",
        rows=shown,
        tabs=list(_tabs(counts, kind, channel)),
        channels=options(CHANNELS, _("All channels")),
        kind=kind or "",
        channel=channel or "",
        any_at_all=bool(counts),
        older_url=url_for("judged.index", **here, before=page.next_cursor) if page.next_cursor else None,
        newer_url=url_for("judged.index", **here, after=page.previous_cursor) if page.previous_cursor else None,
        newest_url=url_for("judged.index", **here) if page.previous_cursor else None,
    )


def _asked(names: type[Named], value: str) -> Named | None:
    return names(value) if value in set(names) else None


def _tabs(
    counts: dict[NotContribution, int], kind: NotContribution | None, channel: Channel | None
) -> Iterator[KindTab]:
    yield KindTab(
        pgettext("several", "All"), url_for("judged.index", channel=channel), sum(counts.values()), kind is None
    )
    for one, count in counts.items():
        yield KindTab(kind_label(one), url_for("judged.index", kind=one, channel=channel), count, one is kind)
    if kind is not None and kind not in counts:
        yield KindTab(kind_label(kind), url_for("judged.index", kind=kind, channel=channel), 0, True)


def kind_label(kind: NotContribution) -> Label:
    """What a kind is called; one that nobody has named yet as the code calls it."""
    return NOT_CONTRIBUTIONS.get(kind, kind.value.replace("_", " "))


def _why(kind: NotContribution, part: Part | None) -> Label:
    """Why it counts as none; of a vote that is not counted either, why that is."""
    if kind is NotContribution.VOTE and part is not None and part.reading_reason:
        return translate_reason(part.reading_reason)
    return WHY.get(kind, "")


def _rows(session: Session, found: Sequence[NonContribution]) -> list[NonContributionRow]:
    """What the list shows of each, with one query for all of a kind."""
    of_parts = [one.id for one in found if one.unit == "part"]
    parts = intake_lookup.parts_by_id(session, of_parts)
    mails = intake_lookup.first_mails(session, [one.intake_id for one in found])
    keys = {part.key_id for part in parts.values()} | {mail.intake.key_id for mail in mails.values()}
    vault = vault_of(session)
    vault.open_keys(session, keys)
    rows = []
    for one in found:
        part, mail = parts.get(one.id) if one.unit == "part" else None, mails.get(one.intake_id)
        lines = diagnostic_lines(_beginning(session, mail, HEAD_BYTES)) if mail is not None else []
        where: dict[str, Any] = {"unit": one.unit, "number": one.id}
        rows.append(
            NonContributionRow(
                judged=one,
                label=kind_label(one.kind),
                why=_why(one.kind, part),
                evidence=tuple(line for line in lines if line[0] in _IN_LIST or line == _NO_ANSWER),
                said=_said(session, part),
                url=url_for("judged.show", **where),
                take_url=url_for("judged.take", **where),
                about=f"{kind_label(one.kind)} {one.id}",
            )
        )
    return rows


def _said(session: Session, part: Part | None) -> str:
    if part is None:
        return ""
    typed = vault_of(session).text_left(session, part.key_id, part.sealed_body, place_of(Part.sealed_body, part))
    return excerpt(typed)


# --- one of them ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NonContributionView:
    """One thing that counts as no contribution, with all that is known of it."""

    judged: NonContribution
    label: Label
    why: Label
    lines: tuple[tuple[str, str], ...]
    part: PartView | None
    arrivals: tuple[datetime, ...]
    """When its messages from outside came in."""
    source: str
    """Of a mail: its beginning, as it arrived."""
    cut: bool
    files: tuple[int, ...]
    """Arrivals to be downloaded."""
    past: tuple[HistoryEvent, ...]

    @property
    def is_vote(self) -> bool:
        """Of a vote nothing is shown: what it came with says whose it is."""
        return self.judged.kind is NotContribution.VOTE


@blueprint.get("/not-contributions/<unit>/<int:number>")
@allow(*who_sees(Aspect.ORIGINALS))
def show(unit: str, number: int) -> ResponseReturnValue:
    """One of them, with its original; what became a contribution leads on to that."""
    kind = _unit(unit)
    with store_of().read() as session:
        found = non_contributions.find_non_contribution(session, kind, number)
        one = _one(session, found) if found is not None else None
        made = non_contributions.contribution_made_of(session, kind, number) if one is None else None
    if made is not None:
        return redirect(url_for("contributions.show", contribution_id=made))
    if one is None:
        abort(404)
    return render_template("gateway/judged_one.html", one=one)


def _unit(unit: str) -> UnitKind:
    if unit not in ("part", "intake"):
        abort(404)
    return cast(UnitKind, unit)


def _one(session: Session, found: NonContribution) -> NonContributionView:
    part = session.get(Part, found.id) if found.unit == "part" else None
    arrivals = intake_lookup.arrivals_in_order(session, found.intake_id)
    mail = next((one for one in arrivals if one.kind is ArrivalKind.MAIL), None)
    source = _beginning(session, mail, SOURCE_SHOWN + 1) if mail is not None else b""
    subjects = [f"part:{found.id}" if part is not None else "", f"intake:{found.intake_id}"]
    subjects += [
        f"contribution:{one}" for one in non_contributions.contributions_of(session, found.id if part else None)
    ]
    entries = [entry for subject in filter(None, subjects) for entry in history.history_of(session, subject)]
    return NonContributionView(
        judged=found,
        label=kind_label(found.kind),
        why=_why(found.kind, part),
        lines=tuple(diagnostic_lines(source)),
        part=replace(part_view(session, 1, part), mails=()) if part is not None else None,
        arrivals=tuple(one.arrived_at for one in arrivals),
        source=source[:SOURCE_SHOWN].decode("utf-8", "replace"),
        cut=len(source) > SOURCE_SHOWN,
        files=tuple(one.id for one in arrivals if one.kind in (ArrivalKind.MAIL, ArrivalKind.FILE)),
        past=history_events(sorted(entries, key=lambda entry: entry.id, reverse=True)),
    )


def _beginning(session: Session, arrival: Arrival, length: int) -> bytes:
    try:
        return b"".join(raw_arrival(session, arrival, length))[:length]
    except (Destroyed, NotStored):
        return b""


@blueprint.post("/not-contributions/<unit>/<int:number>/take")
@allow(*who_sees(Aspect.ORIGINALS))
def take(unit: str, number: int) -> ResponseReturnValue:
    """Make it a contribution, at once: it goes to review, and that can be undone there."""
    try:
        with store_of().write() as session:
            made = make_contribution(session, settings_of(), _unit(unit), number, require_person().id)
    except InboxError as error:
        flash(error_message(error), "error")
        return redirect(url_for("judged.index", _anchor="outcome"))
    flash(_("It is a contribution now, and waits for review."), "success")
    return redirect(url_for("contributions.show", contribution_id=made, _anchor="outcome"))
