"""Versions of a report: the figures, the quotations and the arrangement as they stood, and who signed them.

What has been published since is counted beside a version, never mixed into it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Integer, cast, func, select
from sqlalchemy.orm import Session

from config.enums import QuotationRole
from inbox.errors import InboxError
from inbox.models import Consultation, Contribution, History, Person, Quotation, ReportVersion
from inbox.models.column_types import utc_now
from inbox.records import history
from inbox.reports import open_data
from inbox.reports.figure_values import Figures
from inbox.reports.published_scope import published_of
from inbox.reports.report_editing import ReportArrangement
from inbox.reports.report_quotations import QuotedPassage, open_quotations


class NoVersion(InboxError):
    """A version of a report that is not there."""

    remedy = "Choose one of the versions on the report's page."


class AlreadySigned(InboxError):
    """A version that somebody has signed."""

    remedy = "Keep a new version of the report, and sign that."


class NotSigned(InboxError):
    """Publishing a version that nobody has signed."""

    remedy = "Sign the version first: somebody answers for what everybody reads."


@dataclass(frozen=True, slots=True)
class OpenedReportVersion:
    """One version, opened."""

    number: int
    figures: Figures
    edit: ReportArrangement
    quoted: Sequence[QuotedPassage]
    withdrawn: int
    """Quotations whose words are no longer published, and are not shown any more."""
    comment: str
    made_by: str
    made_at: datetime
    signed_by: str
    signed_at: datetime | None
    public_at: datetime | None
    published_since: int


def save_version(
    session: Session,
    consultation_id: int,
    figures: Figures,
    quoted: Sequence[QuotedPassage],
    edit: ReportArrangement,
    comment: str,
    by: int,
) -> int:
    """Keep the report as it stands; the version's number."""
    # Held, so that two at once do not make the same number.
    session.execute(select(Consultation.id).where(Consultation.id == consultation_id).with_for_update())
    newest = session.scalar(
        select(func.max(ReportVersion.number)).where(ReportVersion.consultation_id == consultation_id)
    )
    number = (newest or 0) + 1
    places = session.scalars(select(Quotation).where(Quotation.id.in_([one.id for one in quoted]))).all()
    by_id = {row.id: row for row in places}
    kept = [
        {
            "id": row.id,
            "theme": row.theme,
            "role": row.role.value,
            "contribution_id": row.contribution_id,
            "text_number": row.text_number,
            "begin": row.begin,
            "end": row.end,
            "chosen_by_id": row.chosen_by_id,
        }
        for row in (by_id[one.id] for one in quoted if one.id in by_id)
    ]
    session.add(
        ReportVersion(
            consultation_id=consultation_id,
            number=number,
            figures={"figures": figures.model_dump(mode="json"), "quotations": kept},
            edit=edit.model_dump(mode="json"),
            comment=comment.strip()[:2000],
            last_history_id=session.scalar(select(func.max(History.id))) or 0,
            made_by_id=by,
            made_at=utc_now(),
        )
    )
    session.flush()
    history.record_event(session, f"consultation:{consultation_id}", "report_kept", by, {"version": number})
    return number


def sign_version(session: Session, consultation_id: int, number: int, by: int) -> None:
    """Put one's name under a version; raises ``NoVersion`` and ``AlreadySigned``."""
    row = _row(session, consultation_id, number, lock=True)
    if row.signed_by_id is not None:
        raise AlreadySigned(f"version {number}")
    row.signed_by_id, row.signed_at = by, utc_now()
    history.record_event(session, f"consultation:{consultation_id}", "report_signed", by, {"version": number})


def publish_version(
    session: Session, consultation_id: int, number: int, by: int, zone: tzinfo, *, public: bool
) -> None:
    """Let everybody read a signed version, or no longer; raises ``NoVersion`` and ``NotSigned``.

    What is new is released as open data with it, and who spoke is told as it was released: so neither two versions nor
    a version and an edition can be subtracted to find a few.
    """
    row = _row(session, consultation_id, number, lock=True)
    if row.signed_by_id is None:
        raise NotSigned(f"version {number}")
    if (row.public_at is not None) == public:
        return
    row.public_at = utc_now() if public else None
    subject = f"consultation:{consultation_id}"
    if public:
        edition = open_data.release_edition(session, consultation_id, zone)
        details = {"cohort": edition.cohort, "released": edition.released}
        history.record_event(session, subject, "data_released", by, details)
        told = open_data.released_figures(session, consultation_id).model_dump(mode="json")
        row.figures = {**row.figures, "figures": {**row.figures["figures"], "released": told}}
    action = "report_published" if public else "report_withdrawn"
    history.record_event(session, subject, action, by, {"version": number})


def public_version(session: Session, consultation_id: int) -> int | None:
    """The newest version that everybody may read; None where there is none."""
    wanted = select(func.max(ReportVersion.number)).where(
        ReportVersion.consultation_id == consultation_id, ReportVersion.public_at.is_not(None)
    )
    return session.scalar(wanted)


def open_version(session: Session, consultation_id: int, number: int) -> OpenedReportVersion:
    """One version with its words, as far as they are still published; raises ``NoVersion``."""
    return _opened(session, _row(session, consultation_id, number))


def versions_of(session: Session, consultation_id: int) -> list[OpenedReportVersion]:
    """Every version, newest first, without the words of quotations."""
    rows = session.scalars(
        select(ReportVersion)
        .where(ReportVersion.consultation_id == consultation_id)
        .order_by(ReportVersion.number.desc())
    ).all()
    return [_opened(session, row, with_words=False) for row in rows]


def _row(session: Session, consultation_id: int, number: int, *, lock: bool = False) -> ReportVersion:
    wanted = select(ReportVersion).where(
        ReportVersion.consultation_id == consultation_id, ReportVersion.number == number
    )
    row = session.scalar(wanted.with_for_update() if lock else wanted)
    if row is None:
        raise NoVersion(f"version {number}")
    return row


def _opened(session: Session, row: ReportVersion, *, with_words: bool = True) -> OpenedReportVersion:
    places = row.figures["quotations"]
    quoted = open_quotations(session, [_as_quotation(row, place) for place in places]) if with_words else []
    names = _names(session, row)
    return OpenedReportVersion(
        number=row.number,
        figures=Figures.model_validate(row.figures["figures"]),
        edit=ReportArrangement.model_validate(row.edit),
        quoted=quoted,
        withdrawn=len(places) - len(quoted) if with_words else 0,
        comment=row.comment,
        made_by=names.get(row.made_by_id, ""),
        made_at=row.made_at,
        signed_by=names.get(row.signed_by_id or 0, ""),
        signed_at=row.signed_at,
        public_at=row.public_at,
        published_since=published_since(session, row),
    )


def _as_quotation(row: ReportVersion, place: dict[str, Any]) -> Quotation:
    return Quotation(**{**place, "role": QuotationRole(place["role"]), "consultation_id": row.consultation_id})


def _names(session: Session, row: ReportVersion) -> dict[int, str]:
    ids = [one for one in (row.made_by_id, row.signed_by_id) if one is not None]
    return dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(ids))).tuples().all())


def published_since(session: Session, row: ReportVersion) -> int:
    """How many contributions were published after a version was kept, and still are."""
    number = cast(func.substr(History.subject, len("contribution:") + 1), Integer)
    lines = (
        select(number)
        .where(
            History.id > row.last_history_id,
            History.action == "publish",
            History.subject.like("contribution:%"),
        )
        .scalar_subquery()
    )
    counted = select(func.count(Contribution.id)).where(published_of(row.consultation_id), Contribution.id.in_(lines))
    return session.scalar(counted) or 0
