"""What a link that opens once leads to: the first account of an installation, or a password of one's own."""

from __future__ import annotations

from flask import Blueprint, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from inbox.accounts import one_time_links, passwords
from inbox.accounts.one_time_links import LinkExpired
from inbox.accounts.staff import LoginTaken
from inbox.models.column_types import utc_now
from inbox.web.accounts.account_forms import ChoosePasswordForm, SetUpForm
from inbox.web.accounts.code_pages import admit
from inbox.web.base.app_context import store_of
from inbox.web.base.error_pages import error_message
from inbox.web.base.guard import public

pages = Blueprint("set_up", __name__)


@pages.get("/set-up/<token>")
@public
def form(token: str) -> ResponseReturnValue:
    """The form of a link, as long as it opens."""
    try:
        with store_of().read() as rows:
            linked = one_time_links.read_link(rows, token, utc_now())
    except LinkExpired:
        return _over()
    if linked.person_id is None:
        return render_template("set_up.html", form=SetUpForm(), linked=linked)
    return render_template("set_up.html", form=ChoosePasswordForm(), linked=linked)


@pages.post("/set-up/<token>")
@public
def take(token: str) -> ResponseReturnValue:
    """Make the first account, or set the password, and sign in."""
    try:
        with store_of().read() as rows:
            linked = one_time_links.read_link(rows, token, utc_now())
        form = SetUpForm() if linked.person_id is None else ChoosePasswordForm()
        form.owner = form.login.data if isinstance(form, SetUpForm) else linked.login
        if not form.validate():
            return render_template("set_up.html", form=form, linked=linked), 422
        password = passwords.hash_password(form.password.data, form.owner)
        with store_of().write() as rows:
            if isinstance(form, SetUpForm):
                person = one_time_links.create_first_account(
                    rows, token, form.login.data, form.name.data, password, utc_now()
                )
            else:
                person = one_time_links.accept_invitation(rows, token, password, utc_now())
    except LinkExpired:
        return _over()
    except LoginTaken as error:
        form.login.errors = [error_message(error)]
        return render_template("set_up.html", form=form, linked=linked), 422
    flash(_("Welcome. You are signed in; from now on, with your name and this password."), "success")
    return admit(person, None)


def _over() -> ResponseReturnValue:
    page = render_template(
        "error.html",
        problem=_("This link does not open any more"),
        remedy=_("Each link opens once, and for a few days only. Ask your administrator for a new one."),
        typed="",
    )
    return page, 404
