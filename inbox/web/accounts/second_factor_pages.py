"""The second factor of one's own account: set up with a telephone, recovery codes, turned off."""

from __future__ import annotations

import segno
from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from config.enums import Role
from inbox.accounts import second_factors, sign_in_sessions
from inbox.accounts.second_factors import NoSecondFactor
from inbox.models.column_types import utc_now
from inbox.web.accounts.account_forms import CodeForm
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import allow, require_person

pages = Blueprint("second_factor", __name__)


@pages.get("/account/second-factor")
@allow(*Role, confirmed=True)
def show() -> ResponseReturnValue:
    """Its state, or the picture for the telephone."""
    return _page(CodeForm())


def _page(form: CodeForm) -> str:
    me = require_person()
    with store_of().read() as rows:
        state = second_factors.second_factor_state(rows, me.id)
        secret = second_factors.pending_secret(rows, me.id)
    picture, spelled = Markup(), ""
    if secret is not None:
        address = second_factors.otpauth_url(secret, me.login, f"Portevoix {settings_of().town_name}")
        # Our own drawing, of an address made here: nothing in it is anybody's text.
        picture = Markup(segno.make(address, error="m").svg_inline(scale=5, dark="#000", light="#fff"))  # noqa: S704
        spelled = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return render_template("second_factor.html", form=form, state=state, picture=picture, secret=spelled)


@pages.post("/account/second-factor/begin")
@allow(*Role, confirmed=True)
def begin() -> ResponseReturnValue:
    """Make a secret for the telephone to read."""
    with store_of().write() as rows:
        second_factors.begin_enrolment(rows, require_person().id)
    return redirect(url_for("second_factor.show"))


@pages.post("/account/second-factor")
@allow(*Role, confirmed=True)
def confirm() -> ResponseReturnValue:
    """Have codes asked for from now on, and show the recovery codes; other sessions end."""
    me, form = require_person(), CodeForm()
    if not form.validate():
        return _page(form), 422
    try:
        with store_of().write() as rows:
            codes = second_factors.confirm_enrolment(rows, me.id, form.code.data, utc_now())
            if codes is not None:
                sign_in_sessions.end_all_sessions(rows, me.id, but=me.session_id)
    except NoSecondFactor:
        return redirect(url_for("second_factor.show"))
    if codes is None:
        form.code.errors = [_("This is not the right code. Look again: it changes every half minute.")]
        return _page(form), 422
    return render_template("recovery_codes.html", codes=codes)


@pages.post("/account/second-factor/codes")
@allow(*Role, confirmed=True)
def renew_codes() -> ResponseReturnValue:
    """New recovery codes in place of those before."""
    with store_of().write() as rows:
        if not second_factors.is_second_factor_on(rows, require_person().id):
            return redirect(url_for("second_factor.show"))
        codes = second_factors.new_recovery_codes(rows, require_person().id)
    return render_template("recovery_codes.html", codes=codes)


@pages.post("/account/second-factor/remove")
@allow(*Role, confirmed=True)
def remove() -> ResponseReturnValue:
    """Ask for no codes from now on."""
    with store_of().write() as rows:
        second_factors.remove_codes(rows, require_person().id)
        still = second_factors.is_second_factor_on(rows, require_person().id)
    told = (
        _("From now on your security key is asked for.") if still else _("From now on the password alone is asked for.")
    )
    flash(told, "success")
    return redirect(url_for("account.show"))
