"""The first page: where each role begins."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from inbox.web.base.guard import current_person, public
from inbox.web.base.navigation import menu

pages = Blueprint("home", __name__)


@pages.get("/")
@public
def start() -> ResponseReturnValue:
    """Send people to the first page of their menu, strangers to the sign-in."""
    if current_person() is None:
        return redirect(url_for("sign_in.form"))
    entries = menu()
    return redirect(entries[0].url if entries else url_for("sign_in.form"))
