"""Second looks: decided once more without knowing the first decision, and how far two people agree."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from config.enums import SetAsideReason
from inbox.consultations import consultation_versions
from inbox.desk import second_looks
from inbox.desk.second_looks import PUBLISH, SET_ASIDE, Agreement
from inbox.errors import InboxError
from inbox.records import references
from inbox.web.base.app_context import store_of
from inbox.web.base.error_pages import error_message
from inbox.web.base.guard import allow, require_person
from inbox.web.base.page_language import choose_language
from inbox.web.base.row_ids import number_in
from inbox.web.contributions.contribution_view import contribution_sheet
from inbox.web.contributions.inbox_pages import DECIDE
from inbox.web.contributions.theme_labels import title_of
from inbox.web.sheet.bar_view import ACTIONS, keys_for

pages = Blueprint("second_looks", __name__)

SHOWN = 50
"""Of the contributions about which two people differ."""


@pages.get("/triage/second")
@allow(*DECIDE)
def look() -> ResponseReturnValue:
    """The next one: its text and its original, and nothing of who decided what."""
    person = require_person()
    with store_of().read() as rows:
        row = second_looks.next_second_look(rows, person.id, number_in(request.args, "after") or 0)
        look_id, contribution_id = (row.id, row.contribution_id) if row else (0, 0)
        sheet = contribution_sheet(rows, contribution_id, choose_language()) if contribution_id else None
        left, keys = second_looks.count_second_looks(rows, person.id), keys_for(rows, person.id)
    if sheet is None:
        flash(_("No second look is waited for."), "success")
        return redirect(url_for("triage.overview"))
    actions = {name: ACTIONS[name] for name in ("publish", "set_aside", "next", "play", "slower", "faster", "help")}
    return render_template("second_look.html", sheet=sheet, look_id=look_id, left=left, keys=keys, key_actions=actions)


@pages.post("/triage/second/<int:look_id>")
@allow(*DECIDE)
def decide(look_id: int) -> ResponseReturnValue:
    """What the second person would do; it changes nothing, and the next one follows."""
    action, wanted = request.form.get("action", ""), request.form.get("reason", "")
    reason = SetAsideReason(wanted) if wanted in set(SetAsideReason) else None
    if reason is not None:
        action = SET_ASIDE
    if action not in (PUBLISH, SET_ASIDE) or (action == SET_ASIDE and reason is None):
        flash(_("Choose a reason: the resident will be told."), "error")
        return redirect(url_for("second_looks.look"))
    try:
        with store_of().write() as rows:
            second_looks.decide_second_look(rows, look_id, action, reason, require_person().id)
    except InboxError as error:
        flash(error_message(error), "error")
    else:
        # Whether both agree is not said: it would teach the second person to think as the first one does.
        flash(_("Noted. It changes nothing: it is compared with the first decision."), "success")
    return redirect(url_for("second_looks.look"))


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """The agreement over one consultation."""

    title: str
    agreement: Agreement
    differing: tuple[tuple[int, str], ...]
    """Contributions about which two people differ, with their references."""


@pages.get("/triage/agreement")
@allow(*DECIDE)
def agreement() -> ResponseReturnValue:
    """How far two people agree, for each consultation."""
    with store_of().read() as rows:
        titles = _titles(rows)
        found = [
            AgreementRow(
                titles.get(one.consultation_id or 0, ""),
                one,
                tuple((number, references.reference_of(rows, number)) for number in one.differing[:SHOWN]),
            )
            for one in second_looks.agreement(rows)
        ]
        left = second_looks.count_second_looks(rows, require_person().id)
    return render_template("second_agreement.html", compared=found, left=left)


def _titles(rows: Session) -> dict[int, str]:
    language = choose_language()
    return {
        version.consultation_id: title_of(version, language)
        for version in consultation_versions.current_versions_by_slug(rows)
    }
