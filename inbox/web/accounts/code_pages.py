"""Letting somebody in whose password is right: at once, or after the code of their telephone."""

from __future__ import annotations

import hmac
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from inbox.accounts import second_factors
from inbox.accounts.sign_in_limits import Origin, TooManyAttempts, mark_of
from inbox.models import Person
from inbox.models.column_types import utc_now
from inbox.web.accounts.account_forms import SignInCodeForm
from inbox.web.base.app_context import store_of
from inbox.web.base.confirmation import too_many
from inbox.web.base.guard import forget, public, remember
from inbox.web.base.known_browsers import origin_of
from inbox.web.base.safe_redirect import inside

pages = Blueprint("sign_in_code", __name__)

_HALF = "half"
"""What of the cookie says that somebody has given the right password: who, when, and a mark of that password."""

_HALF_LASTS = timedelta(minutes=10)


def admit(person: Person, target: str | None) -> ResponseReturnValue:
    """Begin the session of somebody whose password is right, or ask for the code first; lead on to ``target``."""
    with store_of().read() as rows:
        asks = second_factors.is_on(rows, person.id)
    if not asks:
        remember(person)
        return redirect(inside(target))
    forget()
    session[_HALF] = [person.id, int(utc_now().timestamp()), _mark(person)]
    return redirect(url_for("sign_in_code.form", next=inside(target)))


def _mark(person: Person) -> str:
    return mark_of(store_of().keyring, Origin(browser="half signed in"), person.password_hash)


def _half_signed_in(rows: Session) -> Person | None:
    """Who has given the right password here within the last minutes, and none other since."""
    try:
        person_id, at, mark = session[_HALF]
    except (KeyError, TypeError, ValueError):
        return None
    if utc_now().timestamp() - at > _HALF_LASTS.total_seconds():
        return None
    person = rows.get(Person, person_id)
    if person is None or not person.active or not hmac.compare_digest(mark, _mark(person)):
        return None
    return person


@pages.get("/sign-in/code")
@public
def form() -> ResponseReturnValue:
    """The form for the code."""
    with store_of().read() as rows:
        if _half_signed_in(rows) is None:
            return redirect(url_for("sign_in.form"))
    return render_template("sign_in_code.html", form=SignInCodeForm(next=request.args.get("next", "")))


@pages.post("/sign-in/code")
@public
def check() -> ResponseReturnValue:
    """Begin the session when the code is right."""
    form = SignInCodeForm()
    try:
        with store_of().write() as rows:
            person = _half_signed_in(rows)
            if person is None:
                return redirect(url_for("sign_in.form"))
            _roles = list(person.roles)  # read now: they are looked at after the transaction
            origin = origin_of(person.login).known_by(store_of().keyring, person.password_hash)
            is_right = form.validate() and second_factors.take(rows, person, form.code.data, origin, utc_now())
    except TooManyAttempts:
        form.code.errors = [too_many()]
        return render_template("sign_in_code.html", form=form), 422
    if not is_right:
        wrong = _("This is not the right code. Look again: it changes every half minute.")
        form.code.errors = form.code.errors or [wrong]
        return render_template("sign_in_code.html", form=form), 422
    remember(person)
    return redirect(inside(form.next.data))
