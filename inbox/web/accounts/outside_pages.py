"""Signing in by a provider outside, such as ProConnect, where the settings name one."""

from __future__ import annotations

from dataclasses import astuple

from flask import Blueprint, abort, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from inbox.accounts import outside_identities
from inbox.accounts.openid_provider import Attempt, OpenIdProvider, ProviderRefused
from inbox.models.column_types import utc_now
from inbox.web.accounts.code_pages import admit
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import public
from inbox.web.base.safe_redirect import safe_target

pages = Blueprint("outside", __name__)

_BEGUN = "outside_begun"
"""What of the cookie holds the sign-in that was begun, and where it leads on to."""
_LASTS = 10 * 60
"""Seconds somebody may take at the provider."""


def openid_provider() -> OpenIdProvider | None:
    """The provider of the settings; None where there is none."""
    settings = settings_of()
    if not settings.oidc.issuer:
        return None
    return OpenIdProvider(settings.oidc, settings.public_url + url_for("outside.come_back"))


def farewell(id_token: str) -> str | None:
    """Where the session at the provider ends as well; None when there is no such place."""
    place = openid_provider()
    back = settings_of().public_url + url_for("sign_in.form")
    return place.farewell(id_token, back) if place is not None else None


@pages.get("/sign-in/outside")
@public
def begin() -> ResponseReturnValue:
    """Send the browser to the provider."""
    place, attempt = openid_provider(), Attempt.new()
    if place is None:
        abort(404)
    try:
        address = place.address_for(attempt)
    except ProviderRefused:
        return _refused()
    session[_BEGUN] = [*astuple(attempt), int(utc_now().timestamp()), safe_target(request.args.get("next"))]
    return redirect(address)


@pages.get("/sign-in/outside/return")
@public
def come_back() -> ResponseReturnValue:
    """Let in whom the provider names, if there is an account; its second factor is asked for as ever."""
    place = openid_provider()
    if place is None:
        abort(404)
    try:
        state, nonce, verifier, at, target = session.pop(_BEGUN)
    except (KeyError, TypeError, ValueError):
        return _refused()
    if not 0 <= utc_now().timestamp() - at <= _LASTS:
        return _refused()
    try:
        told = place.who(Attempt(state, nonce, verifier), request.args.get("state", ""), request.args.get("code", ""))
    except ProviderRefused:
        return _refused()
    with store_of().write() as rows:
        person = outside_identities.find_person(rows, place.settings.issuer, told)
    if person is None:
        flash(_("There is no account here for this address. Ask your administrator for one under it."), "error")
        return redirect(url_for("sign_in.form"))
    return admit(person, target, told.id_token)


def _refused() -> ResponseReturnValue:
    flash(_("%(name)s did not sign you in. Try again, or use your password.", name=settings_of().oidc.name), "error")
    return redirect(url_for("sign_in.form"))
