"""Reporting a published contribution, and what moderators do with reports."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from config.answer_states import ReportReason
from config.enums import Role
from config.wording.consultation import Consultation
from inbox.answers import published_view
from inbox.answers.published_view import PublishedVoice
from inbox.listings import contribution_list
from inbox.listings.visibility import EVERYTHING
from inbox.models import Contribution, PublicReport
from inbox.models.column_types import utc_now
from inbox.records import history, references, web_look_ups
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import allow, open_to_all, require_person
from inbox.web.public.public_frame import public_page
from inbox.web.public.public_labels import REPORTS

pages = Blueprint("flags", __name__)

PER_HOUR = 20
"""Reports of one address within an hour that are kept."""
LISTED = 100
MODERATE = (Role.MODERATOR, Role.ADMINISTRATOR)


@pages.get("/consultations/<slug>/published/<int:number>/report")
@open_to_all
def report(slug: str, number: int) -> ResponseReturnValue:
    """Ask why a contribution should not stand there."""
    asked, voice = _published(slug, number)
    return public_page("public/flag.html", fresh=True, asked=asked, voice=voice, reasons=REPORTS)


@pages.post("/consultations/<slug>/published/<int:number>/report")
@open_to_all
def take(slug: str, number: int) -> ResponseReturnValue:
    """Somebody says why; a person looks at it."""
    asked, voice = _published(slug, number)
    reason = request.form.get("reason", "")
    if reason not in set(ReportReason):
        return public_page("public/flag.html", fresh=True, status=422, asked=asked, voice=voice, reasons=REPORTS)
    with store_of().write() as session:
        _keep(session, number, ReportReason(reason))
    return public_page("public/flagged.html", fresh=True, asked=asked)


def _published(slug: str, number: int) -> tuple[Consultation, PublishedVoice]:
    with store_of().read() as rows:
        asked = published_view.find_public_consultation(rows, slug)
        voice = published_view.find_published_voice(rows, slug, number) if asked else None
    if asked is None or voice is None:
        abort(404)
    return asked[1], voice


def _keep(session: Session, contribution_id: int, reason: ReportReason) -> None:
    """One open report for each reason is enough; whoever reports a hundred is thanked, and heard twenty times."""
    source = f"r{web_look_ups.source_key(session, request.remote_addr or '', utc_now())}"[:32]
    if web_look_ups.count_look_up(session, source, utc_now()) > PER_HOUR:
        return
    same = select(func.count(PublicReport.id)).where(
        PublicReport.contribution_id == contribution_id,
        PublicReport.reason == reason,
        PublicReport.settled_at.is_(None),
    )
    if not session.scalar(same):
        session.add(PublicReport(contribution_id=contribution_id, reason=reason))
        history.record_event(session, f"contribution:{contribution_id}", "reported", details={"reason": reason.value})


# --- for moderators -----------------------------------------------------------------------------


def count_open(session: Session) -> int:
    """How many reports wait for a moderator."""
    return session.scalar(select(func.count(PublicReport.id)).where(PublicReport.settled_at.is_(None))) or 0


@pages.get("/flagged")
@allow(*MODERATE)
def index() -> str:
    """The open reports, the oldest first."""
    with store_of().read() as rows:
        found = rows.execute(
            select(PublicReport, Contribution)
            .join(Contribution, Contribution.id == PublicReport.contribution_id)
            .where(PublicReport.settled_at.is_(None))
            .order_by(PublicReport.id)
            .limit(LISTED)
        ).all()
        said = contribution_list.current_texts_of(rows, [one for _report, one in found], EVERYTHING)
        numbers = references.references_of(rows, [one.id for _report, one in found])
        shown = [
            (
                one.id,
                one.contribution_id,
                one.at,
                REPORTS[one.reason],
                numbers.get(about.id, ""),
                contribution_list.excerpt(said[about.id].body) if about.id in said else "",
            )
            for one, about in found
        ]
    return render_template("flagged.html", reports=shown)


@pages.post("/flagged/<int:report_id>/settle")
@allow(*MODERATE)
def settle(report_id: int) -> ResponseReturnValue:
    """It was looked at; what is to be done about the contribution is done on its own page."""
    with store_of().write() as session:
        about = session.scalar(
            update(PublicReport)
            .where(PublicReport.id == report_id, PublicReport.settled_at.is_(None))
            .values(settled_at=utc_now(), settled_by_id=require_person().id)
            .returning(PublicReport.contribution_id)
        )
        if about is not None:
            history.record_event(session, f"contribution:{about}", "report_settled", require_person().id)
    flash(_("Settled."), "success")
    return redirect(url_for("flags.index", _anchor="outcome"))
