"""Batches of paper forms: what a centre scanned, and the receipts to print for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from config.names import ArrivalKind, Channel, Role, StepKind, StepState
from config.texts import resident_text
from inbox import consultations
from inbox.models import Arrival, Centre, ContributionPart, Intake, Part, Reference, Step
from inbox.pages.guard import SignedIn, allow, the_person
from inbox.pages.languages import choose_language
from inbox.pages.wiring import store_of

pages = Blueprint("batches", __name__)

PAGE_ROWS = 50


@dataclass(frozen=True)
class Batch:
    """One file of scanned forms."""

    id: int
    received_at: datetime
    centre: str
    forms: int
    waiting: bool
    """Whether it is still being separated into forms."""


@dataclass(frozen=True)
class Slip:
    """What the person who filled in a form is handed, in the residents' words."""

    number: int
    reference: str
    wording: str


@dataclass(frozen=True)
class PrintedList:
    """What is printed for one batch: paper can be answered on paper only."""

    language: str
    title: str
    intro: str
    slips: tuple[Slip, ...]


@pages.get("/batches")
@allow(Role.CENTRE, Role.MODERATOR, Role.ADMINISTRATOR)
def index() -> ResponseReturnValue:
    """The batches, newest first; a centre sees its own."""
    before = request.args.get("before", type=int)
    query = _batches(the_person())
    if before is not None:
        query = query.where(Intake.id < before)
    with store_of().read() as rows:
        found = [Batch(*row) for row in rows.execute(query.limit(PAGE_ROWS + 1))]
    older = found[PAGE_ROWS - 1].id if len(found) > PAGE_ROWS else None
    return render_template(
        "batches.html",
        batches=found[:PAGE_ROWS],
        older_url=url_for("batches.index", before=older) if older else None,
    )


@pages.get("/batches/<int:intake_id>")
@allow(Role.CENTRE, Role.MODERATOR, Role.ADMINISTRATOR)
def batch(intake_id: int) -> ResponseReturnValue:
    """The receipts of one batch, to print and hand out."""
    with store_of().read() as rows:
        found = rows.execute(_batches(the_person()).where(Intake.id == intake_id)).one_or_none()
        if found is None:
            abort(404)
        printed = _printed_list(rows, intake_id)
    return render_template("receipts.html", batch=Batch(*found), printed=printed)


def _batches(person: SignedIn) -> Select[int, datetime, str, int, bool]:
    forms = select(func.count()).where(*_forms_of(Intake.id)).scalar_subquery()
    splitting = (
        select(Step.id)
        .where(Step.intake_id == Intake.id, Step.kind == StepKind.SPLIT_PAGES, Step.state == StepState.OPEN)
        .exists()
    )
    query = (
        select(Intake.id, Intake.received_at, func.coalesce(Centre.name, ""), forms, splitting)
        .outerjoin(Centre, Centre.id == Intake.centre_id)
        .where(Intake.channel == Channel.PAPER, Intake.erased_at.is_(None), _was_scanned())
        .order_by(Intake.id.desc())
    )
    if not person.may(Role.MODERATOR, Role.ADMINISTRATOR):
        # Without a centre of their own, people see what they handed in themselves.
        own = Intake.centre_id == person.centre_id if person.centre_id else Intake.entered_by_id == person.id
        query = query.where(own)
    return query


def _was_scanned() -> ColumnElement[bool]:
    """Paper that came as a file; a letter that staff typed in has no batch."""
    return select(Arrival.id).where(Arrival.intake_id == Intake.id, Arrival.kind == ArrivalKind.FILE).exists()


def _forms_of(intake_id: int | InstrumentedAttribute[int]) -> tuple[ColumnElement[bool], ...]:
    """The parts that are forms: neither blank nor foreign pages, nor erased."""
    return (Part.intake_id == intake_id, Part.not_contribution.is_(None), Part.erased_at.is_(None))


def _printed_list(rows: Session, intake_id: int) -> PrintedList:
    intake = rows.get_one(Intake, intake_id)
    version = intake.consultation_version
    consultation = consultations.as_consultation(version) if version else None
    # The slips are for residents: they speak the consultation's language, whatever the person at the desk reads.
    language = consultation.language if consultation else choose_language()
    numbers = rows.scalars(
        select(func.min(Reference.number))
        .join(ContributionPart, ContributionPart.contribution_id == Reference.contribution_id)
        .join(Part, Part.id == ContributionPart.part_id)
        .where(*_forms_of(intake_id))
        .group_by(Part.id)
        .order_by(Part.id)
    )
    received = intake.received_at.date()

    def said(key: str, **facts: object) -> str:
        return resident_text(key, language, consultation, received=received, **facts)

    return PrintedList(
        language=language,
        title=said("paper_list_title"),
        intro=said("paper_list_intro"),
        slips=tuple(
            Slip(number, reference, said("paper_receipt", reference=reference))
            for number, reference in enumerate(numbers, 1)
        ),
    )
