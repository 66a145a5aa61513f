"""The town's logo: handed in, shown beside its name, taken away."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from config.enums import Role
from gateway.web import settings_refresh
from inbox.administration import town_logo
from inbox.administration.town_logo import Logo
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import allow, public, require_person

blueprint = Blueprint("logo", __name__)

LARGEST = 300_000
"""Bytes."""
_BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
"""Pictures that no program of ours has to open: the browser shows them, as itself."""


@blueprint.get("/town-logo")
@public
def show() -> ResponseReturnValue:
    """The picture."""
    with store_of().read() as session:
        found = town_logo.read_logo(session)
    if found is None:
        abort(404)
    response = Response(found.content, mimetype=found.mimetype)
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@blueprint.post("/settings/town/logo")
@allow(Role.ADMINISTRATOR)
def keep() -> ResponseReturnValue:
    """Keep a PNG or JPEG as the logo, or take the logo away."""
    file = request.files.get("logo")
    content = file.stream.read(LARGEST + 1) if file else b""
    if "remove" in request.form:
        _replace(None)
        flash(_("The logo is gone."), "success")
    elif not content:
        flash(_("Choose at least one file."), "error")
    elif len(content) > LARGEST:
        flash(_("This picture is too large: at most 300 kB."), "error")
    elif (kind := next((kind for start, kind in _BEGINNINGS.items() if content.startswith(start)), None)) is None:
        flash(_("This is no PNG or JPEG picture."), "error")
    else:
        _replace(Logo(kind, content))
        flash(_("The logo is kept."), "success")
    return redirect(url_for("town_settings.town", _anchor="outcome"))


def _replace(logo: Logo | None) -> None:
    with store_of().write() as session:
        town_logo.replace_logo(session, logo, require_person().id)
    settings_refresh.refresh_settings()
