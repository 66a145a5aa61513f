"""Beginning afresh, in a copy to practise on."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from config.enums import Role
from inbox.web.base.app_context import settings_of
from inbox.web.base.guard import allow

blueprint = Blueprint("practice", __name__)


@blueprint.post("/practice/afresh")
@allow(*Role)
def begin_afresh() -> ResponseReturnValue:
    """Have the copy emptied of what was done in it, and filled as at first; 404 where real contributions arrive."""
    settings = settings_of()
    if not settings.practice:
        abort(404)
    settings.afresh_mark.touch()
    return render_template("gateway/town/afresh.html")
