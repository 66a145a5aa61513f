"""Answers on paper, to be printed: letters for windowed envelopes, and the sheets that hang in the centres."""

from __future__ import annotations

from collections import defaultdict
from io import BytesIO

from flask import Blueprint, abort, flash, redirect, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from channels.paper.printing.answer_letters import Letter, Notice, print_letters, print_notices
from config.answer_states import AnswerKind, Way
from config.wording.consultation import Consultation
from config.wording.message_catalog import resident_text
from gateway.web.answers.answer_pages import ANSWER
from inbox.answers import answer_preview, paper_answers
from inbox.answers.answer_wording import AnswerToTell
from inbox.consultations import contributors
from inbox.contributions import text_versions
from inbox.models import Answer, Contribution, GivenAnswer
from inbox.models.column_types import utc_now
from inbox.records import references
from inbox.storage.unit_of_work import Session
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import allow, require_person

pages = Blueprint("answer_prints", __name__)

_LETTERS = {AnswerKind.ANSWER: "paper_letter", AnswerKind.CLOSING: "paper_closing_letter"}
_TOGETHER = 24
"""References that stand above one answer; more are told it again below."""


@pages.post("/answers/<int:answer_id>/letters.pdf")
@allow(*ANSWER)
def letters(answer_id: int) -> ResponseReturnValue:
    """The letters of an answer; printing again prints all of them again."""
    with store_of().read() as rows:
        _answer_row, said = _answer(rows, answer_id)
        found = paper_answers.printable_answers(rows, answer_id, Way.LETTER)
        made = [_letter(rows, said, one) for one in found]
        pdf_of = [one for one in made if one is not None]
    if not pdf_of:
        flash(_("There is nothing to print."), "warning")
        return redirect(url_for("answers.show", answer_id=answer_id))
    pdf = print_letters(pdf_of)
    _note_printed(answer_id, Way.LETTER)
    return send_file(BytesIO(pdf), "application/pdf", as_attachment=True, download_name=f"letters-{answer_id}.pdf")


@pages.post("/answers/<int:answer_id>/notices.pdf")
@allow(*ANSWER)
def notices(answer_id: int) -> ResponseReturnValue:
    """The sheets of an answer, one for each centre, in large print."""
    with store_of().read() as rows:
        answer, said = _answer(rows, answer_id)
        sheets = _sheets(rows, answer, said)
    if not sheets or said.consultation is None:
        flash(_("There is nothing to print."), "warning")
        return redirect(url_for("answers.show", answer_id=answer_id))
    pdf = print_notices(said.consultation, said.consultation.language, sheets)
    _note_printed(answer_id, Way.NOTICE)
    return send_file(BytesIO(pdf), "application/pdf", as_attachment=True, download_name=f"notices-{answer_id}.pdf")


def _answer(session: Session, answer_id: int) -> tuple[Answer, AnswerToTell]:
    found = session.get(Answer, answer_id)
    if found is None:
        abort(404)
    said = answer_preview.answer_texts(session, found)
    if said.consultation is None:
        abort(404)
    return found, said


def _letter(session: Session, said: AnswerToTell, given: GivenAnswer) -> Letter | None:
    contribution = session.get_one(Contribution, given.contribution_id)
    known = contributors.address_of(session, given.contributor_id) if given.contributor_id is not None else None
    if known is None or said.consultation is None:
        return None
    language = said.language_for(contribution.language, settings_of().language)
    wording = text_versions.current_text(session, contribution)
    facts = said.facts(language, references.reference_of(session, contribution.id), contribution.id)
    today = utc_now().astimezone(settings_of().zone).date()
    body = resident_text(
        _LETTERS[said.kind], language, said.consultation, said=wording.body if wording else "", today=today, **facts
    )
    return Letter(tuple(one.strip() for one in known[1].split(",")), language, body, said.consultation)


def _sheets(session: Session, answer: Answer, said: AnswerToTell) -> list[tuple[str, list[Notice]]]:
    """The centres, each with what its sheet says; those who share an answer stand above it together."""
    given = paper_answers.printable_answers(session, answer.id, Way.NOTICE)
    numbers = references.references_of(session, [one.contribution_id for one in given])
    centres = paper_answers.centre_names(session, [one.contribution_id for one in given])
    by_centre: dict[str, list[str]] = defaultdict(list)
    for one in given:
        by_centre[centres.get(one.contribution_id, "")].append(numbers[one.contribution_id])
    consultation = said.consultation
    assert consultation is not None
    return [(name, _notices(consultation, answer, said, sorted(found))) for name, found in sorted(by_centre.items())]


def _notices(consultation: Consultation, answer: Answer, said: AnswerToTell, found: list[str]) -> list[Notice]:
    language = consultation.language
    facts = said.facts(said.language_for(None, language), "")
    outcome, words = str(facts["outcome"]), str(facts["answer"])
    if not answer.is_general:
        outcome, words = "", resident_text("paper_notice_in_person", language, consultation)
    return [
        Notice(tuple(found[start : start + _TOGETHER]), outcome, words) for start in range(0, len(found), _TOGETHER)
    ]


def _note_printed(answer_id: int, way: Way) -> None:
    with store_of().write() as session:
        paper_answers.record_printed(session, answer_id, way, require_person().id)
