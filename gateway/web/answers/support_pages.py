"""Letting residents support a published contribution, and hear the voice of who called."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from config.enums import Role
from gateway.web.answers.answer_pages import ANSWER
from inbox.models import Contribution
from inbox.votes import supported_contributions
from inbox.votes.supported_contributions import CannotBeSupported
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import allow, require_person
from inbox.wishes import lent_voices
from inbox.wishes.lent_voices import NotLent

pages = Blueprint("support", __name__)


@pages.post("/contributions/<int:contribution_id>/support")
@allow(*ANSWER)
def change(contribution_id: int) -> ResponseReturnValue:
    """Give it a number by which it is supported, or take that away."""
    person = require_person()
    try:
        with store_of().write() as session:
            found = session.get(Contribution, contribution_id)
            if found is None or not person.sight.may_open(found.moderation):
                abort(404)
            if request.form.get("do") == "withdraw":
                supported_contributions.withdraw_from_support(session, contribution_id, person.id)
                flash(_("It is taken off the list. Voices that were given to it are not counted."), "success")
            else:
                number = supported_contributions.offer_for_support(session, contribution_id, person.id)
                flash(_("It can be supported by the number %(number)d.", number=number), "success")
    except CannotBeSupported:
        flash(_("Publish it first; a consultation has room for two hundred projects."), "error")
    return redirect(url_for("contributions.show", contribution_id=contribution_id, _anchor="outcome"))


@pages.post("/contributions/<int:contribution_id>/voice")
@allow(Role.MODERATOR)
def voice(contribution_id: int) -> ResponseReturnValue:
    """Let others hear a voice that its owner lends, or nobody any more."""
    person = require_person()
    try:
        with store_of().write() as session:
            if session.get(Contribution, contribution_id) is None:
                abort(404)
            if request.form.get("do") == "silence":
                lent_voices.silence(session, contribution_id, person.id)
                flash(_("Nobody hears it any more."), "success")
            else:
                lent_voices.let_be_heard(session, contribution_id, person.id)
                flash(_("Callers hear it in a moment."), "success")
    except NotLent:
        flash(_("It is not published, not lent, or something in it is masked."), "error")
    return redirect(url_for("contributions.show", contribution_id=contribution_id, _anchor="outcome"))
