"""Letting somebody in whose password is right: at once, or after the code of their telephone."""

from __future__ import annotations

import hmac
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from inbox.accounts import second_factors
from inbox.accounts.sign_in_limits import AttemptOrigin, TooManyAttempts, known_browser_mark
from inbox.models import Person
from inbox.models.column_types import utc_now
from inbox.web.accounts import security_key_pages
from inbox.web.accounts.account_forms import SignInCodeForm, SignInKeyForm
from inbox.web.base.app_context import store_of
from inbox.web.base.confirmation import too_many_attempts_page
from inbox.web.base.guard import OUTSIDE, clear_browser_session, public, sign_in_person
from inbox.web.base.known_browsers import origin_of
from inbox.web.base.safe_redirect import safe_target

pages = Blueprint("sign_in_code", __name__)

_HALF = "half"
"""What of the cookie says that somebody has given the right password: who, when, and a mark of that password."""

_HALF_LASTS = timedelta(minutes=10)


def admit(person: Person, target: str | None, id_token: str = "") -> ResponseReturnValue:
    """Begin the session of somebody who has proved who they are, or ask for the code first; lead on to ``target``.

    The ``id_token`` is what a provider outside has signed, where it was the one who said so.
    """
    session.pop(OUTSIDE, None)
    if id_token:
        session[OUTSIDE] = id_token
    with store_of().read() as rows:
        asks = second_factors.is_second_factor_on(rows, person.id)
    if not asks:
        sign_in_person(person)
        return redirect(safe_target(target))
    clear_browser_session()
    if id_token:
        session[OUTSIDE] = id_token
    session[_HALF] = [person.id, int(utc_now().timestamp()), _mark(person)]
    return redirect(url_for("sign_in_code.form", next=safe_target(target)))


def _mark(person: Person) -> str:
    return known_browser_mark(store_of().keyring, AttemptOrigin(browser="half signed in"), person.password_hash)


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
    """The form for the code, and the button for a security key of whoever has one."""
    return _page(SignInCodeForm(next=request.args.get("next", "")), SignInKeyForm(next=request.args.get("next", "")))


def _page(form: SignInCodeForm, key_form: SignInKeyForm) -> ResponseReturnValue:
    with store_of().read() as rows:
        person = _half_signed_in(rows)
        if person is None:
            return redirect(url_for("sign_in.form"))
        options = security_key_pages.authentication_options(rows, person.id)
    page = render_template("sign_in_code.html", form=form, key_form=key_form, options=options)
    return page, 422 if form.errors or key_form.errors else 200


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
            is_right = form.validate() and second_factors.verify_code(
                rows, person, form.code.data, _here(person), utc_now()
            )
    except TooManyAttempts:
        form.code.errors = [too_many_attempts_page()]
        return _page(form, SignInKeyForm(formdata=None, next=form.next.data))
    if not is_right:
        wrong = _("This is not the right code. Look again: it changes every half minute.")
        form.code.errors = form.code.errors or [wrong]
        return _page(form, SignInKeyForm(formdata=None, next=form.next.data))
    sign_in_person(person)
    return redirect(safe_target(form.next.data))


@pages.post("/sign-in/key")
@public
def check_key() -> ResponseReturnValue:
    """Begin the session when one of the person's security keys has signed what it was asked."""
    form, site, challenge = SignInKeyForm(), security_key_pages.site(), security_key_pages.take_challenge()
    is_right = False
    try:
        with store_of().write() as rows:
            person = _half_signed_in(rows)
            if person is None:
                return redirect(url_for("sign_in.form"))
            origin, answer = _here(person), form.credential.data or ""
            if site is not None and challenge is not None:
                is_right = second_factors.take_key(rows, person, site, answer, challenge, origin, utc_now())
    except TooManyAttempts:
        form.credential.errors = [too_many_attempts_page()]
        return _page(SignInCodeForm(formdata=None, next=form.next.data), form)
    if not is_right:
        form.credential.errors = [_("This key did not open the door. Try again, or type a code.")]
        return _page(SignInCodeForm(formdata=None, next=form.next.data), form)
    sign_in_person(person)
    return redirect(safe_target(form.next.data))


def _here(person: Person) -> AttemptOrigin:
    """Where this comes from; reads as well what of the person is looked at after the transaction."""
    _roles = list(person.roles)
    return origin_of(person.login).known_by(store_of().keyring, person.password_hash)
