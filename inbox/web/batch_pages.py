"""Batches of paper forms: what a centre scanned, and the receipts to print for it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from config.enums import MediumKind, NotContribution, Role
from config.wording.message_catalog import resident_text
from inbox.consultations import consultation_versions
from inbox.listings.batches import (
    BatchContent,
    PaperBatch,
    batch_content,
    batches_query,
    in_batch_condition,
    is_scanned_condition,
    list_batches,
    may_see,
)
from inbox.models import Intake, Medium, Part
from inbox.paper.page_names import SheetPlace, sheet_number
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import SignedIn, allow, require_person
from inbox.web.base.labels import NOT_CONTRIBUTIONS, Label
from inbox.web.base.page_language import choose_language
from inbox.web.base.row_ids import number_in
from inbox.web.contributions.media_pages import answer_with

pages = Blueprint("batches", __name__)

PAGE_ROWS = 50
SHEETS = (Role.CENTRE, Role.MODERATOR, Role.ADMINISTRATOR)


@dataclass(frozen=True)
class PrintedList:
    """What is printed for one batch, in the residents' words: paper can be answered on paper only."""

    language: str
    title: str
    intro: str
    wordings: dict[str, str]
    """What each slip says, by its reference."""


@pages.get("/batches")
@allow(*SHEETS)
def index() -> ResponseReturnValue:
    """The batches, newest first; a centre sees its own."""
    before, after = number_in(request.args, "before"), number_in(request.args, "after")
    with store_of().read() as rows:
        page = list_batches(
            rows, *visible_to_person_condition(require_person()), before=before, after=after, limit=PAGE_ROWS
        )
    return render_template(
        "batches.html",
        batches=page.batches,
        older_url=url_for("batches.index", before=page.next_cursor) if page.next_cursor else None,
        newer_url=url_for("batches.index", after=page.previous_cursor) if page.previous_cursor else None,
    )


@pages.get("/batches/<int:intake_id>")
@allow(*SHEETS)
def batch(intake_id: int) -> ResponseReturnValue:
    """The receipts of one batch, to print and hand out; that of any of its files leads here."""
    with store_of().read() as rows:
        found = whole_batch(rows, intake_id)
        content = batch_content(rows, intake_id, require_person().sight)
        printed = _printed_list(rows, intake_id, content)
    return render_template("receipts.html", batch=found, content=content, printed=printed, left=_left(content))


@pages.get("/batches/<int:intake_id>/sheets/<int:medium_id>")
@allow(*SHEETS)
def sheet(intake_id: int, medium_id: int) -> ResponseReturnValue:
    """A form's first page in small, for whoever may print the list it stands on."""
    with store_of().read() as rows:
        batch_id = batch_of(rows, intake_id) or 0
        found = rows.execute(
            select(Medium, Part)
            .join(Part, Part.id == Medium.part_id)
            .join(Intake, Intake.id == Part.intake_id)
            .where(Medium.id == medium_id, Medium.kind == MediumKind.THUMBNAIL, in_batch_condition(batch_id))
            .where(Intake.erased_at.is_(None))
        ).one_or_none()
        if not batch_id or found is None or not may_see(rows, found.Part, require_person().sight):
            abort(404)
        return answer_with(rows, found.Medium, found.Part)


def batch_of(rows: Session, intake_id: int) -> int | None:
    """The batch of a scanned file, if the person may see it."""
    return rows.scalar(
        select(Intake.scanned_batch).where(
            Intake.id == intake_id, is_scanned_condition(), *visible_to_person_condition(require_person())
        )
    )


def whole_batch(rows: Session, intake_id: int) -> PaperBatch:
    """The batch that a page is about; a page about another of its files leads to the same page about the batch."""
    batch_id = batch_of(rows, intake_id)
    if batch_id is None:
        abort(404)
    if batch_id != intake_id:
        abort(redirect(url_for(str(request.endpoint), intake_id=batch_id)))
    return PaperBatch(
        *rows.execute(
            batches_query(*visible_to_person_condition(require_person()), Intake.scanned_batch == batch_id)
        ).one()
    )


def visible_to_person_condition(person: SignedIn) -> list[ColumnElement[bool]]:
    """True of the files a person may see."""
    if person.may(Role.MODERATOR, Role.ADMINISTRATOR):
        return []
    # Without a centre of their own, people see what they handed in themselves.
    return [Intake.centre_id == person.centre_id if person.centre_id else Intake.entered_by_id == person.id]


def place_in_words(place: SheetPlace) -> str:
    """Where a form stands, for whoever looks for its sheet."""
    if not place.first:
        return place.file
    if place.first == place.last:
        if not place.file:
            return str(_("page %(first)s", first=sheet_number(place.first)))
        return str(_("page %(first)s of %(file)s", first=sheet_number(place.first), file=place.file))
    if not place.file:
        return str(_("pages %(first)s to %(last)s", first=sheet_number(place.first), last=sheet_number(place.last)))
    return str(
        _(
            "pages %(first)s to %(last)s of %(file)s",
            first=sheet_number(place.first),
            last=sheet_number(place.last),
            file=place.file,
        )
    )


def _left(content: BatchContent) -> list[tuple[Label, list[str]]]:
    """The pages without a slip, by what they are."""
    found: dict[NotContribution, list[str]] = {}
    for one in content.left:
        found.setdefault(one.why, []).append(place_in_words(one.place))
    return [(NOT_CONTRIBUTIONS[why], places) for why, places in found.items()]


def _printed_list(rows: Session, batch_id: int, content: BatchContent) -> PrintedList:
    intake = rows.get_one(Intake, batch_id)
    version = intake.consultation_version
    consultation = consultation_versions.as_consultation(version) if version else None
    # The slips are for residents: they speak the consultation's language, whatever the person at the desk reads.
    language = consultation.language if consultation else choose_language()
    received = intake.received_at.date()

    def said(key: str, **facts: object) -> str:
        return resident_text(key, language, consultation, received=received, **facts)

    return PrintedList(
        language=language,
        title=said("paper_list_title"),
        intro=said("paper_list_intro"),
        wordings={slip.reference: said("paper_receipt", reference=slip.reference) for slip in content.slips},
    )
