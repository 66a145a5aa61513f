"""Security keys of one's own account: registered, named, removed."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from config.enums import Role
from inbox.accounts import second_factors, security_keys, sign_in_sessions
from inbox.accounts.security_keys import Challenge, KeyRefused, Site
from inbox.models.column_types import utc_now
from inbox.web.accounts.account_forms import KeyNameForm, NewKeyForm
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import allow, require_person

pages = Blueprint("security_keys", __name__)

_ASKED = "key_asked"
"""What of the cookie holds the challenge that a key is to sign."""
_CHALLENGE_LASTS = 10 * 60 * 1_000_000
"""Microseconds."""


def site() -> Site | None:
    """The site that keys sign for, by the settings; None where browsers have no keys."""
    settings = settings_of()
    return security_keys.site_of(settings.public_url, f"Portevoix {settings.town_name}")


def keep_new_challenge() -> Challenge:
    """A challenge for the page that is shown, kept until it is answered."""
    challenge = security_keys.new_challenge(utc_now())
    session[_ASKED] = [challenge.value.hex(), challenge.asked_at]
    return challenge


def take_challenge() -> Challenge | None:
    """The challenge of the page that was shown last, once; None when there is none or it is too old."""
    try:
        value, at = session.pop(_ASKED)
        challenge = Challenge(bytes.fromhex(value), int(at))
    except (KeyError, TypeError, ValueError):
        return None
    is_new = 0 <= int(utc_now().timestamp() * 1_000_000) - challenge.asked_at <= _CHALLENGE_LASTS
    return challenge if is_new else None


def authentication_options(rows: Session, person_id: int) -> str | None:
    """What the browser of somebody who is to prove to be this person is given; None without a key of theirs."""
    place = site()
    return (
        security_keys.authentication_options(rows, place, person_id, keep_new_challenge())
        if place is not None
        else None
    )


@pages.get("/account/security-keys")
@allow(*Role, confirmed=True)
def index() -> ResponseReturnValue:
    """One's keys, and the form for another."""
    return _page(NewKeyForm(formdata=None))


def _page(form: NewKeyForm) -> str:
    me, place = require_person(), site()
    with store_of().read() as rows:
        state = second_factors.second_factor_state(rows, me.id)
        options = (
            security_keys.options_to_add(rows, place, me.id, me.login, keep_new_challenge())
            if place is not None
            else None
        )
    return render_template("security_keys.html", form=form, state=state, options=options, most=security_keys.MOST_KEYS)


@pages.post("/account/security-keys")
@allow(*Role, confirmed=True)
def add() -> ResponseReturnValue:
    """Register a key; with the first second factor, other sessions end and recovery codes are shown."""
    me, form, place, challenge = require_person(), NewKeyForm(), site(), take_challenge()
    if not form.validate() or place is None:
        return _page(form), 422
    try:
        with store_of().write() as rows:
            if challenge is None:
                raise KeyRefused("the page was shown too long ago")
            codes = second_factors.add_key(rows, place, me.id, form.name.data, form.credential.data, challenge)
            if codes is not None:
                sign_in_sessions.end_all_sessions(rows, me.id, but=me.session_id)
    except KeyRefused:
        form.name.errors = [_("This key could not be registered. Try again; it may be registered already.")]
        return _page(form), 422
    if codes is not None:
        return render_template("recovery_codes.html", codes=codes)
    flash(_("The key is registered."), "success")
    return redirect(url_for("security_keys.index"))


@pages.post("/account/security-keys/<int:key_id>/name")
@allow(*Role, confirmed=True)
def rename(key_id: int) -> ResponseReturnValue:
    """Give a key another name."""
    form = KeyNameForm()
    if not form.validate():
        flash(" ".join(str(one) for one in form.name.errors), "error")
        return redirect(url_for("security_keys.index"))
    with store_of().write() as rows:
        is_there = security_keys.rename(rows, require_person().id, key_id, form.name.data)
    if not is_there:
        abort(404)
    flash(_("The key has its new name."), "success")
    return redirect(url_for("security_keys.index"))


@pages.post("/account/security-keys/<int:key_id>/remove")
@allow(*Role, confirmed=True)
def remove(key_id: int) -> ResponseReturnValue:
    """Forget a key."""
    me = require_person()
    with store_of().write() as rows:
        is_there = second_factors.remove_key(rows, me.id, key_id)
        still = second_factors.is_second_factor_on(rows, me.id)
    if not is_there:
        abort(404)
    flash(_("The key is removed.") if still else _("From now on the password alone is asked for."), "success")
    return redirect(url_for("security_keys.index"))
