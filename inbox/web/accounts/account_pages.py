"""« My account »: where somebody is signed in, and how to end it; and the password once more."""

from __future__ import annotations

import re

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from config.enums import Role
from inbox.accounts import passwords, second_factors, sign_in_sessions, staff
from inbox.desk import digests
from inbox.desk.digests import DigestRhythm
from inbox.models.column_types import utc_now
from inbox.records import history
from inbox.web.accounts.account_forms import OwnPasswordForm
from inbox.web.base import confirmation
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.form_fields import ConfirmForm
from inbox.web.base.guard import allow, clear_browser_session, end_session, require_person, sign_in_person
from inbox.web.base.labels import Label
from inbox.web.base.safe_redirect import safe_target

pages = Blueprint("account", __name__)
confirm = Blueprint("confirm", __name__)

RHYTHMS: dict[str, Label] = {
    "": _l("never"),
    DigestRhythm.DAY.value: _l("each working day"),
    DigestRhythm.WEEK.value: _l("on Mondays"),
}
LONGEST_ADDRESS = 254
_ADDRESS = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\"]+")


@pages.get("/account")
@allow(*Role)
def show() -> ResponseReturnValue:
    """Who one is here, and the browsers one is signed in with."""
    me = require_person()
    with store_of().read() as rows:
        sessions = sign_in_sessions.list_sessions(rows, me.id, utc_now())
        second_factor = second_factors.second_factor_state(rows, me.id)
        digest = digests.subscription_of(rows, me.id)
    return render_template(
        "account.html",
        sessions=sessions,
        second_factor=second_factor,
        digest=digest,
        rhythms=RHYTHMS,
        may_digest=me.may(*digests.FOR),
        digests_leave=bool(settings_of().smtp.host),
    )


@pages.post("/account/digest")
@allow(*digests.FOR)
def choose_digest() -> ResponseReturnValue:
    """Have what waits told by mail, each day or week, or no longer."""
    me, every = require_person(), request.form.get("every", "")
    address = request.form.get("address", "").strip()
    if every not in [one.value for one in DigestRhythm]:
        with store_of().write() as rows:
            digests.unsubscribe(rows, me.id)
        flash(_("You get no such mails."), "success")
    elif len(address) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(address):
        flash(_("Write an e-mail address like name@town.fr."), "error")
    else:
        with store_of().write() as rows:
            digests.subscribe(rows, me.id, address, DigestRhythm(every))
        flash(_("It is noted: you get a mail when something waits."), "success")
    return redirect(url_for("account.show", _anchor="outcome"))


@pages.get("/account/password")
@allow(*Role)
def password_form() -> ResponseReturnValue:
    """The form for a new password of one's own."""
    return render_template("own_password.html", form=OwnPasswordForm())


@pages.post("/account/password")
@allow(*Role)
def change_password() -> ResponseReturnValue:
    """Change one's own password; every session ends but this one, which begins anew."""
    me, form = require_person(), OwnPasswordForm()
    form.owner = me.login
    if not form.validate() or not confirmation.is_password_right(form.present, me.login, me.session_id):
        return render_template("own_password.html", form=form), 422
    made = passwords.hash_password(form.password.data, me.login)
    with store_of().write() as rows:
        person = staff.change_password(rows, me.login, made, by=me.id)
    sign_in_person(person)
    flash(_("Your password is changed. Wherever else you were signed in, you are no longer."), "success")
    return redirect(url_for("account.show"))


@pages.post("/account/sessions/<int:session_id>/end")
@allow(*Role)
def end_one(session_id: int) -> ResponseReturnValue:
    """Sign out elsewhere, in one browser."""
    me = require_person()
    if session_id == me.session_id:
        end_session()
        return redirect(url_for("sign_in.form"))
    with store_of().write() as rows:
        ended = sign_in_sessions.end_own_session(rows, me.id, session_id)
    if not ended:
        abort(404)
    flash(_("That session has ended."), "success")
    return redirect(url_for("account.show"))


@pages.post("/account/sessions/end")
@allow(*Role)
def end_all() -> ResponseReturnValue:
    """Sign out everywhere, here as well."""
    me = require_person()
    with store_of().write() as rows:
        count = sign_in_sessions.end_all_sessions(rows, me.id)
        history.record_event(rows, f"person:{me.id}", "signed_out_everywhere", me.id, {"sessions": count})
    clear_browser_session()
    flash(_("You are signed out everywhere."), "success")
    return redirect(url_for("sign_in.form"))


@confirm.post("/confirm")
@allow(*Role)
def check() -> ResponseReturnValue:
    """Check the password that a page asked for once more, and lead on to that page."""
    me, form = require_person(), ConfirmForm()
    target = safe_target(request.form.get("next"))
    if confirmation.check_password_form(form, me.login, me.session_id):
        return redirect(target)
    return confirmation.password_page(form, target)
