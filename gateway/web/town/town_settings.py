"""The settings pages: the town, the telephone, who is told. What the settings file says is shown locked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from channels.providers.registry import call_provider
from config.enums import Channel, Role
from config.settings.loader import SettingsError
from config.wording.consultation_writing import tables_as_toml
from gateway.web import settings_refresh
from gateway.web.settings_refresh import live_settings
from gateway.web.town import setting_values
from gateway.web.town.errand_words import shown_errand
from gateway.web.town.setting_fields import ALERTS, TELEPHONE, TOWN, SettingGroup
from inbox.administration import errands, stored_settings, town_logo
from inbox.administration.errands import ErrandKind
from inbox.records import intake_lookup
from inbox.web.base.app_context import settings_of, store_of
from inbox.web.base.guard import allow, require_person

blueprint = Blueprint("town_settings", __name__, template_folder="../../templates")


@blueprint.route("/settings/town", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
def town() -> ResponseReturnValue:
    """The town's name, address, and what new consultations begin with."""
    if request.method == "POST":
        return _save(TOWN, "town")
    return settings_page(TOWN, "town", {})


@blueprint.route("/settings/telephone", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
def telephone() -> ResponseReturnValue:
    """The provider, the numbers, and whether it works."""
    if request.method == "POST":
        return _save(TELEPHONE, "telephone")
    return settings_page(TELEPHONE, "telephone", {})


@blueprint.route("/settings/alerts", methods=["GET", "POST"])
@allow(Role.ADMINISTRATOR)
def alerts() -> ResponseReturnValue:
    """Who is told when something is wrong, and from when on."""
    if request.method == "POST":
        return _save(ALERTS, "alerts")
    return settings_page(ALERTS, "alerts", {})


def _save(groups: tuple[SettingGroup, ...], name: str) -> ResponseReturnValue:
    said = setting_values.parse_boxes(groups, request.form, settings_of().region)
    if said.get("public_url") and not live_settings().outside.says("web.secure_cookies"):
        # Whoever signs in by http, as on the machine itself, would never come in again with a cookie for https only.
        said["web.secure_cookies"] = request.is_secure
    problems = save_settings(said)
    if problems:
        return settings_page(groups, name, problems, typed=request.form), 422
    flash(_("Saved. It holds at once here; what runs beside takes it up within half a minute."), "success")
    return redirect(url_for(f"town_settings.{name}", _anchor="outcome"))


def save_settings(said: Mapping[str, Any]) -> dict[str, str]:
    """Store settings, by path, or say what is wrong with which of them."""
    outside = live_settings().outside
    with store_of().read() as session:
        stored = stored_settings.read_stored_settings(session)
    changes = setting_values.changed_settings(stored, said, outside)
    try:
        outside.settings(setting_values.merge_settings(stored, changes))
    except SettingsError as error:
        return setting_values.problems_by_box(error.problems)
    with store_of().write() as session:
        stored_settings.save_stored_settings(session, changes, require_person().id)
    settings_refresh.refresh_settings()
    return {}


def _has_logo() -> bool:
    with store_of().read() as session:
        return town_logo.logo_changed_at(session) is not None


_BY_TELEPHONE = (Channel.VOICEMAIL, Channel.SMS)


def settings_page(
    groups: tuple[SettingGroup, ...], name: str, problems: Mapping[str, str], typed: Mapping[str, str] | None = None
) -> str:
    """A settings page; with ``typed`` what somebody typed stands in the boxes."""
    settings, outside = settings_of(), live_settings().outside
    kinds = {"telephone": ErrandKind.TEST_TEXT, "alerts": ErrandKind.TEST_MAIL}
    with store_of().read() as session:
        test = errands.newest_errands(session, kinds[name])[:1] if name in kinds else []
        called = errands.newest_errands(session, ErrandKind.TEST_CALL)[:1] if name == "telephone" else []
        came = {one: intake_lookup.last_came(session, one) for one in _BY_TELEPHONE} if name == "telephone" else {}
    return render_template(
        f"gateway/town/{name}.html",
        logo=url_for("logo.show") if name == "town" and _has_logo() else None,
        name=name,
        groups=[(group, setting_values.setting_boxes(group, settings, outside)) for group in groups],
        problems=problems,
        typed=typed,
        settings=settings,
        test=shown_errand(test[0]) if test else None,
        test_call=shown_errand(called[0]) if called else None,
        calls_out=call_provider(settings).places_calls,
        last_call=came.get(Channel.VOICEMAIL),
        last_text=came.get(Channel.SMS),
    )


@blueprint.get("/settings/portevoix.toml")
@allow(Role.ADMINISTRATOR)
def export() -> ResponseReturnValue:
    """What was set on the pages, as a settings file would say it; without passwords, which are never read back."""
    with store_of().read() as session:
        stored = stored_settings.read_stored_settings(session)
    text = tables_as_toml(setting_values.without_secrets(stored))
    headers = {"Content-Disposition": 'attachment; filename="portevoix.toml"'}
    return Response(text, mimetype="application/toml", headers=headers)
