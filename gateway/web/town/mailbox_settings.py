"""Mailboxes: where mails arrive and receipts leave, with a sign-in tried and a test mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from config.enums import Role
from config.settings.loader import SettingsError
from config.settings.sections.mail_section import Mailbox
from gateway.web import settings_refresh
from gateway.web.settings_refresh import live_settings
from gateway.web.town import setting_values
from gateway.web.town.errand_words import shown_errand
from gateway.web.town.setting_fields import MAILBOX, OUTGOING_MAIL
from gateway.web.town.setting_values import KEEP
from gateway.web.town.town_settings import save_settings
from inbox.administration import errands, stored_settings
from inbox.administration.errands import ErrandKind
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import allow, require_person

blueprint = Blueprint("mailbox_settings", __name__, template_folder="../../templates")

NEW: Mapping[str, Any] = {"port": 993, "tls": "ssl", "folders": ["INBOX"]}


def _stored() -> list[dict[str, Any]]:
    with store_of().read() as session:
        return list(stored_settings.read_stored_settings(session).get("mailboxes") or [])


@blueprint.route("/settings/mailboxes", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
def index() -> ResponseReturnValue:
    """Every mailbox, and the server from which receipts leave."""
    if request.method == "GET":
        return _overview({})
    problems = save_settings(setting_values.parse_boxes(OUTGOING_MAIL, request.form, settings_of().region))
    if problems:
        return _overview(problems, request.form), 422
    flash(_("Saved. It holds at once here; what runs beside takes it up within half a minute."), "success")
    return redirect(url_for("mailbox_settings.index", _anchor="outcome"))


def _overview(problems: Mapping[str, str], typed: Mapping[str, str] | None = None) -> str:
    settings, outside = settings_of(), live_settings().outside
    ours = {str(one.get("name", "")).casefold() for one in _stored()}
    with store_of().read() as session:
        checks = {}
        for mailbox in settings.mailboxes:
            checked = errands.newest_errands(session, ErrandKind.CHECK_MAILBOX, mailbox.name)
            checks[mailbox.name] = shown_errand(checked[0]) if checked else None
        test = errands.newest_errands(session, ErrandKind.TEST_MAIL)
    return render_template(
        "gateway/town/mailboxes.html",
        name="mailboxes",
        mailboxes=settings.mailboxes,
        ours=ours,
        checks=checks,
        groups=[(group, setting_values.setting_boxes(group, settings, outside)) for group in OUTGOING_MAIL],
        problems=problems,
        typed=typed,
        settings=settings,
        test=shown_errand(test[0]) if test else None,
    )


@blueprint.route("/settings/mailboxes/new", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
def add() -> ResponseReturnValue:
    """A further mailbox."""
    if request.method == "GET":
        return _form(NEW, None, {})
    return _keep(None)


@blueprint.route("/settings/mailboxes/<name>", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
def edit(name: str) -> ResponseReturnValue:
    """One mailbox of the pages; its password can be written, not read."""
    found = _find(_stored(), name)
    return _form(found, name, {}) if request.method == "GET" else _keep(name)


@blueprint.post("/settings/mailboxes/<name>/remove")
@allow(Role.ADMINISTRATOR)
def remove(name: str) -> ResponseReturnValue:
    """Watch a mailbox no longer; what came from it stays."""
    left = [one for one in _stored() if one is not None and str(one.get("name")).casefold() != name.casefold()]
    with store_of().write() as session:
        stored_settings.save_stored_settings(session, {"mailboxes": left or None}, require_person().id)
    settings_refresh.refresh_settings()
    flash(_("%(name)s is watched no longer. What came from it stays.", name=name), "success")
    return redirect(url_for("mailbox_settings.index", _anchor="outcome"))


def _find(stored: list[dict[str, Any]], name: str) -> dict[str, Any]:
    found = next((one for one in stored if str(one.get("name")).casefold() == name.casefold()), None)
    if found is None:
        abort(404)
    return found


def _keep(name: str | None) -> ResponseReturnValue:
    stored = _stored()
    kept = _find(stored, name) if name is not None else {}
    said = setting_values.parse_boxes(MAILBOX, request.form, settings_of().region)
    table = {**kept, **{path: value for path, value in said.items() if value is not KEEP}}
    table = {path: value for path, value in table.items() if value not in (None, "", [])}
    others = [one for one in stored if one is not kept]
    # Its place in the list stays: processes are named by it.
    place = stored.index(kept) if kept else len(others)
    mailboxes = [*others[:place], table, *others[place:]]
    problems = _problems(mailboxes)
    if not problems and not kept and _is_known(str(table.get("name", ""))):
        problems = {"name": _("This mailbox is watched already.")}
    if problems:
        return _form({**table, "password": kept.get("password")}, name, problems), 422
    with store_of().write() as session:
        stored_settings.save_stored_settings(session, {"mailboxes": mailboxes}, require_person().id)
        errands.request_errand(session, ErrandKind.CHECK_MAILBOX, about=table["name"], by=require_person().id)
    settings_refresh.refresh_settings()
    flash(_("Saved. The sign-in is being tried."), "success")
    return redirect(url_for("mailbox_settings.index", _anchor="outcome"))


def _is_known(name: str) -> bool:
    return name.casefold() in {one.name.casefold() for one in settings_of().mailboxes}


def _problems(mailboxes: list[dict[str, Any]]) -> dict[str, str]:
    """What is wrong with one of the mailboxes, by the name of its box."""
    outside = live_settings().outside
    with store_of().read() as session:
        stored = stored_settings.read_stored_settings(session)
    try:
        outside.settings({**stored, "mailboxes": mailboxes})
    except SettingsError as error:
        told = setting_values.problems_by_box(error.problems)
        return {
            path.removeprefix("mailboxes.").removeprefix("mailboxes") or "name": said for path, said in told.items()
        }
    return {}


def _form(table: Mapping[str, Any], name: str | None, problems: Mapping[str, str]) -> str:
    usual = {field: None if info.is_required() else info.default for field, info in Mailbox.model_fields.items()}
    return render_template(
        "gateway/town/mailbox.html",
        mailbox=name,
        groups=[(group, setting_values.setting_boxes(group, {**usual, **table}, None)) for group in MAILBOX],
        problems=problems,
    )
