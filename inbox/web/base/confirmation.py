"""Asking for the password once more, before what cannot be undone, takes words out of here, or gives rights.

The form that was sent goes along: nothing typed into it is lost, and it is sent again with the password.
"""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import Field

from inbox.accounts import sign_in_sessions
from inbox.accounts.authentication import CONFIRMED, authenticate
from inbox.accounts.sign_in_limits import AttemptOrigin, TooManyAttempts
from inbox.models.column_types import utc_now
from inbox.web.base.app_context import store_of
from inbox.web.base.form_fields import ConfirmForm
from inbox.web.base.safe_redirect import referrer

FIELD = "confirm_password"

_OWN = frozenset({FIELD, "csrf_token"})


def ask_for_password(login: str, session_id: int) -> ResponseReturnValue | None:
    """What to answer instead of the page that was asked for; None when the password came along and is right."""
    form = ConfirmForm()
    if request.method == "POST" and FIELD in request.form and check_password_form(form, login, session_id):
        return None
    if request.files:
        flash(_("Your password was asked for. Please choose the file once more."), "warning")
        return redirect(referrer())
    return password_page(form, request.full_path.rstrip("?"))


def password_page(form: ConfirmForm, target: str) -> ResponseReturnValue:
    """The page that asks for the password, and leads on to ``target``."""
    again = request.method == "POST" and request.endpoint != "confirm.check"
    fields = request.form.items(multi=True) if again else ()
    page = render_template(
        "confirm.html",
        form=form,
        action=target if again else url_for("confirm.check"),
        fields=[(name, value) for name, value in fields if name not in _OWN],
        target="" if again else target,
        back=referrer(),
    )
    return page, 403


def too_many_attempts_page() -> str:
    """What whoever has tried too often is told, whether or not there is such a login."""
    return str(_("Too many wrong passwords from here. Wait a quarter of an hour, then try again."))


def check_password_form(form: ConfirmForm, login: str, session_id: int) -> bool:
    """Whether the password in the form is right; notes it in the session, or says in the form what is wrong."""
    if not form.validate() or not is_password_right(form.confirm_password, login, session_id):
        return False
    with store_of().write() as rows:
        sign_in_sessions.record_reauthentication(rows, session_id, utc_now())
    return True


def is_password_right(field: Field, login: str, session_id: int) -> bool:
    """Whether a field holds the password of who is signed in, or says beside it what is wrong; within limits."""
    here = AttemptOrigin(browser=f"session {session_id}", is_proven=True)
    try:
        person = authenticate(store_of(), login, field.data, here, action=CONFIRMED)
    except TooManyAttempts:
        field.errors = [too_many_attempts_page()]
        return False
    if person is None:
        field.errors = [_("This is not your password. Check it and try again.")]
    return person is not None
