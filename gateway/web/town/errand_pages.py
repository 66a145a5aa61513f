"""Asking for tests and checks, and how far they are."""

from __future__ import annotations

from flask import Blueprint, abort, flash, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from config.enums import Role
from config.phone_numbers import E164, to_e164
from gateway.web.town.errand_words import shown_errand
from inbox.administration import errands
from inbox.administration.errands import ErrandKind
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import allow, require_person
from inbox.web.base.safe_redirect import safe_target

blueprint = Blueprint("errands", __name__)


@blueprint.post("/settings/tests/text")
@allow(Role.ADMINISTRATOR)
def test_text() -> ResponseReturnValue:
    """Have a text sent to a number, to see that it arrives."""
    return _ask_with_number(ErrandKind.TEST_TEXT)


@blueprint.post("/settings/tests/call")
@allow(Role.ADMINISTRATOR)
def test_call() -> ResponseReturnValue:
    """Have a telephone rung, to hear that calls go out."""
    return _ask_with_number(ErrandKind.TEST_CALL)


def _ask_with_number(kind: ErrandKind) -> ResponseReturnValue:
    number = to_e164(request.form.get("number", ""), settings_of().region)
    if not E164.fullmatch(number):
        flash(_("This is no telephone number: write it like 06 12 34 56 78 or +33 6 12 34 56 78."), "error")
    else:
        _ask(kind, to=number)
    return redirect(url_for("town_settings.telephone", _anchor="test"))


@blueprint.post("/settings/tests/mail")
@allow(Role.ADMINISTRATOR)
def test_mail() -> ResponseReturnValue:
    """Have a mail sent to an address, to see that it arrives."""
    address = request.form.get("address", "").strip()
    if "@" not in address.strip("@") or any(one.isspace() for one in address):
        flash(_("This is no e-mail address: write it like avis@ville.example."), "error")
    else:
        _ask(ErrandKind.TEST_MAIL, to=address)
    return redirect(safe_target(request.form.get("next") or url_for("mailbox_settings.index", _anchor="test")))


@blueprint.post("/settings/tests/mailbox")
@allow(Role.ADMINISTRATOR)
def check_mailbox() -> ResponseReturnValue:
    """Have a mailbox signed in to, to see that its folders are there."""
    _ask(ErrandKind.CHECK_MAILBOX, about=request.form.get("name", "")[:255])
    return redirect(url_for("mailbox_settings.index", _anchor="outcome"))


@blueprint.get("/settings/errands/<int:errand_id>")
@allow(Role.ADMINISTRATOR)
def progress(errand_id: int) -> ResponseReturnValue:
    """How far an errand is, for the script of its page."""
    with store_of().read() as session:
        told = errands.find_errand(session, errand_id)
    if told is None:
        abort(404)
    shown = shown_errand(told)
    return jsonify(open=told.is_open, words=shown.words, percent=shown.percent)


def _ask(kind: ErrandKind, *, about: str = "", to: str = "") -> None:
    with store_of().write() as session:
        errands.request_errand(session, kind, about=about, to=to, by=require_person().id)
