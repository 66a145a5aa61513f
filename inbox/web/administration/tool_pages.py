"""The town's tools: tokens with which programs ask the API, and addresses that are told what happens."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from config.enums import Role
from inbox.accounts import api_tokens
from inbox.accounts.api_tokens import ApiRight
from inbox.administration import webhooks
from inbox.models.column_types import utc_now
from inbox.web.base.app_context import store_of
from inbox.web.base.guard import allow, require_person
from inbox.web.base.labels import Label

pages = Blueprint("tools", __name__)

LONGEST_NAME, LONGEST_ADDRESS = 64, 500
RIGHTS: dict[ApiRight, Label] = {
    ApiRight.READ: _l("read"),
    ApiRight.ANSWER: _l("answer"),
    ApiRight.EXPORT: _l("export all at once"),
    ApiRight.FAULTS: _l("hand in faults, and say what became of them (Open311)"),
}
STEPS = ("rotate", "again", "remove")


@pages.get("/settings/tools")
@allow(Role.ADMINISTRATOR)
def index() -> ResponseReturnValue:
    """Both lists."""
    return _page({}, "", "")


@pages.post("/settings/tools/tokens")
@allow(Role.ADMINISTRATOR)
def add_token() -> ResponseReturnValue:
    """Make a token; the page shows it this once."""
    name, role = " ".join(request.form.get("name", "").split()), request.form.get("role", "")
    if not name or len(name) > LONGEST_NAME:
        return _page({"name": _("Write which program it is for, in at most 64 characters.")}, "", ""), 422
    if role not in [one.value for one in api_tokens.ROLES]:
        abort(400)
    rights = [one for one in ApiRight if one.value in request.form.getlist("rights")]
    if not api_tokens.RIGHTS[Role(role)].intersection(rights):
        return _page(
            {"rights": _("Choose what it may do; a centre’s program reads and hands in faults only.")}, "", ""
        ), 422
    with store_of().write() as session:
        token = api_tokens.create_token(session, name, Role(role), require_person().id, rights)
    return _page({}, token, "")


@pages.post("/settings/tools/tokens/<int:token_id>/revoke")
@allow(Role.ADMINISTRATOR)
def revoke(token_id: int) -> ResponseReturnValue:
    """Let a token open nothing any more."""
    with store_of().write() as session:
        if not api_tokens.revoke_token(session, token_id, require_person().id, utc_now()):
            abort(404)
    flash(_("The token opens nothing any more."), "success")
    return redirect(url_for("tools.index"))


@pages.post("/settings/tools/webhooks")
@allow(Role.ADMINISTRATOR)
def add_webhook() -> ResponseReturnValue:
    """Have an address told; the page shows its secret this once."""
    url = request.form.get("url", "").strip()
    if not _is_address(url):
        return _page({"url": _("Write an address that begins with https://.")}, "", ""), 422
    with store_of().write() as session:
        _id, secret = webhooks.add_webhook(session, url, require_person().id)
    return _page({}, "", secret)


@pages.post("/settings/tools/webhooks/<int:webhook_id>/<step>")
@allow(Role.ADMINISTRATOR)
def act(webhook_id: int, step: str) -> ResponseReturnValue:
    """Give it a new secret, call again what was given up, or tell it nothing any more."""
    if step not in STEPS:
        abort(404)
    with store_of().write() as session:
        if step == "rotate":
            secret = webhooks.rotate_secret(session, webhook_id, require_person().id)
        elif step == "again":
            webhooks.retry_failed_calls(session, webhook_id)
        elif not webhooks.end_webhook(session, webhook_id, require_person().id):
            abort(404)
    if step != "rotate":
        flash(_("It is done."), "success")
        return redirect(url_for("tools.index"))
    if secret is None:
        abort(404)
    return _page({}, "", secret)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        hosted = bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False
    return parts.scheme in ("https", "http") and hosted and "@" not in parts.netloc and len(url) <= LONGEST_ADDRESS


def _page(problems: dict[str, str], token: str, secret: str) -> str:
    with store_of().read() as session:
        tokens = api_tokens.all_tokens(session)
        told = webhooks.list_webhooks(session)
        for one in tokens:
            session.expunge(one)
    return render_template(
        "administration/tools.html",
        tokens=tokens,
        webhooks=told,
        roles=[role.value for role in api_tokens.ROLES],
        rights=RIGHTS,
        problems=problems,
        new_token=token,
        new_secret=secret,
    )
