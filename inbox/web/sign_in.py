"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from inbox.accounts.authentication import authenticate
from inbox.accounts.sign_in_limits import TooManyAttempts
from inbox.web.accounts import outside_pages
from inbox.web.accounts.code_pages import admit
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.confirmation import too_many_attempts_page
from inbox.web.base.form_fields import SignInForm
from inbox.web.base.guard import OUTSIDE, current_person, end_session, public
from inbox.web.base.known_browsers import origin_of
from inbox.web.base.safe_redirect import safe_target

pages = Blueprint("sign_in", __name__)


@pages.get("/sign-in")
@public
def form() -> ResponseReturnValue:
    """The sign-in form."""
    if current_person() is not None:
        return redirect(safe_target(request.args.get("next")))
    return _page(SignInForm(next=request.args.get("next", "")))


def _page(form: SignInForm) -> str:
    settings = settings_of()
    outside = settings.oidc.name if settings.oidc.issuer else ""
    return render_template("sign_in.html", form=form, outside=outside)


@pages.post("/sign-in")
@public
def enter() -> ResponseReturnValue:
    """Check the password and open a session."""
    form = SignInForm()
    if not form.validate():
        return _page(form), 422
    try:
        person = authenticate(store_of(), form.login.data, form.password.data, origin_of(form.login.data))
    except TooManyAttempts:
        form.password.errors = [too_many_attempts_page()]
        return _page(form), 422
    if person is None:
        form.password.errors = [_("The name or the password is not right. Check both and try again.")]
        return _page(form), 422
    return admit(person, form.next.data)


@pages.post("/sign-out")
@public
def leave() -> ResponseReturnValue:
    """End the session of this browser, and of whoever copied its cookie."""
    id_token = session.get(OUTSIDE)
    end_session()
    farewell = outside_pages.farewell(id_token) if isinstance(id_token, str) else None
    if farewell is not None:
        # Not redirected to: forms lead inside only, and so says the content policy.
        return render_template("signed_out.html", farewell=farewell, provider=settings_of().oidc.name)
    flash(_("You are signed out."), "success")
    return redirect(url_for("sign_in.form"))
