"""Kinds that machines suggest on published texts: a person keeps each, or throws it away."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from config.enums import ContributionKind, Role
from config.sense_states import KINDS_OF
from inbox.errors import InboxError
from inbox.reports import kind_suggestions
from inbox.web.base.app_context import store_of
from inbox.web.base.error_pages import error_message
from inbox.web.base.guard import allow, require_person
from inbox.web.base.row_ids import number_in
from inbox.web.reports import report_loading
from inbox.web.reports.report_labels import FACETS, KINDS

pages = Blueprint("kinds", __name__)

_SHOWN = 30


def _kind(name: str) -> ContributionKind:
    if name not in set(ContributionKind):
        abort(404)
    return ContributionKind(name)


@pages.get("/reports/<slug>/kinds/<name>")
@allow(Role.MODERATOR, Role.ADMINISTRATOR)
def index(slug: str, name: str) -> ResponseReturnValue:
    """What is suggested to be of one kind."""
    kind = _kind(name)
    with store_of().read() as rows:
        consultation_id = report_loading.consultation_or_404(rows, slug).consultation_id
        suggested, count = kind_suggestions.open_suggestions(rows, consultation_id, kind, _SHOWN)
    return render_template(
        "kinds.html",
        slug=slug,
        kind=kind,
        kinds=KINDS,
        facets=FACETS,
        kinds_of=KINDS_OF,
        suggested=suggested,
        count=count,
    )


@pages.post("/reports/<slug>/kinds/<name>")
@allow(Role.MODERATOR, Role.ADMINISTRATOR)
def decide(slug: str, name: str) -> ResponseReturnValue:
    """Keep or throw away; several at once where they were ticked."""
    kind, keep = _kind(name), request.form.get("do") == "keep"
    one = number_in(request.form, "contribution")
    chosen = [one] if one is not None else [int(each) for each in request.form.getlist("ticked") if each.isdecimal()]
    try:
        with store_of().write() as rows:
            for contribution_id in chosen[:_SHOWN]:
                kind_suggestions.decide_kind(rows, contribution_id, kind, require_person().id, keep=keep)
    except InboxError as error:
        flash(error_message(error), "error")
    else:
        flash(_("Kept.") if keep else _("Thrown away."), "success")
    return redirect(url_for("kinds.index", slug=slug, name=name, _anchor="outcome"))
